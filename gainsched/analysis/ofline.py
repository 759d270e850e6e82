"""A loop over a delay line whose covariance says it all: what exact expectation objects to the independence bound."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.delayline import DelayLine
from gainsched.analysis.verdict import UNSTABLE
from gainsched.filters import LMS
from gainsched.models import FIR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.bound import Bound
    from gainsched.analysis.theory import Theory
    from gainsched.analysis.verdict import Verdict

    Array = NDArray[np.float64]

LARGEST = 500               # unknowns: the first report takes a tenth of a second more, the next ones nothing
_WORTH = 1.25               # times the predicted EMSE (1 dB), from which the exact one is worth a warning
_STRUCTURE = 1e-12          # of R[0, 0], within which elements count as equal, or as zero
_FACTOR = 1e-6              # within which a color must give the autocorrelation back (double roots: 1e-8)


@dataclass(frozen=True)
class Line:
    """The exact theory of the delay line that a covariance describes, beside the theory of independent regressors."""

    theory: Theory
    line: DelayLine
    power: float

    @property
    def bound(self) -> Bound:
        """As in `DelayLine.bound`, for this power."""
        return replace(self.line.bound, value=self.line.bound.value / self.power)

    @cached_property
    def gain(self) -> float:
        """What the bound is asked about: the gain in the long run, the largest one where it has no limit or ends."""
        drive = self.theory.drive
        if drive.law is not None:
            return drive.span[1]
        if drive.per_weight:
            return math.nan
        return float(drive.scan[1].max()) if drive.ends else drive.rest

    @property
    def objection(self) -> str | None:
        """Why "stable" for independent regressors says nothing here; None where the bound holds too."""
        if not self.gain >= self.bound.value or self.theory.any_sequence():
            return None
        limit = f"its bound is {self.bound.value:.4g} there, by exact expectation"
        if not self.theory.drive.is_constant:
            return f"the gain reaches {self.gain:.4g}; {limit}"
        return f"the error power grows by {self.line.growth(self.gain * self.power):.4g} per sample; {limit}"

    def warnings(self, verdict: Verdict, emse: float | None) -> list[str]:
        """A passing stretch beyond the bound, or a steady state that is not that of independent regressors."""
        drive, high = self.theory.drive, self.bound.value
        if not drive.known or verdict.verdict == UNSTABLE:
            return []
        if self.objection is not None:
            return [(f"EMSE, MSD and learning curve are those of independent regressors: from gain {high:.4g} on, "
                     "error powers on the delay line have no limit")]
        out = []
        if (largest := float(drive.scan[1].max())) >= high:
            out.append(f"the gain (up to {largest:.4g}) passes the bound {high:.4g} of the delay line for a while: "
                       "what it does there is not predicted")
        if emse and 0 < drive.limit < high and self.theory.exc.drift is None:
            exact = self.line.steady_state(drive.limit * self.power).emse * self.theory.exc.noise
            if exact > _WORTH * emse:
                out.append(f"on a delay line of this covariance the EMSE is {exact:.4g}, {exact / emse:.3g} times that "
                           "of independent regressors")
        return out


def line_of(theory: Theory) -> Line | None:
    """The delay line, where the covariance is that of a short moving average and little enough is unknown.

    For LMS over one real delay line of Gaussian input: R is Toeplitz, and the autocorrelation is zero from some lag
    within the line on (it is taken to stay so).
    """
    exc, model = theory.exc, theory.filter.model
    if type(theory.filter) is not LMS or not isinstance(model, FIR) or model.channels > 1 or model.taps < 2:
        return None
    if exc.circular or exc.kurtosis != 0 or exc.sample is not None or not theory.known or theory.resonant:
        return None
    r = np.asarray(exc.R)[0]
    at = np.abs(np.subtract.outer(np.arange(model.taps), np.arange(model.taps)))
    if not r[0] > 0 or np.abs(exc.R - r[at]).max() > _STRUCTURE * r[0]:
        return None
    lags = np.flatnonzero(np.abs(r) > _STRUCTURE * r[0])
    if lags[-1] == model.taps - 1 or (color := _color(r[: lags[-1] + 1] / r[0])) is None:
        return None
    line = _line(model.taps, color)
    return None if line is None else Line(theory, line, float(r[0]))


@lru_cache(maxsize=64)
def _line(taps: int, color: tuple[float, ...]) -> DelayLine | None:
    """For input of power 1; None where too much is unknown."""
    if taps + len(color) > 6:                                  # far more than LARGEST, not worth counting
        return None
    line = DelayLine(taps, color)
    return line if line.size <= LARGEST else None


def _color(r: Array) -> tuple[float, ...] | None:
    """A moving average of this autocorrelation, by the roots of its spectrum inside the unit circle."""
    if len(r) == 1:
        return (1.0,)
    roots: Any = np.roots(np.concatenate([r[:0:-1], r]))
    inside = roots[np.argsort(np.abs(roots))][: len(r) - 1]
    c = np.real(np.poly(inside))
    c /= np.linalg.norm(c)
    again = np.correlate(c, c, "full")[len(c) - 1:]
    return tuple(c.tolist()) if np.abs(again - r).max() < _FACTOR else None
