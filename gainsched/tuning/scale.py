"""The sizes of a tuning job: how large a gain may be, how long a memory, and the powers that laws are measured in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import analyze
from gainsched.errors import NoTheory
from gainsched.excitation import Excitation
from gainsched.filters import FxLMS, MITRule
from gainsched.loop import Loop

if TYPE_CHECKING:
    from gainsched.filters import Filter

SHORTEST = 2.0              # samples of memory: forgetting .5, below which RLS holds less than the newest sample
_LONGER = 10.0              # times the record: a memory that no longer forgets within it
_DEEPER = 100.0             # times lower reaches the range there, too: SignSignLMS was best at the end of the other
_UNKNOWN = 20.0             # of the gain's own unit, where theory has no bound: ten times 2 / tr R for LMS


@dataclass(frozen=True)
class Sizes:
    """Ranges of the two ports and the powers of a record.

    Attributes
    ----------
    samples : int
        Of the record that is searched on.
    low, high : float
        Gains: above `high` the loop is unstable; at `low` the fastest mode moves once in the record (where theory has
        no bound, once in a hundred records).
    source : str
        Where `high` comes from.
    power : float
        Mean square of the regressor, all weights together.
    output : float
        Mean square of d.
    error : float
        Mean-square error of the best constant gain.
    weight : float
        Root mean square of that loop's weights.
    """

    samples: int
    low: float
    high: float
    source: str
    power: float
    output: float
    error: float = math.nan
    weight: float = math.nan

    def level(self, port: str) -> tuple[float, float]:
        """Range of a port's own value: of the gain, or of the memory 1 / (1 - forgetting) in samples."""
        return (self.low, self.high) if port == "gain" else (SHORTEST, _LONGER * self.samples)


def sizes(filter: Filter, x: Any, d: Any, compensator: Any = None) -> Sizes:
    """Measure the record and ask the analysis for the stable range.

    Filters that are stable up to a gain of their own whatever the signal (NLMS, APA) need no analysis. Where theory
    has no bound, 20 of the gain's own units are searched: what diverges there scores infinity.
    """
    inputs = np.asarray(x).reshape(len(x), -1)
    finite = inputs[np.isfinite(inputs).all(axis=1)]
    taps = filter.model.n / max(inputs.shape[1], 1)
    power = taps * float(np.mean(np.sum(np.abs(finite) ** 2, axis=1))) if len(finite) else 1.0
    goal = inputs[:, :1] if d is None else np.asarray(d)
    output = float(np.mean(np.abs(goal[np.isfinite(goal)]) ** 2)) if np.isfinite(goal).any() else 1.0
    power, output = power or 1.0, output or 1.0
    high, source, deeper = filter.gain_high, "the filter's own limit", 1.0
    if compensator is not None or not math.isfinite(high):
        found = _range(filter, x, d, compensator, 1e-3 / power)
        if 0 < found < math.inf:
            high, source = min(found, high), "the mean-square stable range"
        elif not math.isfinite(high):
            high, source = _UNKNOWN * _unit(filter, power, output), f"no theory: {_UNKNOWN:g} times {filter.gain_unit}"
            deeper = _DEEPER
    return Sizes(len(x), high / (deeper * len(x)), high, source, power, output)


def _unit(filter: Filter, power: float, output: float) -> float:
    """The unit of a filter's gain, of the powers of regressor and d: a record in other units has the same search.

    Examples
    --------
    >>> import gainsched as gs
    >>> _unit(gs.SignErrorLMS(4), 4.0, 9.0), _unit(gs.LMF(4), 4.0, 9.0) == 1 / 36
    (0.75, True)
    """
    return {"(unit of d)/(power of x)": math.sqrt(output) / power, "1/(unit of x)": 1.0 / math.sqrt(power),
            "unit of the weights": math.sqrt(output / power),
            "1/(power of x times power of d)": 1.0 / (power * output)}.get(filter.gain_unit, 1.0 / power)


def _range(filter: Filter, x: Any, d: Any, compensator: Any, small: float) -> float:
    """The upper end of the stable range at a gain too small to matter; nan where nobody knows."""
    loop = Loop(filter, small, compensator=compensator)
    try:
        if isinstance(filter, FxLMS | MITRule):
            report = analyze(loop, x=x, d=d)
        else:
            report = analyze(loop, Excitation.from_data(x, d, model=filter.model))
    except (NoTheory, ValueError):                         # too short a record, say: the search does without
        return math.nan
    return math.nan if report.range is None or report.port != "gain" else report.range[1]
