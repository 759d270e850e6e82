"""Predicted against measured: a run held against a report's learning curve."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.run import Run

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.analysis.report import Report

    Array = NDArray[np.float64]

_BATCHES = 10                # of a stretch: the spread of their means gives the standard error
_SIGMAS = 3.0
_ROUNDING = 1e-30            # of the largest power: errors of double precision do not fall lower
_FINE = 20_000               # samples of a prediction followed one by one; later ones by interpolation, 1e-4 accurate
_CLOSE = 0.3                 # dB: nearer than this nobody calls it a difference, however long the record


@dataclass(frozen=True, eq=False)
class Agreement:
    """How a run's error power compares with its prediction, stretch by stretch. Made by `Report.compare`.

    Two powers agree where they differ by at most three standard errors of the measured mean, or by 0.3 dB. The standard
    error assumes that e^2 over its prediction is stationary: its variance is that of 10 batch means per stretch, so
    that correlated errors count for what they are, and the median over all stretches, so that a wrong start does not.

    Attributes
    ----------
    start, stop : (M,) arrays
        Samples of the stretch, the last one excluded, on the loop's clock; stretches without data are left out.
    predicted, measured : (M,) arrays
        Mean of e^2, power of d. Skipped and missing samples are left out of both.
    error : (M,) array
        Standard error of `measured`.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x, v = np.random.default_rng(0).standard_normal((2, 20_000))
    >>> loop = gs.Loop(gs.LMS(4), gain=0.02)
    >>> rep = gs.analyze(loop, gs.Excitation(1.0, noise=0.01))
    >>> found = rep.compare(loop.run(x, x + 0.1 * v), windows=2)
    >>> print(found.difference_db.round(1))
    [0.  0.1]
    """

    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    predicted: Array
    measured: Array
    error: Array

    @property
    def difference_db(self) -> Array:
        """Measured over predicted, dB."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(10.0 * np.log10(self.measured / self.predicted))

    @property
    def agrees(self) -> NDArray[np.bool_]:
        """Whether measured and predicted power agree, stretch by stretch."""
        near = np.abs(self.measured - self.predicted) <= _SIGMAS * self.error
        return np.asarray(near | (np.abs(self.difference_db) <= _CLOSE))

    @property
    def sentence(self) -> str:
        """The comparison in one sentence."""
        away = np.flatnonzero(~self.agrees)
        difference = self.difference_db
        if len(away) and away[-1] == len(self.start) - 1:
            worst = away[np.argmax(np.abs(difference[away]))]
            side = "above" if difference[worst] > 0 else "below"
            return (f"measured error power lies {abs(difference[worst]):.2g} dB {side} the prediction in samples "
                    f"{self.start[worst]} to {self.stop[worst] - 1}: something that theory assumes does not hold here")
        first = away[-1] + 1 if len(away) else 0
        rest = np.abs(difference[first:])
        begin = "" if not first else f" from sample {self.start[first]} on"
        return f"measured error power agrees with the prediction{begin}, within {rest.max():.2g} dB"

    def to_dict(self) -> dict[str, Any]:
        """Lists for strict JSON."""
        names = ("start", "stop", "predicted", "measured", "error")
        return {"sentence": self.sentence, **{name: getattr(self, name).tolist() for name in names},
                "agrees": self.agrees.tolist()}

    def __str__(self) -> str:
        head = f"{'samples':>17}  {'predicted':>12}  {'measured':>12}  {'difference':>16}"
        lines = [f"{first:>8}{last - 1:>9}  {power:12.4g}  {found:12.4g}  {apart:+13.2f} dB{'' if near else ' *'}"
                 for first, last, power, found, apart, near in zip(self.start, self.stop, self.predicted, self.measured,
                                                                  self.difference_db, self.agrees, strict=True)]
        return "\n".join([self.sentence, "", head, *lines])


def agreement(report: Report, run: Run, w_opt: ArrayLike | None, w_opt_power: float, windows: int) -> Agreement:
    """See `Report.compare`."""
    if isinstance(windows, bool) or not isinstance(windows, numbers.Integral) or windows < 1:
        raise ValueError(refusal("compare: windows", windows, "must be an integer >= 1"))
    if not isinstance(run, Run):
        raise TypeError(refusal("compare: run", run, "must be a Run", "Try loop.run(x, d)."))
    theory = report._theory
    if run.filter is not None and run.filter != theory.filter:
        raise ValueError(refusal("compare: run", run, f"must be of the analyzed filter, {theory.filter!r}"))
    skip = run.start - theory.drive.first
    if skip < 0:
        raise ValueError(refusal("compare: start of the run", run.start, "must be >= "
                                 f"{theory.drive.first}, where the loop stood when it was analyzed",
                                 "Analyze before the run."))
    length = run.n - (run.stopped_at is not None)
    if length < windows * _BATCHES:
        raise ValueError(refusal("compare: samples of the run", length, f"must be >= {windows * _BATCHES}, 10 per "
                                 "window", "Give fewer windows."))
    predicted = _expected(report, skip + length, w_opt, w_opt_power)[skip:]
    if not predicted.any():
        raise ValueError("compare: the predicted error power is 0 throughout: nothing stands in a ratio to it.")
    predicted = np.maximum(predicted, _ROUNDING * predicted.max())
    power = np.abs(run.e[:length]) ** 2
    if run.skipped is not None:
        power = np.where(run.skipped[:length], np.nan, power)
    edges = np.linspace(0, length, windows + 1).astype(np.int64)
    parts = [(a, b, there) for a, b in pairwise(edges.tolist())
             if (there := np.isfinite(power[a:b])).sum() >= _BATCHES]
    if not parts:
        raise ValueError("compare: fewer than 10 errors of every window exist: nothing to compare.")
    stretches = [(predicted[a:b][there], power[a:b][there]) for a, b, there in parts]
    spread = float(np.median([_spread(found / expected) for expected, found in stretches]))
    return Agreement(
        np.array([run.start + a for a, _, _ in parts]), np.array([run.start + b for _, b, _ in parts]),
        np.array([expected.mean() for expected, _ in stretches]), np.array([found.mean() for _, found in stretches]),
        np.array([math.sqrt(spread * np.sum(expected**2)) / len(expected) for expected, _ in stretches]))


def _expected(report: Report, n: int, w_opt: ArrayLike | None, w_opt_power: float) -> Array:
    """E e^2 of every sample; of a long record the slow rest is interpolated, which saves most of the time."""
    every = n // _FINE
    if every < 2:
        return report.learning_curve(n, w_opt=w_opt, w_opt_power=w_opt_power)
    coarse = report.learning_curve(n, w_opt=w_opt, w_opt_power=w_opt_power, every=every)
    curve = np.interp(np.arange(n), every * np.arange(len(coarse)), coarse)
    curve[:_FINE] = report.learning_curve(_FINE, w_opt=w_opt, w_opt_power=w_opt_power)
    return curve


def _spread(ratio: Array) -> float:
    """Variance per sample of measured over predicted, what neighbors share included: from the means of batches."""
    means = [part.mean() for part in np.array_split(ratio, _BATCHES)]
    return float(np.var(means, ddof=1)) * len(ratio) / _BATCHES
