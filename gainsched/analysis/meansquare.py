r"""Mean-square theory of updates with known moments: bound, steady state, learning curve, under any schedule and delay.

With the moments a, B, G of `gainsched.excitation.Moments`, modal powers :math:`c_i = E\tilde w_i^2` and gain
:math:`\mu_k`,

.. math:: c_{k+1} = (I - 2\mu_k\,\mathrm{diag}(a) + \mu_k^2 B)\, c_k + \mu_k^2\sigma_n^2 G + q .

With a delay D the correction of sample k uses sample k - D, whose regressor is independent of
:math:`\tilde w_k \dots \tilde w_{k-D}`; with :math:`p_k = c_{k-D}` and the lagged correlations
:math:`r_{k,l} = E[\tilde w_k\tilde w_{k-l}]` of each mode

.. math::
    c_{k+1} &= c_k - 2\mu_k a\, r_{k,D} + \mu_k^2 (B p_k + \sigma_n^2 G) + q, \\
    E[\tilde w_{k+1}\tilde w_{k-j}] &= E[\tilde w_k\tilde w_{k-j}] - \mu_k a\, E[\tilde w_{k-D}\tilde w_{k-j}] .

Both are exact under independent, symmetric modal regressors. The EMSE is :math:`\zeta = \lambda'c`, the MSD 1'c.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gainsched.excitation import Moments

    Array = NDArray[np.float64]

_SMALL = 1e-100              # powers between it and its inverse need no rescaling

def delay_limit(delay: int) -> float:
    """Largest stable loop gain k of k z^-delay/(z - 1): 2 sin(pi/(2 (2 delay + 1))).

    P. Kabal, IEEE Trans. COM 31 (1983); G. Long, F. Ling, J. G. Proakis, IEEE Trans. ASSP 37 (1989).
    """
    return 2.0 * math.sin(math.pi / (2.0 * (2 * delay + 1)))


def mean_bound(moments: Moments, delay: int = 0) -> float:
    """The gain at which the mean weights of the fastest mode stop converging."""
    fastest = float(np.max(moments.a, initial=0.0))
    return delay_limit(delay) / fastest if fastest > 0 else math.inf


def noise_energy(loop_gain: Array, delay: int = 0) -> Array:
    r"""Sum of squares of the impulse response of 1/(z - 1 + k z^-delay): the power that unit noise leaves in a mode.

    The lags 0..D of its autocorrelation obey :math:`r_{m+1} - r_m = -k\,r_{D-m}`, which a cosine solves:
    :math:`r_m = C\cos(\theta m + \varphi)`, :math:`2\sin(\theta/2) = k`, :math:`\varphi = \pi/4 - \theta(2D+1)/4`; the
    power balance :math:`2 k r_D - k^2 r_0 = 1` gives C. D = 0: 1/(k (2 - k)). Infinite from the stability limit on.

    Examples
    --------
    >>> print(noise_energy(np.array([0.5, 2.0])).round(4))
    [1.3333    inf]
    """
    k = np.asarray(loop_gain, dtype=np.float64)
    inside = (k > 0) & (k < delay_limit(delay) * (1 - 1e-15))
    k = np.where(inside, k, 0.1 * delay_limit(delay))
    theta = 2.0 * np.arcsin(k / 2.0)
    phase = np.pi / 4 - theta * (2 * delay + 1) / 4
    r0 = np.cos(phase)
    energy = r0 / (2 * k * np.cos(theta * delay + phase) - k**2 * r0)
    return np.where(inside & (energy > 0), energy, np.inf)


def _coupling(moments: Moments, gain: float, delay: int) -> tuple[NDArray[np.bool_], Array] | None:
    """(active modes, K): p = K p + forcing in the steady state; None where the mean itself is unstable."""
    active = moments.a > 0
    a = moments.a[active]
    energy = noise_energy(gain * a, delay)
    if not np.isfinite(energy).all():
        return None
    spread = moments.B[np.ix_(active, active)] - np.diag(a**2)
    return active, gain**2 * energy[:, None] * np.maximum(spread, 0.0)


def is_stable(moments: Moments, gain: float, delay: int = 0) -> bool:
    """Whether the mean-square recursion converges at this constant gain (modes without power left aside).

    K is nonnegative, so its spectral radius is below 1 exactly if (I - K) y = 1 has a positive solution.
    """
    if gain <= 0:
        return False
    found = _coupling(moments, gain, delay)
    if found is None:
        return False
    K = found[1]
    try:
        y = np.linalg.solve(np.eye(len(K)) - K, np.ones(len(K)))
    except np.linalg.LinAlgError:
        return False
    return bool(np.all(y > 0))


def mean_square_bound(moments: Moments, delay: int = 0) -> float:
    """The gain up to which the mean-square recursion converges, by bisection of the exact test to 1e-13.

    For LMS without delay this is the root of sum_i mu lam_i/(2 (1 - mu lam_i)) = 1.

    Examples
    --------
    >>> from gainsched.excitation import linear_moments
    >>> round(mean_square_bound(linear_moments([1.0] * 10)), 12)            # 2/(N + 2)
    0.166666666667
    """
    high = mean_bound(moments, delay)
    if not math.isfinite(high):
        return math.inf
    low = 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if is_stable(moments, middle, delay) else (low, middle)
        if high - low <= 1e-13 * high:
            break
    return (low + high) / 2


def steady_state(moments: Moments, gain: float, noise: float, drift: Array, delay: int = 0) -> Array:
    """Modal powers c for k to infinity at a constant gain; inf where unstable, nan in modes without power.

    Examples
    --------
    >>> from gainsched.excitation import linear_moments
    >>> m = linear_moments([1.0] * 10)
    >>> round(float(steady_state(m, 0.05, 1.0, np.zeros(10)).sum()), 5)       # mu N/(2 - mu (N + 2))
    0.35714
    """
    found = _coupling(moments, gain, delay) if gain > 0 and is_stable(moments, gain, delay) else None
    if found is None:
        return np.full(moments.n, np.inf)
    active, K = found
    energy = noise_energy(gain * moments.a[active], delay)
    forcing = energy * ((gain**2 * noise * moments.G[active] if noise else 0.0) + drift[active])
    c = np.full(moments.n, np.nan)
    c[active] = np.linalg.solve(np.eye(len(K)) - K, forcing) if np.isfinite(forcing).all() else np.inf
    return np.where(~active & (drift > 0), np.inf, c)


def periodic_state(moments: Moments, gains: Array, noise: float, drift: Array) -> Array:
    """Mean over a period of the modal powers that repeating gains settle at; inf where unstable, nan without power.

    Examples
    --------
    >>> from gainsched.excitation import linear_moments
    >>> m = linear_moments([1.0] * 10)
    >>> round(float(periodic_state(m, np.full(7, 0.05), 1.0, np.zeros(10)).sum()), 5)      # as a constant gain
    0.35714
    """
    active = moments.a > 0
    n, a2, B = int(active.sum()), 2.0 * moments.a[active], moments.B[np.ix_(active, active)]
    injected = noise * moments.G[active] if noise else np.zeros(n)
    out = np.where(~active & (drift > 0), np.inf, np.full(moments.n, np.nan))
    total, offset = np.eye(n), np.zeros(n)                     # c -> total c + offset over the period so far
    with np.errstate(over="ignore", invalid="ignore"):
        for m in gains.tolist():
            total = total + m * (m * (B @ total) - a2[:, None] * total)
            offset = offset + m * (m * (B @ offset + injected) - a2 * offset) + drift[active]
        if not np.isfinite(total).all() or np.abs(np.linalg.eigvals(total)).max(initial=0.0) >= 1.0:
            out[active] = np.inf
            return out
        c = np.linalg.solve(np.eye(n) - total, offset)
        mean = np.zeros(n)
        for m in gains.tolist():
            mean += c / len(gains)
            c = c + m * (m * (B @ c + injected) - a2 * c) + drift[active]
    out[active] = mean
    return out


def map_of(moments: Moments, gain: float) -> Array:
    """F(mu) of the recursion without delay; nonnegative."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.diag(1.0 - 2.0 * gain * moments.a) + gain * (gain * moments.B))


def growth(moments: Moments, gain: float, delay: int = 0, steps: int = 4000) -> float:
    """Asymptotic factor per sample of the mean-square deviation: the spectral radius of the recursion.

    Without delay an eigenvalue of the symmetric F; with one the observed growth of the homogeneous recursion. inf where
    it overflows.
    """
    if delay == 0:
        F = map_of(moments, gain)
        return float(np.max(np.abs(np.linalg.eigvalsh(F)))) if np.isfinite(F).all() else math.inf
    state = Window(moments, np.ones(moments.n), delay)
    logs, half = 0.0, 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(1, steps + 1):
            state.step(gain, 0.0, 0.0)
            if k in (steps // 2, steps) or not _SMALL < state.c.max() < 1.0 / _SMALL:
                if not math.isfinite(scale := state.rescale()):
                    return 0.0 if scale < 0 else math.inf
                logs += scale
                half = logs if k == steps // 2 else half
        return float(np.exp((logs - half) / (steps - steps // 2)))


class Window:
    """The delayed recursion: correlations E[w~_a w~_b] of each mode for a, b among the last D + 1 samples.

    A step costs (D + 1) N and one product with B, which for regressors of independent modes is diagonal but for a
    product of rank one. Modes come last in the table: with them first, 512 modes and 50 samples took 4 times as long.
    """

    def __init__(self, moments: Moments, start: Array, delay: int) -> None:
        self.moments, self.delay, self.k = moments, delay, 0
        self.table: Array = np.tile(start, (delay + 1, delay + 1, 1))
        own = moments.B.diagonal() - moments.a**2
        rank_one = np.allclose(moments.B, np.diag(own) + np.outer(moments.a, moments.a), rtol=1e-14, atol=0.0)
        self.own = own if rank_one else None

    @property
    def c(self) -> Array:
        """The modal powers now."""
        slot = self.k % (self.delay + 1)
        return np.asarray(self.table[slot, slot])

    def step(self, gain: float, noise: float, drift: Array | float) -> None:
        """One sample; the oldest one leaves the window."""
        m, now, old = self.moments, self.k % (self.delay + 1), (self.k + 1) % (self.delay + 1)
        pull = gain * m.a
        p = self.table[old, old]
        spread = m.B @ p if self.own is None else self.own * p + m.a * (m.a @ p)
        forcing = gain * gain * (spread + (noise * m.G if noise else 0.0)) + drift
        power = self.table[now, now] - 2 * pull * self.table[now, old] + forcing
        row = self.table[now] - pull * self.table[old]
        self.table[old] = row
        self.table[:, old] = row
        self.table[old, old] = power
        self.k += 1

    def rescale(self) -> float:
        """Divide by the largest power in the window; returns its logarithm."""
        size = float(np.max(np.abs(self.table)))
        if not (math.isfinite(size) and size > 0):
            return -math.inf if size == 0 else math.inf
        self.table /= size
        return math.log(size)


def curve(moments: Moments, start: Array, gain: Callable[[NDArray[Any]], Any], samples: range, noise: float,
          drift: Array, delay: int = 0, first: int = 0) -> Array:
    """Modal powers c before the update of each sample in `samples`, rows (len(samples), N).

    Parameters
    ----------
    moments : Moments
    start : (N,) array
        c before sample samples.start.
    gain : callable
        Gain of an array of sample numbers.
    samples : range
        Clock of the rows; its step leaves samples out of the answer, not out of the recursion.
    noise : float
        Variance of the noise.
    drift : (N,) array
        Modal drift power per sample.
    delay : int
        Age of error and regressor in the update.
    first : int
        Sample number from which on the delay line holds data (updates before it + delay do nothing).
    """
    if delay:
        return _delayed_curve(moments, start, gain, samples, noise, drift, delay, first)
    rows = np.empty((len(samples), moments.n))
    c, a2, B = start.astype(np.float64), 2.0 * moments.a, moments.B
    injected = noise * moments.G if noise else np.zeros(moments.n)
    with np.errstate(over="ignore", invalid="ignore"):
        for block in range(0, len(samples), 4096):
            part = samples[block:block + 4096]
            mu = np.asarray(gain(np.arange(part.start, part.stop if part.step == 1 else part[-1] + part.step)), float)
            if part.step > 1 and np.ptp(mu) == 0:
                F, g = _leap(map_of(moments, mu[0]), mu[0] ** 2 * injected + drift, part.step)
                for i in range(len(part)):
                    rows[block + i] = c
                    c = F @ c + g
                continue
            for i, m in enumerate(mu):
                if i % part.step == 0:
                    rows[block + i // part.step] = c
                c = c + m * (m * (B @ c + injected) - a2 * c) + drift
    return np.where(np.isnan(rows), np.inf, rows)


def _leap(F: Array, g: Array, steps: int) -> tuple[Array, Array]:
    """The affine map c -> F c + g applied `steps` times, by repeated squaring."""
    total, offset = np.eye(len(F)), np.zeros(len(F))
    while steps:
        if steps & 1:
            total, offset = F @ total, F @ offset + g
        F, g = F @ F, F @ g + g
        steps >>= 1
    return total, offset


def _delayed_curve(moments: Moments, start: Array, gain: Callable[[NDArray[Any]], Any], samples: range, noise: float,
                   drift: Array, delay: int, first: int) -> Array:
    state = Window(moments, start.astype(np.float64), delay)
    rows = np.empty((len(samples), moments.n))
    last = samples[-1] + 1 if len(samples) else samples.start
    with np.errstate(over="ignore", invalid="ignore"):
        for begin in range(samples.start, last, 4096):
            ks = np.arange(begin, min(begin + 4096, last))
            for k, m in zip(ks.tolist(), np.asarray(gain(ks), float).tolist(), strict=True):
                if (k - samples.start) % samples.step == 0:
                    rows[(k - samples.start) // samples.step] = state.c
                state.step(m if k >= first + delay else 0.0, noise, drift)
    return np.where(np.isnan(rows), np.inf, rows)
