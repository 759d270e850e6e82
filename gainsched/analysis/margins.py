"""Gain, phase, delay and disk margins of a feedback loop, exact where the crossing lies at z = -1 or z = +1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.rational import Rational
from gainsched.errors import refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WHOLE = 64                       # whole delays tried one by one when fractional crossings come in and out


@dataclass(frozen=True)
class Margins:
    """How much more gain, phase lag and delay a loop tolerates.

    Attributes
    ----------
    gain : float
        Smallest factor > 1 on the loop that destabilizes it (inf: none). Where the loop is unstable at factor 1:
        the largest factor < 1 that is stable (nan: none), and all other fields are nan.
    gain_low : float
        Largest factor < 1 that destabilizes (0: none); above 0 for conditionally stable loops.
    phase_deg : float
        Smallest rotation of the loop, in degrees, that destabilizes it; inf if abs(L) never is 1.
    delay : float
        Smallest extra delay that destabilizes, in samples (seconds for a continuous loop). A discrete loop tolerates
        every whole number of samples below it.
    disk : float
        1/Ms, the smallest distance of L to -1 over all frequencies.
    frequency : float
        Gain crossover of the phase margin, rad/sample (rad/s).

    Examples
    --------
    >>> import gainsched as gs
    >>> m = gs.Loop(gs.LMS(1), gain=0.1).transfer(1.0)
    >>> round(gs.margins(m).gain, 6), round(gs.margins(m).delay, 3)
    (20.0, 15.201)
    """

    gain: float
    gain_low: float
    phase_deg: float
    delay: float
    disk: float
    frequency: float

    def to_dict(self) -> dict[str, float | None]:
        """Strict JSON: what is infinite or unknown is None."""
        return {key: value if math.isfinite(value) else None for key, value in vars(self).items()}


def margins(L: Any) -> Margins:
    """Margins of the negative-feedback loop around L.

    The closed-loop poles are looked at first: an unstable loop has no phase, delay or disk margin. Gain crossings are
    all points where L is real and negative: the real roots of Im(num conj(den)), found as the roots of a Chebyshev
    series in cos w (discrete) or of a polynomial in w^2 (continuous), and both ends z = +1 and z = -1 (s = 0 and
    infinity). Between two crossings stability cannot change, so one closed loop per interval decides: conditionally
    stable loops come out right. Phase and delay margin are minima over every frequency with abs(L) = 1.

    Parameters
    ----------
    L : control.TransferFunction or control.StateSpace
        One input, one output, discrete (any dt) or continuous.

    Returns
    -------
    Margins
        Unstable loops included (see there); nothing is raised for them.

    Raises
    ------
    TypeError, ValueError
        When L is not an LTI system with coefficients, or not single-input single-output.

    Notes
    -----
    A fractional delay of a discrete loop is an interpolation; whole delays are what happens. The number given is
    valid at whole delays: if abs(L(-1)) > 1 a single sample turns the sign of L there and destabilizes, whatever the
    crossovers say, and the margin is 0. So does any delay in a continuous loop whose abs(L) ends above 1.

    References
    ----------
    K. J. Astrom and R. M. Murray, *Feedback Systems*, 2nd ed., Princeton 2021, section 10.3.

    Examples
    --------
    >>> import control, gainsched as gs
    >>> heavy_ball = control.tf([0.5, 0], [1, -1.9, 0.9], True)
    >>> round(gs.margins(heavy_ball).gain, 6)               # 2 (1 + beta)/k; control.margin says inf
    7.6
    """
    if not all(hasattr(L, name) for name in ("ninputs", "noutputs", "dt", "poles")):
        raise TypeError(refusal("L", L, "must be a python-control TransferFunction or StateSpace",
                                "Build it with control.tf or control.ss."))
    if (L.ninputs, L.noutputs) != (1, 1):
        raise ValueError(refusal("L", (L.noutputs, L.ninputs), "must have one input and one output",
                                 "Pick one channel: L[0, 0]."))
    loop = Rational(L)
    crossings = _gain_crossings(loop)
    marginal = any(abs(f - 1) < 1e-12 for f in crossings)
    if marginal or not loop.stable(1.0):
        return Margins(_stable_below(loop, crossings), *[math.nan] * 5)
    gain = next((f for f, after in _beyond(loop, [f for f in crossings if f > 1], 2.0) if not after), math.inf)
    low = next((f for f, after in _beyond(loop, [f for f in crossings if f < 1][::-1], 0.5) if not after), 0.0)
    phase, frequency, delay = _phase_and_delay(loop)
    unit = 1.0 if loop.discrete else 1.0 / loop.scale
    return Margins(gain, low, math.degrees(phase), delay * unit, _disk(loop), frequency / unit)


def gain_range(L: Any) -> tuple[float, float] | None:
    """The lowest interval (low, high) of factors on L that are stable; None where none is.

    Examples
    --------
    >>> import control
    >>> gain_range(control.tf([0.5], [1, -1], True))
    (0.0, 4.0)
    """
    loop = Rational(L)
    edges = [0.0, *_gain_crossings(loop), math.inf]
    for low, high in pairwise(edges):
        middle = math.sqrt(low * high) if low and high < math.inf else (high / 2 if high < math.inf else 2 * low or 1.0)
        if loop.stable(middle):
            return low, high
    return None


def _gain_crossings(loop: Rational) -> list[float]:
    """Factors, ascending and distinct, at which a closed-loop pole lies on the boundary."""
    inside = loop(loop.real_crossings()).real if loop.order else np.zeros(0)
    values = [*inside, *(value for _, value in loop.edges())]
    factors = sorted(float(-1.0 / v) for v in values if v < 0 and math.isfinite(v))
    out: list[float] = []
    for f in factors:
        if math.isfinite(f) and (not out or f > out[-1] * (1 + 1e-10)):
            out.append(f)
    return out


def _beyond(loop: Rational, crossings: list[float], last: float) -> list[tuple[float, bool]]:
    """(crossing, whether the loop is stable from it to the next), in this order; the last looks `last` times on."""
    ends = [math.sqrt(f * g) for f, g in pairwise(crossings)]
    ends += [last * f for f in crossings[-1:]]
    return [(f, loop.stable(middle)) for f, middle in zip(crossings, ends, strict=True)]


def _stable_below(loop: Rational, crossings: list[float]) -> float:
    """The largest factor below which an unstable loop is stable; nan if there is none."""
    below = [f for f in crossings if f <= 1 + 1e-12][::-1]
    return next((min(f, 1.0) for f, after in _beyond(loop, below, 0.5) if after), math.nan)


def _phase_and_delay(loop: Rational) -> tuple[float, float, float]:
    """Phase margin (rad), its frequency, delay margin; inf, nan, inf where abs(L) never is 1."""
    w = loop.unit_crossings() if loop.order else np.zeros(0)
    edges = loop.edges()
    w = np.array([*w, *(f for f, value in edges if abs(abs(value) - 1) < 1e-12 and 0 < f < math.inf)])
    end = loop.end_gain()
    if not len(w):
        return math.inf, math.nan, 0.0 if end > 1 + 1e-12 else math.inf
    lag = np.mod(np.angle(loop(w)) + np.pi, 2 * np.pi)
    turn = np.minimum(lag, 2 * np.pi - lag)
    worst = int(np.argmin(turn))
    if end > 1 + 1e-12:
        delay = 0.0
    else:
        delay = float(np.min(lag / w))
        if loop.discrete:
            delay = _whole(loop, w, lag, delay)
    return float(turn[worst]), float(w[worst]), delay


def _whole(loop: Rational, w: NDArray[Any], lag: NDArray[Any], delay: float) -> float:
    """The fractional margin, moved on while the next whole delay is stable in fact.

    A pole may leave and come back between two whole delays, where no closed loop exists.
    """
    if len(w) < 2 or delay > _WHOLE:
        return delay
    whole = math.floor(delay) + 1
    while whole < _WHOLE and loop.stable(1.0, whole):
        whole += 1
    if whole == math.floor(delay) + 1:
        return delay
    turns = np.arange(_WHOLE)[:, None]
    events = ((lag + 2 * np.pi * turns) / w).ravel()
    return float(np.min(events[events >= whole - 1], initial=float(whole)))


def _disk(loop: Rational) -> float:
    """min |1 + L| over the boundary: a scan dense around every pole, then a bounded search in the best brackets."""
    from scipy.optimize import minimize_scalar

    def distance(w: Any) -> Any:
        num, den = loop.parts(w)
        return np.abs(den + num) / np.maximum(np.abs(den), 1e-300)

    best = min((abs(1 + value) for _, value in loop.edges()), default=math.inf)
    w = loop.grid()
    value = distance(w)
    inner = np.flatnonzero((value[1:-1] <= value[:-2]) & (value[1:-1] <= value[2:])) + 1
    for i in inner[np.argsort(value[inner])[:8]]:
        found = minimize_scalar(distance, bounds=(w[i - 1], w[i + 1]), method="bounded", options={"xatol": 1e-12})
        best = min(best, float(found.fun))
    return float(min(best, value.min(initial=math.inf)))
