r"""Mean-square theory with momentum between correction and weights, under any schedule of the gain and of beta.

With :math:`D = \mu v e` in modal coordinates, x the weight error :math:`\tilde w`, p the compensator's memory
(`gainsched.gains.compensator.Momentum`)

.. math:: p^+ = \beta p + a D, \qquad x^+ = x - b D - p^+ + q .

Under independent regressors :math:`E[x_i D_i] = k_i c_i`, :math:`E[p_i D_i] = k_i m_i` with :math:`k = \mu a_i` the
loop gain of the mode, and :math:`h = E D_i^2 = \mu^2 (B c + \sigma_n^2 G)_i` (`gainsched.excitation.Moments`), so that
:math:`c = E x^2, m = E x p, v = E p^2` obey a recursion that is exact, whatever mu and beta do from sample to sample:

.. math::
    v^+ &= \beta^2 v + 2\beta a k m + a^2 h, \\
    m^+ &= (\beta m + a k c) - b (\beta k m + a h) - v^+, \\
    c^+ &= c + b^2 h + v^+ - 2 b k c - 2 (\beta m + a k c) + 2 b (\beta k m + a h) + q .

At constant gain and beta a mode is a system of second order, driven by white noise of power
:math:`\mu^2((B - \mathrm{diag}(a^2)) c + \sigma_n^2 G)`: its variance is closed form, and the modes meet in a
nonnegative matrix, as without momentum (`gainsched.analysis.meansquare`).

S. Roy, J. J. Shynk, "Analysis of the momentum LMS algorithm", IEEE Trans. ASSP 38 (1990).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gainsched.excitation import Moments
    from gainsched.gains.compensator import Momentum

    Array = NDArray[np.float64]

_SMALL = 120               # modes up to which growth is an eigenvalue; beyond it is watched
_STEPS = 4000


@dataclass(frozen=True)
class Mode:
    """A compensator at a constant beta: p <- beta p + a D, w <- w + b D + p."""

    beta: float
    a: float
    b: float

    @classmethod
    def of(cls, compensator: Any, beta: float) -> Mode:
        """The compensator's shares at this beta."""
        return cls(beta, *compensator.shares(beta))

    def polynomial(self, k: Any) -> tuple[Array, Array]:
        """(d1, d2) of z^2 + d1 z + d2, the characteristic polynomial at loop gain k."""
        k = np.asarray(k, dtype=np.float64)
        return (self.a + self.b) * k - (1.0 + self.beta), self.beta * (1.0 - self.b * k)

    def radius(self, k: Array) -> Array:
        """Largest modulus of the closed loop's poles at each loop gain."""
        d1, d2 = self.polynomial(k)
        root = np.sqrt((d1 * d1 / 4.0 - d2).astype(np.complex128))
        return np.maximum(np.abs(-d1 / 2.0 + root), np.abs(-d1 / 2.0 - root))

    def energies(self, k: Array) -> tuple[Array, Array]:
        r"""Variance of the weight error per unit variance of white noise in D, and per unit drift; inf where unstable.

        Of (n1 z + n0)/(z^2 + d1 z + d2): ((n1^2 + n0^2)(1 + d2) - 2 n1 n0 d1)/((1 - d2)(1 + d1 + d2)(1 - d1 + d2));
        n1, n0 are a + b, -b beta for noise and 1, -beta for drift.

        Examples
        --------
        >>> import gainsched as gs
        >>> print(Mode.of(gs.HeavyBall(0.9), 0.9).energies(np.array([0.1]))[0] * 0.1**2)
        [0.51351351]
        """
        d1, d2 = self.polynomial(k)
        at_one = k * (self.a + self.b * (1.0 - self.beta))             # 1 + d1 + d2, without cancellation
        at_minus_one = 2.0 * (1.0 + self.beta) - k * (self.a + self.b * (1.0 + self.beta))
        below = (1.0 - d2) * at_one * at_minus_one
        inside = (at_one > 0) & (at_minus_one > 0) & (np.abs(d2) < 1.0)
        out = []
        for n1, n0 in ((self.a + self.b, -self.b * self.beta), (1.0, -self.beta)):
            above = (n1 * n1 + n0 * n0) * (1.0 + d2) - 2.0 * n1 * n0 * d1
            out.append(np.where(inside, above / np.where(inside, below, 1.0), np.inf))
        return out[0], out[1]


def _coupling(moments: Moments, gain: float, mode: Mode) -> tuple[NDArray[np.bool_], Array, Array, Array] | None:
    """(active modes, K, energy of noise, of drift): c = K c + forcing; None where the mean itself is unstable."""
    active = moments.a > 0
    a = moments.a[active]
    noise, drift = mode.energies(gain * a)
    if not np.isfinite(noise).all():
        return None
    spread = np.maximum(moments.B[np.ix_(active, active)] - np.diag(a**2), 0.0)
    return active, gain**2 * noise[:, None] * spread, noise, drift


def is_stable(moments: Moments, gain: float, mode: Mode) -> bool:
    """Whether the recursion converges at a constant gain and beta: (I - K) y = 1 then has a positive solution."""
    found = _coupling(moments, gain, mode) if gain > 0 else None
    if found is None:
        return False
    K = found[1]
    try:
        y = np.linalg.solve(np.eye(len(K)) - K, np.ones(len(K)))
    except np.linalg.LinAlgError:
        return False
    return bool(np.all(y > 0))


def mean_square_bound(moments: Moments, mode: Mode, mean_bound: float) -> float:
    """The gain up to which the recursion converges, by bisection of the exact test below the bound of the mean.

    Examples
    --------
    >>> from gainsched.excitation import linear_moments
    >>> round(mean_square_bound(linear_moments([1.0] * 10), Mode(0.0, 1.0, 0.0), 2.0), 12)     # LMS: 2/(N + 2)
    0.166666666667
    """
    if not math.isfinite(mean_bound):
        return math.inf
    low, high = 0.0, mean_bound
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if is_stable(moments, middle, mode) else (low, middle)
        if high - low <= 1e-13 * high:
            break
    return (low + high) / 2


def steady_state(moments: Moments, gain: float, mode: Mode, noise: float, drift: Array) -> Array:
    """Modal powers c for k to infinity; inf where unstable, nan in modes without power."""
    found = _coupling(moments, gain, mode) if is_stable(moments, gain, mode) else None
    if found is None:
        return np.full(moments.n, np.inf)
    active, K, of_noise, of_drift = found
    forcing = of_noise * (gain**2 * noise * moments.G[active] if noise else 0.0) + of_drift * drift[active]
    c = np.full(moments.n, np.nan)
    c[active] = np.linalg.solve(np.eye(len(K)) - K, forcing) if np.isfinite(forcing).all() else np.inf
    return np.where(~active & (drift > 0), np.inf, c)


def step(moments: Moments, s: Array, gain: float, mode: Mode, noise: float, drift: Array | float) -> Array:
    """One sample of the recursion; the rows of s are c, m, v, each (N,), or (N, columns) of several states."""
    c, m, v = s
    k, a, b, beta = (gain * moments.a).reshape(-1, *[1] * (c.ndim - 1)), mode.a, mode.b, mode.beta
    h = gain * (gain * (moments.B @ c + (noise * moments.G if noise else 0.0)))
    v = beta**2 * v + 2.0 * beta * a * k * m + a**2 * h
    xp, dp = beta * m + a * k * c, beta * k * m + a * h
    return np.stack([c + b**2 * h + v - 2.0 * b * k * c - 2.0 * xp + 2.0 * b * dp + drift, xp - b * dp - v, v])


def growth(moments: Moments, gain: float, mode: Mode) -> float:
    """Asymptotic factor per sample of the mean-square deviation at a constant gain and beta; inf where it overflows."""
    n = moments.n
    with np.errstate(over="ignore", invalid="ignore"):
        if n <= _SMALL:
            F = over_a_period(moments, np.array([gain]), mode)
            return float(np.abs(np.linalg.eigvals(F)).max()) if np.isfinite(F).all() else math.inf
        s, logs = np.stack([np.ones(n), np.zeros(n), np.zeros(n)]), np.zeros(_STEPS)
        for i in range(_STEPS):
            s = step(moments, s, gain, mode, 0.0, 0.0)
            size = float(np.abs(s).max())
            if not (0 < size < math.inf):
                return 0.0 if size == 0 else math.inf
            s, logs[i] = s / size, math.log(size)
        return float(np.exp(np.mean(logs[_STEPS // 2:])))


def over_a_period(moments: Moments, gains: Array, mode: Mode) -> Array:
    """The linear map, (3N, 3N), that these gains make of (c, m, v), without noise and drift."""
    n = moments.n
    s = np.eye(3 * n).reshape(3, n, 3 * n)
    with np.errstate(over="ignore", invalid="ignore"):
        for gain in gains.tolist():
            s = step(moments, s, gain, mode, 0.0, 0.0)
    return s.reshape(3 * n, 3 * n)


def curve(moments: Moments, start: Array, compensator: Momentum, gain: Callable[[NDArray[Any]], Any],
          beta: Callable[[NDArray[Any]], Any], samples: range, noise: float, drift: Array) -> Array:
    """Modal powers c before the update of each sample in `samples`, the memory empty before the first of them.

    Samples of gain nan leave weights and memory as they are (those within a block).
    """
    s = np.stack([start.astype(np.float64), np.zeros(moments.n), np.zeros(moments.n)])
    rows = np.empty((len(samples), moments.n))
    last = samples[-1] + 1 if len(samples) else samples.start
    with np.errstate(over="ignore", invalid="ignore"):
        for begin in range(samples.start, last, 4096):
            ks = np.arange(begin, min(begin + 4096, last))
            gains, betas = np.asarray(gain(ks), float).tolist(), np.asarray(beta(ks), float).tolist()
            for k, mu, b in zip(ks.tolist(), gains, betas, strict=True):
                if (k - samples.start) % samples.step == 0:
                    rows[(k - samples.start) // samples.step] = s[0]
                if not math.isnan(mu):
                    s = step(moments, s, mu, Mode.of(compensator, b), noise, drift)
    return np.where(np.isnan(rows), np.inf, rows)
