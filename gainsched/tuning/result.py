"""Tuning: what a search found, with its trials, baselines, tail and pictures."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import analyze
from gainsched.errors import NoTheory, refusal
from gainsched.gains import Constant
from gainsched.loop import Loop
from gainsched.param import Spec
from gainsched.strict import strict
from gainsched.tuning.importance import importance

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from gainsched.analysis import Report

FORMAT = "gainsched tuning 1"
_COLUMNS = ("number", "batch", "phase", "filter", "family", "error", "score", "margin_db", "status", "samples", "note")


@dataclass(frozen=True, eq=False, repr=False)
class Tuning:
    """What `gainsched.tune` found.

    Attributes
    ----------
    loop : Loop
        Fresh, with the gain found.
    report : Report or None
        What theory says of it on the record; None where it says nothing.
    best : dict
        The row of the trial that was chosen.
    baseline : dict
        "default" (the filter's own gain, None where it has none) and "constant" (the best constant): value, error on
        the validation part, error on the tail.
    tail : float
        The chosen loop's error on the held-out tail, unit of d.
    status : str
        "done", or "interrupted" after Ctrl-C.
    warnings : tuple of str
        Each with its figure.
    seed : int
    target : str
        "rms", "mad" or "huber": how errors became one number.
    ports : tuple of str
        What was tuned: "gain", "forgetting".
    curves : dict
        Error power in windows over the whole record, of the best, the default and the constant gain.
    rows : tuple of dict
        What `trials` shows, a row per trial.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> rng = np.random.default_rng(0)
    >>> x, v = rng.standard_normal((2, 4000))
    >>> tuning = gs.tune(gs.NLMS(4), x, np.convolve(x, [1.0, -0.5])[:4000] + 0.3 * v, workers=1)
    >>> 0 < tuning.gain < 0.1, tuning.best["error"] < tuning.baseline["default"]["error"]
    (True, True)
    """

    loop: Loop
    report: Report | None
    best: dict[str, Any]
    baseline: dict[str, Any]
    tail: float
    status: str
    warnings: tuple[str, ...]
    seed: int
    target: str
    ports: tuple[str, ...]
    curves: dict[str, Any]
    rows: tuple[dict[str, Any], ...] = field(repr=False)

    @property
    def gain(self) -> Any:
        """The value of the tuned port, a number, schedule or law; of several, a dict by name."""
        values = {name: getattr(self.loop, name) for name in self.ports}
        plain = {name: value.value if isinstance(value, Constant) else value for name, value in values.items()}
        return plain[self.ports[0]] if len(self.ports) == 1 else plain

    @property
    def trials(self) -> pd.DataFrame:
        """All trials as a pandas table, in the order in which they ran."""
        import pandas as pd

        searched = dict.fromkeys(name for row in self.rows for name in row["params"])
        flat = [{**{k: v for k, v in row.items() if k != "params"}, **row["params"]} for row in self.rows]
        return pd.DataFrame(flat, columns=[*_COLUMNS[:5], *searched, *_COLUMNS[5:]])

    @property
    def pareto(self) -> pd.DataFrame:
        """Trials that no other beats in both error and gain margin, from the lowest error on."""
        rows = [r for r in self.rows if r["status"] == "done" and math.isfinite(r["margin_db"])]
        front: list[int] = []
        reached = -math.inf
        for r in sorted(rows, key=lambda r: (r["error"], -r["margin_db"], r["number"])):
            if r["margin_db"] > reached:
                front.append(r["number"])
                reached = r["margin_db"]
        return self.trials.set_index("number").loc[front].reset_index()

    @property
    def importance(self) -> dict[str, float]:
        """Share of each parameter in the variance of the log score, each by itself; they add up to 1."""
        rows = [r for r in self.rows if r["family"] == self.best["family"] and r["filter"] == self.best["filter"]
                and set(r["params"]) == set(self.best["params"])]
        return importance([r["params"] for r in rows], [r["score"] for r in rows])

    def to_dict(self) -> dict[str, Any]:
        """Everything but the plots, for strict JSON: what is not finite is None."""
        loop = self.loop
        sources = {name: _written(name, getattr(loop, name)) for name in loop.filter.ports}
        made = loop.__getstate__()
        found: dict[str, Any] = strict({
            "format": FORMAT, "filter": loop.filter.to_dict(), "sources": sources, "ports": self.ports,
            "compensator": None if loop.compensator is None else loop.compensator.to_dict(),
            "nonfinite": loop.nonfinite, "limit": made["limit"], "w0": _numbers(made["w0"]),
            "gain": repr(self.gain), "status": self.status, "seed": self.seed, "target": self.target,
            "best": self.best, "baseline": self.baseline, "tail": self.tail, "warnings": self.warnings,
            "importance": self.importance,
            "report": None if self.report is None else self.report.to_dict(), "curves": self.curves,
            "trials": self.rows})
        return found

    def save(self, path: str | Path) -> None:
        """Write everything as JSON; `Tuning.load` brings it back.

        Parameters
        ----------
        path : str or Path
            The file; what it held is replaced.
        """
        Path(path).write_text(json.dumps(self.to_dict(), allow_nan=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path, x: ArrayLike | None = None, d: ArrayLike | None = None) -> Tuning:
        """Read what `save` wrote; nothing in it is evaluated.

        Parameters
        ----------
        path : str or Path
        x, d : arrays, optional
            The record: with it the report is worked out anew, without there is none.

        Returns
        -------
        Tuning

        Raises
        ------
        ValueError
            When the file holds something else.
        """
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError(refusal("Tuning.load: path", str(path), f"must hold a {FORMAT!r}"))
        sources: dict[str, Any] = {name: value if isinstance(value, int | float) else Spec.from_dict(value)
                   for name, value in data["sources"].items()}
        between = data["compensator"]
        w0 = data["w0"]
        loop = Loop(Spec.from_dict(data["filter"]), **sources, nonfinite=data["nonfinite"], limit=data["limit"],
                    w0=np.array(w0["re"]) + 1j * np.array(w0["im"]) if isinstance(w0, dict) else w0,
                    compensator=None if between is None else Spec.from_dict(between))
        rows = tuple(_read(row) for row in data["trials"])
        return cls(loop, None if x is None else reported(loop, x, d), _read(data["best"]), data["baseline"],
                   math.nan if data["tail"] is None else data["tail"], data["status"], tuple(data["warnings"]),
                   data["seed"], data["target"], tuple(data["ports"]), data["curves"], rows)

    def plot(self, kind: str = "slice", *, ax: Any = None) -> Any:
        """Draw the search; returns the matplotlib Axes.

        Parameters
        ----------
        kind : {"slice", "contour", "parallel", "learning", "pareto"}
            Error against the most important parameter; over the two most important; all parameters side by side;
            error power over time beside the baselines; error against gain margin.
        ax : matplotlib Axes, optional
            Draw here.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        ValueError
            For another kind, or "pareto" where no trial has a margin.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> x, v = np.random.default_rng(0).standard_normal((2, 4000))
        >>> gs.tune(gs.NLMS(4), x, x + 0.3 * v, workers=1).plot("slice").get_xlabel()
        'gain'
        """
        from gainsched.plot.tuned import tuned

        return tuned(self, kind, ax=ax)

    def lines(self) -> list[tuple[str, str]]:
        """What `print` shows, as pairs."""
        gain = f"{self.gain:.6g}" if isinstance(self.gain, float) else repr(self.gain)
        found = [("filter", repr(self.loop.filter)), (" and ".join(self.ports), gain),
                 (f"error ({self.target})", (f"{self.best['error']:.5g} on the validation part, "
                                            f"{self.tail:.5g} on the held-out tail"))]
        for name, base in self.baseline.items():
            if base is not None:
                tail = "" if base["tail"] is None else f", {base['tail']:.5g} on the tail"
                found.append((f"{name} {base['value']}", f"{base['error']:.5g}{tail}"))
        done = sum(row["status"] == "done" for row in self.rows)
        found.append(("trials", f"{len(self.rows)}, {done} to the end; seed {self.seed}, {self.status}"))
        if self.report is not None:
            found.append(("verdict", f"{self.report.verdict}: {self.report.sentence}"))
        return found + [("warning", text) for text in self.warnings]

    def __str__(self) -> str:
        lines = self.lines()
        width = max(len(name) for name, _ in lines) + 2
        return "\n".join(f"{name:<{width}}{value}" for name, value in lines)

    def __repr__(self) -> str:
        return (f"<Tuning: {' and '.join(self.ports)} {self.gain!r} for {self.loop.filter!r}, error "
                f"{self.best['error']:.5g} after {len(self.rows)} trials, {self.status}>")


def reported(loop: Loop, x: ArrayLike, d: ArrayLike | None) -> Report | None:
    """What theory says of a loop on a record; None where the record does not serve it."""
    try:
        return analyze(loop, x=x, d=d)
    except (NoTheory, ValueError, MemoryError):
        return None


def _written(name: str, source: Any) -> Any:
    if isinstance(source, Constant):
        return source.value
    if not isinstance(source, Spec):
        raise ValueError(refusal(f"Tuning: {name}", source, "must be a number, a schedule or a law to be written"))
    return source.to_dict()


def _numbers(w: NDArray[Any]) -> Any:
    return {"re": w.real.tolist(), "im": w.imag.tolist()} if np.iscomplexobj(w) else w.tolist()


def _read(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it was: what is None was infinite where the loop diverged, else unknown."""
    lost = math.inf if row["status"] in ("diverged", "refused") else math.nan
    filled = {name: lost if row[name] is None else row[name] for name in ("error", "score")}
    return {**row, **filled, "margin_db": math.nan if row["margin_db"] is None else row["margin_db"]}
