"""The range test: which gain this record bears, from the growth of weight errors against the gain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.drive import Drive
from gainsched.analysis.empirical import CHUNK, Product, linear_in_error
from gainsched.errors import NoTheory, refusal
from gainsched.gains import Constant
from gainsched.loop import Loop

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

_LONGEST = 50_000            # samples of the record used
_SPAN = 1e4                  # of the ramp, from a tenth of the present gain
_CLOSE = 1e-3                # relative width at which the search for the limit ends
_MOVES = 24                  # of an end of the search, by 1, 2, 3 ... decades
_SMALLEST, _LARGEST = 1e-200, 1e200
_NOTICED = math.log(2.0)     # growth of the whole product that is no rounding


@dataclass(frozen=True, eq=False)
class RangeTest:
    """What a ramp of the gain found. Made by `range_test`.

    Attributes
    ----------
    limit : float
        Gain at which the weight errors of this record no longer shrink: their growth exponent is zero. inf: they
        shrank up to the `high` that was given, or 1e200.
    uncertainty : float
        Standard error of the limit, from the scatter of the exponent along the record; nan where there is no limit.
    mode : float
        2 / limit: the single eigenvalue (of a noiseless loop without momentum: the largest, `lambda_max`) that would
        have this limit.
    gain : float
        The loop's present gain.
    margin : float
        limit / gain, the factor that the present gain may still grow by.
    gains, exponents : arrays
        The ramp: gain, and ln of the growth per sample, in stretches of the record.
    held_gains, held_exponents : arrays
        Gains that were then held over the record to find the limit, ascending.
    samples : int
        Samples of the record that were used.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> found = gs.range_test(gs.Loop(gs.NLMS(4), gain=0.5), x, x)
    >>> round(found.limit, 2), round(found.margin, 2)
    (2.0, 4.0)
    """

    limit: float
    uncertainty: float
    mode: float
    gain: float
    margin: float
    gains: Array
    exponents: Array
    held_gains: Array
    held_exponents: Array
    samples: int

    def __repr__(self) -> str:
        return (f"<RangeTest limit {self.limit:.4g} (standard error {self.uncertainty:.2g}), {self.margin:.3g} times "
                f"the present gain {self.gain:.4g}; {self.samples} samples>")

    def to_dict(self) -> dict[str, Any]:
        """Strict JSON: what is infinite or unknown is None."""
        return {name: [_finite(v) for v in value.tolist()] if isinstance(value, np.ndarray) else _finite(value)
                for name, value in vars(self).items()}

    def plot(self, *, ax: Any = None) -> Any:
        """Draw the growth exponent against the gain; returns the matplotlib Axes."""
        from gainsched.plot.ranged import range_test

        return range_test(self, ax=ax)


def range_test(loop: Loop, x: ArrayLike, d: ArrayLike, *, low: float | None = None,
               high: float | None = None) -> RangeTest:
    r"""Find the gain that this record bears: ramp it exponentially on a copy of the loop, then close in on the limit.

    .. math:: \Lambda(\mu) = \frac1N \ln \Big|\prod_k (I - \mu c_k v_k u_k')\, w_0\Big|, \qquad
              \Lambda(\mathrm{limit}) = 0

    The copy runs without desired signal, so that its weights are the weight error itself and no noise floor hides the
    growth. The ramp shows where the exponent turns positive; gains held over the record then narrow the limit down to
    one part in a thousand. The loop itself is not touched.

    Parameters
    ----------
    loop : Loop
        LMS, NLMS, DelayedLMS, LeakyLMS, BlockLMS or FxLMS over a delay line, with momentum or without; any gain, any
        law.
    x, d : arrays
        The record; of d only the gaps matter. The first 50000 samples are used.
    low, high : float, optional
        Ends of the ramp. Default: a tenth of the present gain, and 10000 times that. The limit is looked for below
        `low`, too, and beyond the default end; beyond a `high` that is given it is not.

    Returns
    -------
    RangeTest

    Raises
    ------
    NoTheory
        Where the update is not linear in the error: there is no such limit.
    ValueError
        When the ramp has no ascending positive ends, or the record fewer than 2 stretches of 256 samples that are
        finite.

    Notes
    -----
    The exponent is that of this record's typical path (Lyapunov). Mean squares may diverge earlier, and bursts set in
    earlier still (`Measured`): keep well below the limit. NLMS: exactly 2, whatever the signal.

    References
    ----------
    G. Benettin, L. Galgani, A. Giorgilli, J.-M. Strelcyn, "Lyapunov characteristic exponents for smooth dynamical
    systems", Meccanica 15 (1980). L. N. Smith, "Cyclical learning rates for training neural networks", WACV (2017): the
    ramp, read there off the slope of the loss.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> found = gs.range_test(gs.Loop(gs.LMS(1), gain=0.1), x, x)
    >>> bool(abs(np.mean(np.log(abs(1 - found.limit * x**2)))) < 0.01)
    True
    """
    if not isinstance(loop, Loop):
        raise TypeError(refusal("range_test: loop", loop, "must be a Loop", "Try gs.Loop(gs.NLMS(32), gain=.5)."))
    if not linear_in_error(loop):
        raise NoTheory(f"no range test for {type(loop.filter).__name__} here: its update is not linear in the error of "
                       "a delay line.")
    drive = Drive(loop)
    gain = math.nan if drive.per_weight else drive.now
    cap = _LARGEST if high is None else float(high)
    low, last = _ends(gain, low, high)
    samples = min(len(loop.filter.model.columns(x)), _LONGEST)
    if samples < 2 * CHUNK:
        raise ValueError(refusal("range_test: length of x", samples, f"must be >= {2 * CHUNK}", "Take more."))

    whole = Product(loop, x, d)
    known = int(np.sum(np.isfinite(whole.x).all(axis=1) & np.isfinite(whole.rest)))
    if known < 2 * CHUNK:
        raise ValueError(refusal("range_test: finite samples of the record", known, f"must be >= {2 * CHUNK}",
                                 "Fill its gaps."))

    def growths(source: Any) -> Array:
        product = Product(Loop(loop.filter, source, compensator=loop.compensator, nonfinite=loop.nonfinite), x, d)
        product.put(product.primed(0), product.at_random())
        return np.asarray(product.growths(samples))

    ramp = np.geomspace(low, last, samples)
    rates = growths(ramp)
    sizes = np.diff(np.append(np.arange(0, samples, CHUNK), samples))[: len(rates)]
    at = ramp[np.minimum(np.arange(len(rates)) * CHUNK + CHUNK // 2, samples - 1)]
    held = _search(growths, *_bracket(at, rates, low, last), cap)
    order = sorted(held)
    totals = np.array([float(np.sum(held[g])) for g in order])
    stable = [g for g, total in zip(order, totals, strict=True) if total <= _NOTICED]
    growing = [g for g, total in zip(order, totals, strict=True) if total > _NOTICED]
    limit, error = math.inf, math.nan
    if growing:
        limit = math.sqrt(max(stable) * min(growing)) if stable else min(growing)
        error = _error(held, order, limit)
    return RangeTest(limit, error, 2.0 / limit, gain, limit / gain if gain > 0 else math.inf if gain == 0 else math.nan,
                     at, rates / sizes, np.array(order), totals / samples, samples)


def _ends(gain: float, low: float | None, high: float | None) -> tuple[float, float]:
    if low is None and not (0 < gain < math.inf):
        raise ValueError(refusal("range_test: low", low, "must be given where the present gain is no number > 0"))
    first = gain / 10 if low is None else float(low)
    last = first * _SPAN if high is None else float(high)
    if not (0 < first < last < math.inf):
        raise ValueError(refusal("range_test: (low, high)", (first, last), "must be positive and ascending"))
    return first, last


def _bracket(at: Array, rates: Array, low: float, high: float) -> tuple[float, float]:
    """Gains around the crossing: that of the last stretch of the ramp that shrank, one decade to either side."""
    shrinking = np.flatnonzero(rates <= 0)
    turn = float(at[shrinking[-1]]) if len(shrinking) else low
    return max(turn / 10.0, low), min(turn * 10.0, high)


def _search(growths: Any, low: float, high: float, cap: float) -> dict[float, Array]:
    """Held gains and their growths: the ends moved until they enclose the limit, then halved in the logarithm."""
    held = {g: growths(Constant(g)) for g in (low, high)}
    for step in range(1, _MOVES):                        # further each time: the record's unit may be any
        if np.sum(held[low]) <= _NOTICED or low / 10.0**step < _SMALLEST:
            break
        high, low = low, low / 10.0**step
        held[low] = growths(Constant(low))
    for step in range(1, _MOVES):                        # a short ramp is coarse: it may turn past the bracket
        if np.sum(held[high]) > _NOTICED or high >= cap:
            break
        low, high = high, min(high * 10.0**step, cap)
        held[high] = growths(Constant(high))
    if np.sum(held[high]) <= _NOTICED:
        return held
    while high / low > 1.0 + _CLOSE:
        middle = math.sqrt(low * high)
        held[middle] = growths(Constant(middle))
        low, high = (middle, high) if np.sum(held[middle]) <= _NOTICED else (low, middle)
    return held


def _error(held: dict[float, Array], order: list[float], limit: float) -> float:
    """Scatter of the exponent, over its slope in the gain: both from the held gains within a tenth of the limit."""
    near = [g for g in order if abs(g / limit - 1.0) < 0.1 and np.isfinite(held[g]).all()]
    if len(near) < 2:
        return math.nan
    parts = held[near[len(near) // 2]]
    slope = np.polyfit(near, [float(np.sum(held[g])) for g in near], 1)[0]
    return float(np.std(parts, ddof=1) * math.sqrt(len(parts)) / slope) if slope > 0 else math.nan


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
