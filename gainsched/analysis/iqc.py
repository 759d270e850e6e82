"""Worst-case linear rates of first-order methods by integral quadratic constraints, as a test in frequency."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.polynomial import chebyshev

from gainsched.analysis.rational import Rational
from gainsched.errors import refusal
from gainsched.gains import Schedule
from gainsched.gains.compensator import Momentum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

MULTIPLIERS = ("sector", "off-by-one")
_WIDTH = 1e-12                    # where the bisection stops; also the smallest distance to rate 1 that is certified


def convergence_rate(kappa: float, gain: Any, compensator: Any = None, multiplier: str = "sector") -> float:
    r"""Worst-case linear rate of a gain over all objectives of condition number kappa, L = 1 and m = 1/kappa.

    The gradient is a nonlinearity between two slopes, the optimizer is the linear system around it. The rate
    :math:`\rho` is certified where, on the whole circle :math:`|z| = \rho`,

    .. math:: \mathrm{Re}\left[\left(1 - h\rho^2/z\right)^* \left(1 + L\,G(z)\right)^* \left(1 + m\,G(z)\right)\right]
              \ge 0, \qquad G(z) = \mu K(z)/(z-1),

    and the linear loops of curvature m and L have all poles inside it. h = 0 is the sector multiplier; the weighted
    off-by-one may choose any :math:`0 \le h \le 1` (1 is best for momentum as published, less for stale gradients).
    By the Kalman-Yakubovich-Popov lemma this is the matrix inequality of the reference; no semidefinite program is
    solved. The left side times :math:`|\mathrm{den}\,G|^2` is a polynomial in :math:`\cos\omega`: its least value lies
    at one of its stationary points, which are roots, not points of a grid.

    Parameters
    ----------
    kappa : float
        Condition number L/m, >= 1.
    gain : float or control LTI
        Learning rate times L, > 0. Or a whole optimizer: the discrete loop from the negative gradient to the point
        where the next gradient is taken, which is the open loop at unit curvature, as ``loop.transfer(1.0)`` gives it
        and `margins` takes it; without `compensator`.
    compensator : HeavyBall, Nesterov, GradientEMA or control LTI, optional
        With a constant beta. Or any discrete K(z) between the gain and the integrator 1/(z - 1).
    multiplier : {"sector", "off-by-one"}
        "sector": all that is used of f' is that it lies between the lines of slope m and L through the minimum; holds
        for gradients that change with time, too. "off-by-one": f is one m-strongly convex function with an
        L-Lipschitz gradient; never worse than the sector.

    Returns
    -------
    float
        :math:`\rho < 1` with :math:`|w_k - w^*| \le c\,\rho^k`, within 1e-9 of the smallest that this test certifies;
        inf where it certifies none. inf means "not certified": it is no proof of divergence.

    Raises
    ------
    TypeError, ValueError
        For arguments out of range; schedules, averages, and systems that are continuous, answer at once or have no
        integrator (they do not rest at the minimum).

    Notes
    -----
    Assumption: every objective of the class, exact gradients, constant gain. The rate is per step and of the
    distance, not squared; the constant c is not bounded here. The tests cost about 10 ms.

    References
    ----------
    L. Lessard, B. Recht and A. Packard, "Analysis and design of optimization algorithms via integral quadratic
    constraints", SIAM J. Optim. 26 (2016), theorem 4 and lemmas 6, 10; R. Boczar, L. Lessard and B. Recht,
    "Exponential convergence bounds using integral quadratic constraints", CDC 2015, for the test in frequency.

    Examples
    --------
    >>> import gainsched as gs
    >>> round(gs.convergence_rate(10, 2 / 1.1), 6)                      # gradient descent: (kappa - 1)/(kappa + 1)
    0.818182
    >>> beta = (10**0.5 - 1) / (10**0.5 + 1)
    >>> round(gs.convergence_rate(10, 1.0, gs.Nesterov(beta), multiplier="off-by-one"), 6)
    0.751821
    >>> gs.convergence_rate(25, 25 / 9, gs.HeavyBall(4 / 9), multiplier="off-by-one")     # Lessard's three-cycle
    inf
    """
    kappa = _number("kappa", kappa, 1.0, "must be a finite number >= 1")
    if multiplier not in MULTIPLIERS:
        raise ValueError(refusal("multiplier", multiplier, 'must be "sector" or "off-by-one"'))
    num, den = _loop(gain, compensator)
    weight = 0.0 if multiplier == "sector" else 1.0
    low, high = 0.0, 1.0 - _WIDTH                 # with h rho^2 kept, a larger rho passes too: bisection is in order
    if not _certified(num, den, 1.0 / kappa, weight, high):
        return math.inf
    while high - low > _WIDTH:
        middle = (low + high) / 2
        low, high = (low, middle) if _certified(num, den, 1.0 / kappa, weight, middle) else (middle, high)
    return high


def _certified(num: Array, den: Array, m: float, weight: float, rho: float) -> bool:
    """Whether rate rho passes for G = num/den (falling powers, equal lengths) with an h in [0, weight].

    The real part is linear in h: where it is negative, its line says which h it forbids. The interval at least halves.
    """
    steep, flat = den + num, den + m * num                # characteristic polynomials at curvature L = 1 and m
    if max(np.abs(np.roots(flat)).max(initial=0.0), np.abs(np.roots(steep)).max(initial=0.0)) > rho:
        return False
    low, high, h = 0.0, weight, weight
    while True:
        value, slope = _least(steep, flat, h, rho)
        if value >= 0.0:
            return True
        if slope > 0.0:
            low = h - value / slope
        elif slope < 0.0:
            high = h - value / slope
        if slope == 0.0 or high - low < _WIDTH:
            return False
        h = (low + high) / 2


def _least(steep: Array, flat: Array, h: float, rho: float) -> tuple[float, float]:
    """(least value on the circle of the real part times |z den|^2, its derivative by h there)."""
    p = np.polymul([1.0, -h * rho**2], steep)             # times z: the multiplier z - h rho^2
    q = np.append(flat, 0.0)
    powers = rho ** np.arange(len(p) - 1.0, -1.0, -1.0)
    product = np.correlate(q * powers, p * powers, "full")
    series = (product + product[::-1])[len(p) - 1:]       # of cos(m w), m = 0..
    series[0] /= 2.0
    z = rho * np.exp(1j * np.append(stationary(series), (0.0, np.pi)))
    value = (np.polyval(p, z).conj() * np.polyval(q, z)).real
    at = int(np.argmin(value))
    through = np.polyval(steep, z[at]).conj() * np.polyval(q, z[at])
    return float(value[at]), float(-(rho**2) * through.real)


def stationary(series: Array) -> Array:
    """Frequencies inside (0, pi) at which a Chebyshev series in cos w is stationary.

    Examples
    --------
    >>> stationary(np.array([0.0, 0.0, 1.0])) / np.pi                  # cos 2w
    array([0.5])
    """
    slope = chebyshev.chebder(series)
    slope = chebyshev.chebtrim(slope, 1e-15 * np.max(np.abs(slope)))
    roots = chebyshev.chebroots(slope).real if len(slope) > 1 else np.zeros(0)
    return np.asarray(np.arccos(roots[np.abs(roots) < 1]), float)     # of complex roots, too: more points cost nothing


def _loop(gain: Any, compensator: Any) -> tuple[Array, Array]:
    """(num, den) of G, negative gradient to next query point, at equal lengths."""
    if _is_lti(gain):
        if compensator is not None:
            raise ValueError(refusal("compensator", compensator, "must be None where gain is the whole optimizer"))
        num, den = _coefficients("gain", gain)
    else:
        mu = _number("gain", gain, 0.0, "must be a finite number > 0, or a discrete control LTI")
        if mu == 0.0:
            raise ValueError(refusal("gain", mu, "must be a finite number > 0, or a discrete control LTI"))
        top, bottom = _compensator(compensator)
        num, den = mu * top, np.polymul([1.0, -1.0], bottom)
    size = max(len(num), len(den))
    num, den = (np.append(np.zeros(size - len(p)), p) for p in (num, den))
    if den[0] == 0.0 or num[0] != 0.0:
        raise ValueError(refusal("gain", gain, "must have more poles than zeros", "A step that needs the gradient at "
                                 "its own end is implicit (proximal); this test takes explicit ones."))
    if abs(den.sum()) > 1e-9 * np.abs(den).sum() or abs(num.sum()) <= 1e-12 * np.abs(num).sum():
        raise ValueError(refusal("gain", gain, "must hold an integrator, a pole at z = 1 that no zero cancels",
                                 "Without it the weights do not rest at the minimum."))
    return num / den[0], den / den[0]


def _compensator(given: Any) -> tuple[Array, Array]:
    if given is None:
        return np.ones(1), np.ones(1)
    if isinstance(given, Momentum):
        if isinstance(given.beta, Schedule):
            raise ValueError(refusal("compensator", given, "must have a constant beta",
                                     "gs.certify looks at gains and memories that change."))
        top, bottom = given.transfer(given.beta)
        return np.asarray(top, float), np.asarray(bottom, float)
    if _is_lti(given):
        return _coefficients("compensator", given)
    raise TypeError(refusal("compensator", given, "must be HeavyBall, Nesterov, GradientEMA or a discrete control LTI"))


def _is_lti(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("ninputs", "noutputs", "dt", "poles"))


def _coefficients(name: str, system: Any) -> tuple[Array, Array]:
    """(num, den) of a discrete single loop; nothing is cancelled, so that hidden modes are seen."""
    if (system.ninputs, system.noutputs) != (1, 1):
        raise ValueError(refusal(name, (system.noutputs, system.ninputs), "must have one input and one output"))
    if not system.dt:
        raise ValueError(refusal(f"{name}: dt", system.dt, "must be True or a sample time > 0",
                                 "An optimizer takes steps: control.tf(num, den, True)."))
    loop = Rational(system)
    return loop.num, loop.den


def _number(name: str, value: Any, low: float, limit: str) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(refusal(name, value, limit))
    number = float(value)
    if not (math.isfinite(number) and number >= low):
        raise ValueError(refusal(name, number, limit))
    return number
