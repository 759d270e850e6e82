"""One search: its record, its bench, and how candidates are made."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from gainsched.excitation import Excitation
from gainsched.tuning.scale import Sizes, sizes
from gainsched.tuning.space import CONSTANT, Dimension, dimensions
from gainsched.tuning.trials import Bench, Candidate, Trial, best_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gainsched.filters import Filter
    from gainsched.tuning.ledger import Ledger
    from gainsched.tuning.objective import Segment
    from gainsched.tuning.split import Split
    from gainsched.tuning.workers import Work


class Job:
    """What `tune` asks for, measured once: excitation and sizes of every filter are kept."""

    def __init__(self, parts: Split, segment: Segment, work: Work, options: dict[str, Any], *,
                 margin_db: float | None, margins: bool, ledger: Ledger | None,
                 told: Callable[[int, str], None]) -> None:
        self.parts, self.options, self.ledger, self.robust = parts, options, ledger, segment.robust
        self.told = told
        self.x, self.d = segment.x, segment.d
        self._excitations: dict[Filter, Excitation] = {}
        self._sizes: dict[Filter, Sizes] = {}
        self.margin_db = margin_db
        self.bench = Bench(segment, work, options, margin_db=margin_db, margins=margins,
                           excitation=self.excitation, learned=self._learned,
                           known={} if ledger is None else ledger.scores())

    def excitation(self, filter: Filter) -> Excitation:
        """Statistics of the record without its tail, for a filter's model."""
        if filter not in self._excitations:
            self._excitations[filter] = Excitation.from_data(self.x, self.d, model=filter.model)
        return self._excitations[filter]

    def sizes(self, filter: Filter) -> Sizes:
        """Ranges and powers for a filter."""
        if filter not in self._sizes:
            self._sizes[filter] = sizes(filter, self.x, self.d, self.options["compensator"])
        return self._sizes[filter]

    def informed(self, filter: Filter, constant: Trial | None) -> Sizes:
        """Sizes with the error and the weights that the best constant gain reached."""
        found = self.sizes(filter)
        return found if constant is None else dataclasses.replace(found, error=constant.error**2,
                                                                  weight=constant.weight)

    # -- candidates --------------------------------------------------------------------------------------------

    def default(self, filter: Filter, ports: tuple[str, ...]) -> Candidate | None:
        """The filter's own gain; None where it has none."""
        if "gain" in filter.ports and filter.default_gain is None:
            return None
        values = {name: filter.default_gain if name == "gain" else 1.0 for name in ports}
        return Candidate(filter, CONSTANT, "default", values, values, f"default|{filter!r}")

    def constant(self, filter: Filter, port: str) -> tuple[Dimension, Callable[[float], Candidate], dict[float, float]]:
        """The dimension of a port's constants, the candidate at a coordinate, and what the default gain told."""
        _low, high = self.sizes(filter).level(port)
        (dimension,) = dimensions(CONSTANT, port, self.sizes(filter), high)

        def candidate(z: float) -> Candidate:
            value = dimension.value(z)
            return Candidate(filter, CONSTANT, "line", {port: value}, {port: value}, f"line|{filter!r}|{port}={z!r}")

        seen = {self.coordinate(t, port): t.score for t in self.bench.trials
                if t.phase == "default" and t.filter == filter and len(t.params) == 1 and self.coordinate(t, port) > 0}
        return dimension, candidate, seen

    def coordinate(self, trial: Trial, port: str) -> float:
        """Where a constant stands on its dimension."""
        value = float(trial.ports[port])
        if port != "forgetting":
            return value
        longest = self.sizes(trial.filter).level(port)[1]
        return longest if value >= 1.0 else min(1.0 / (1.0 - value), longest)

    def combined(self, filter: Filter, families: dict[str, Any], found: Sizes,
                 level: float) -> tuple[str, tuple[Dimension, ...], Callable[[dict[str, Any]], Candidate]]:
        """Label, dimensions and candidate of one family per port."""
        names = [f if isinstance(f, str) else f.__name__ for f in families.values()]
        single = len(families) == 1
        family = names[0] if single else ", ".join(f"{p} {n}" for p, n in zip(families, names, strict=True))
        label = f"{filter!r} {family}"
        spaces = {}
        for i, (port, cls) in enumerate(families.items()):
            start = level if i == 0 else found.level(port)[1]
            spaces[port] = dimensions(cls, port, found, start)

        def title(port: str, name: str) -> str:
            return name if single or families[port] == CONSTANT else f"{port}.{name}"

        def build(z: dict[str, Any]) -> Candidate:
            key = f"sample|{label}|{json.dumps(z, sort_keys=True)}"
            params: dict[str, Any] = {}
            ports: dict[str, Any] = {}
            note = ""
            for port, cls in families.items():
                values: dict[str, Any] = {}
                for d in spaces[port]:
                    value = d.value(z[title(port, d.name)])
                    values[d.name] = value * values[d.of] if d.of else value
                params.update({title(port, name): value for name, value in values.items()})
                try:
                    ports[port] = values[port] if isinstance(cls, str) else cls(**values)
                except ValueError as refused:                # parameters that do not go together
                    note = " ".join(str(refused).split())
            return Candidate(filter, family, "sample", params, ports, key, note)

        flat = tuple(dataclasses.replace(d, name=title(port, d.name)) for port, space in spaces.items() for d in space)
        return label, flat, build

    def _learned(self, trials: list[Trial]) -> None:
        """Enter what the line search ran, and tell who watches."""
        if self.ledger is not None:
            self.ledger.add([t for t in trials if t.phase != "sample" and t.key not in self.bench.known])
        best = best_of(self.bench.trials)
        self.told(len(trials), "" if best is None else f", best {best.score:.4g}")
