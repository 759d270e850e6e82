"""Circle criterion and strict positive realness: the least real part of a transfer function on the boundary."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.polynomial import chebyshev

from gainsched.analysis.rational import Rational, _cosine_roots, _even_odd, _line_roots
from gainsched.errors import refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_ROUNDING = 1e-12                 # relative: what is nearer to zero than this counts as touching it


class CircleCriterion(NamedTuple):
    """What the circle criterion says; unpacks as (verdict, minimum, frequency).

    Attributes
    ----------
    verdict : str
        "stable": for every nonlinearity of the sector, also one that changes with time; or "not certified".
    minimum : float
        Least real part of (1 + high L)/(1 + low L) over all frequencies; stable where > 0. nan where the linear loop
        with gain `low` has a pole on the boundary or outside, and the criterion does not apply.
    frequency : float
        Where it lies, rad/sample (rad/s for a continuous loop; inf: at its far end).
    """

    verdict: str
    minimum: float
    frequency: float


class Spr(NamedTuple):
    """Whether a system is strictly positive real; unpacks as (verdict, minimum, frequency).

    Attributes
    ----------
    verdict : bool
        True where it is.
    minimum : float
        Least real part over all frequencies, 0 at inf for a strictly proper continuous system; nan where a pole lies
        on the boundary.
    frequency : float
        Where it lies, rad/sample (rad/s for a continuous system).
    """

    verdict: bool
    minimum: float
    frequency: float


def circle_criterion(sys: Any, low: float, high: float) -> CircleCriterion:
    r"""Whether a loop is stable with every nonlinearity between two slopes: the circle criterion.

    The loop :math:`u = -\varphi(y)`, y = L u, with :math:`low\,y^2 \le y\,\varphi(y) \le high\,y^2` at every instant,
    is stable where the linear loop with gain `low` is, and on the whole boundary (unit circle, or imaginary axis)

    .. math:: \mathrm{Re}\,\frac{1 + high\,L}{1 + low\,L} > 0 .

    For gradient descent, L is the optimizer at unit curvature and the gradient is the nonlinearity. The minimum over
    frequency is taken at the stationary points, which are roots of a polynomial, and confirmed by a scan.

    Parameters
    ----------
    sys : control.TransferFunction or control.StateSpace
        The open loop L, negative feedback, one input and one output, discrete or continuous.
    low, high : float
        The sector's slopes, low < high, finite; both may be negative.

    Returns
    -------
    CircleCriterion
        (verdict, minimum, frequency). The criterion is sufficient: "not certified" is no proof of instability.

    Raises
    ------
    TypeError, ValueError
        When sys is not a proper single-input single-output LTI system, or the sector is none.

    References
    ----------
    G. Zames, "On the input-output stability of time-varying nonlinear feedback systems", IEEE Trans. Autom. Control 11
    (1966); Ya. Z. Tsypkin for the discrete one; H. K. Khalil, *Nonlinear Systems*, 3rd ed., theorem 7.1.

    Examples
    --------
    Gradient descent, slopes between 1 and 25: certified up to 2/25.

    >>> import control, gainsched as gs
    >>> gs.circle_criterion(control.tf([0.0799], [1, -1], True), 1, 25).verdict
    'stable'
    >>> verdict, minimum, frequency = gs.circle_criterion(control.tf([0.0801], [1, -1], True), 1, 25)
    >>> verdict, round(minimum, 4), round(frequency, 4)
    ('not certified', -0.0013, 3.1416)
    """
    low, high = (_slope(name, value) for name, value in (("low", low), ("high", high)))
    if low >= high:
        raise ValueError(refusal("low", low, f"must be below high ({high:g})"))
    loop = proper_loop("sys", sys)
    top, bottom = (loop.den + slope * loop.num for slope in (high, low))
    if bottom[0] == 0.0 or not loop.stable(low):
        return CircleCriterion("not certified", math.nan, math.nan)
    minimum, frequency = least_real(loop, top, bottom)
    return CircleCriterion("stable" if minimum > _ROUNDING else "not certified", minimum, frequency)


def is_spr(sys: Any) -> Spr:
    r"""Whether a system is strictly positive real: poles inside, positive real part at every frequency.

    In adaptation: extended least squares converges where :math:`1/C - 1/2` is strictly positive real, adaptive
    control by Lyapunov's rule where the error's transfer function is (Ljung; Landau's hyperstability).

    Parameters
    ----------
    sys : control.TransferFunction or control.StateSpace
        One input, one output, proper, discrete or continuous.

    Returns
    -------
    Spr
        (verdict, minimum, frequency); the minimum is exact, at a root and not at a point of a grid. A strictly proper
        continuous system has least real part 0, at infinity; its verdict asks for a positive real part at every
        finite frequency.

    Raises
    ------
    TypeError, ValueError
        When sys is not a proper single-input single-output LTI system.

    Notes
    -----
    This is the definition of Slotine and Li. A continuous system of relative degree one is sometimes asked for more,
    :math:`\lim \omega^2\,\mathrm{Re}\,G(j\omega) > 0` (Khalil, lemma 6.1), so that G(s - eps) is positive real for
    an eps > 0. (s + 1)/(s^2 + s + 1) passes here, and is the border case there.

    References
    ----------
    J.-J. E. Slotine and W. Li, *Applied Nonlinear Control*, Prentice Hall 1991, section 4.6; H. K. Khalil, *Nonlinear
    Systems*, 3rd ed., Prentice Hall 2002, section 6.3; L. Ljung, T. Soderstrom and I. Gustavsson, "Counterexamples
    to general convergence of a commonly used recursive identification method", IEEE Trans. Autom. Control 20 (1975).

    Examples
    --------
    >>> import control, gainsched as gs
    >>> gs.is_spr(control.tf([1, 1], [1, 1, 1])).verdict
    True
    >>> c = control.tf([1, 0, 0], [1, 1.5, 0.75], True)                 # 1/C of the counterexample
    >>> spr = gs.is_spr(c - 0.5)
    >>> spr.verdict, round(spr.minimum, 5), round(spr.frequency, 4)
    (False, -1.10555, 2.3538)
    """
    system = proper_loop("sys", sys)
    poles = np.roots(system.den)
    depth = np.abs(poles) - 1.0 if system.discrete else poles.real
    if np.min(np.abs(depth), initial=1.0) < 1e-12:
        return Spr(False, math.nan, math.nan)
    minimum, frequency = least_real(system, system.num, system.den)
    if system.discrete or system.num[0] != 0.0:
        positive = minimum > _ROUNDING
    else:
        positive = _positive_inside(_even_odd(system.num, system.den)[0])
    return Spr(bool(positive and np.all(depth < 0)), minimum, frequency)


def _positive_inside(p: Array) -> bool:
    """Whether a polynomial in v = w^2 (falling) is positive at every v >= 0: at its ends and where it is stationary."""
    p = np.trim_zeros(p, "f")
    v = _line_roots(np.polyder(p)) ** 2 if len(p) > 1 else np.zeros(0)
    inside = np.polyval(p, v) > _ROUNDING * np.polyval(np.abs(p), v)
    return bool(len(p) and p[0] > 0 and p[-1] > 0 and np.all(inside))


def least_real(loop: Rational, num: Array, den: Array) -> tuple[float, float]:
    """(least Re num/den on the boundary, its frequency); den has no zero there."""
    from scipy.optimize import minimize_scalar

    w = _stationary(loop, num, den)
    points = [*zip(_real(loop, num, den, w), w, strict=True), *_ends(loop, num, den)]
    best, where = map(float, min(points))
    grid = loop.grid()
    scan = _real(loop, num, den, grid)
    at = int(np.argmin(scan))
    size = max(abs(best), float(np.max(np.abs(scan))))
    for near in {at, int(np.searchsorted(grid, where))}:                       # roots lose digits where poles meet
        low, high = grid[max(near - 1, 0)], grid[min(near + 1, len(grid) - 1)]
        found = minimize_scalar(lambda x: float(_real(loop, num, den, np.array([x]))[0]), bounds=(low, high),
                                method="bounded", options={"xatol": 1e-13})
        if found.fun < best - _ROUNDING * size:
            best, where = float(found.fun), float(found.x)
    for end, frequency in _ends(loop, num, den):                              # an end that is as low is meant
        if end <= best + _ROUNDING * size:
            best, where = end, frequency
    return best, where * (1.0 if loop.discrete else loop.scale)


def _real(loop: Rational, num: Array, den: Array, w: Array) -> Array:
    """Re num/den at frequency w (scaled); in powers of 1/s far out, where powers of s would overflow."""
    z = np.exp(1j * w) if loop.discrete else 1j * w
    out = np.empty(len(w))
    far = np.abs(z) > 2.0
    out[~far] = (np.polyval(num, z[~far]) / np.polyval(den, z[~far])).real
    out[far] = (np.polyval(num[::-1], 1 / z[far]) / np.polyval(den[::-1], 1 / z[far])).real
    return out


def _ends(loop: Rational, num: Array, den: Array) -> list[tuple[float, float]]:
    """(real value, frequency) at z = +1 and -1, or s = 0 and infinity."""
    if not loop.discrete:
        return [(float(num[-1] / den[-1]), 0.0), (float(num[0] / den[0]), math.inf)]
    return [(float(np.polyval(num, z) / np.polyval(den, z)), w) for w, z in ((0.0, 1.0), (math.pi, -1.0))]


def _stationary(loop: Rational, num: Array, den: Array) -> Array:
    """Frequencies inside the boundary where the real part is stationary: A'B = A B' for Re num/den = A/B."""
    if loop.discrete:
        a, b = _cosines(num, den), _cosines(den, den)
        first, second = (chebyshev.chebmul(chebyshev.chebder(p), q) for p, q in ((a, b), (b, a)))
        return _cosine_roots(chebyshev.chebsub(first, second))
    a, b = _even_odd(num, den)[0], _even_odd(den, den)[0]
    return _line_roots(np.polysub(np.polymul(np.polyder(a), b), np.polymul(a, np.polyder(b))))


def _cosines(p: Array, q: Array) -> Array:
    """Re p conj(q) on the unit circle as a Chebyshev series in cos w."""
    product = np.correlate(p, q, "full")
    series = (product + product[::-1])[len(p) - 1:]
    series[0] /= 2.0
    return np.asarray(series, float)


def single_loop(name: str, given: Any) -> Rational:
    """An argument as a single loop, or its refusal."""
    if not all(hasattr(given, part) for part in ("ninputs", "noutputs", "dt", "poles")):
        raise TypeError(refusal(name, given, "must be a python-control TransferFunction or StateSpace",
                                "Build it with control.tf or control.ss."))
    if (given.ninputs, given.noutputs) != (1, 1):
        raise ValueError(refusal(name, (given.noutputs, given.ninputs), "must have one input and one output",
                                 f"Pick one channel: {name}[0, 0]."))
    return Rational(given)


def proper_loop(name: str, given: Any) -> Rational:
    """An argument as a proper single loop, or its refusal."""
    loop = single_loop(name, given)
    if loop.den[0] == 0.0:
        raise ValueError(refusal(name, given, "must be proper: no more zeros than poles"))
    return loop


def _slope(name: str, value: Any) -> float:
    try:
        slope = float(value)
    except (TypeError, ValueError):
        raise TypeError(refusal(name, value, "must be a finite number")) from None
    if not math.isfinite(slope):
        raise ValueError(refusal(name, slope, "must be a finite number", "For the sector [0, inf) ask gs.is_spr."))
    return slope
