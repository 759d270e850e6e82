r"""Gains in any order, behind a delay or under momentum: one Lyapunov function for every sequence in [0, h].

Frozen bounds say nothing of a gain that moves there. With the moments a, B of `gainsched.excitation.Moments`, the loop
gains :math:`\kappa_k = \mu_k a_i` and :math:`S = B - \mathrm{diag}(a^2)`, a mode is driven by its own past and by
:math:`\xi_k` of zero mean, uncorrelated with everything before it, with
:math:`E\xi_k^2 = \mu_k^2 (S c_{k-D})_i`. Let :math:`0 \le \mu_k \le h`.

**Delay.** :math:`x_{k+1} = x_k - \kappa_k x_{k-D} - \xi_k`. As
:math:`x_k = x_{k-D} - \sum_{j=k-D}^{k-1} (\kappa_j x_{j-D} + \xi_j)`, and :math:`2|E x_{j-D} x_{k-D}| \le c_{j-D} +
c_{k-D}`, with c the power of x,

.. math::
    c_{k+1} - c_k \le \kappa_k\Big(\kappa_k - 2 + \sum_{j=k-D}^{k-1}\kappa_j\Big) c_{k-D}
    + \kappa_k \sum_{j=k-D}^{k-1} \kappa_j c_{j-D} + E\xi_k^2 .

:math:`Q_k = \sum_{j=k-D}^{k-1} \kappa_j c_{j-D} \sum_{l=k}^{j+D} \kappa_l` changes by :math:`\kappa_k c_{k-D}
\sum_{l=k+1}^{k+D}\kappa_l - \kappa_k\sum_{j=k-D}^{k-1} \kappa_j c_{j-D}`, which cancels the middle term: for V = c + Q
of each mode

.. math:: V_{k+1} - V_k \le \mu_k\big[-a\,(2 - (2D+1)\,h a)\, c_{k-D} + h\,(S c_{k-D})\big] .

Some positive weights y of the modes make y'V fall at every sample with a gain if and only if

.. math:: h\,\rho\big(\mathrm{diag}(a)^{-1}(B + 2D\,\mathrm{diag}(a^2))\big) < 2 .

**Momentum** of constant beta, shares a, b written :math:`\alpha, b` (`gainsched.analysis.momentum`):
:math:`z = x - \frac{\beta}{1-\beta} p` does not feel the memory, :math:`z_{k+1} = z_k - g D_k` with
:math:`g = b + \alpha/(1-\beta)`. For :math:`V = E z^2 + \theta E p^2`, with :math:`A = g^2 + \theta\alpha^2` and
:math:`T = \beta(g/(1-\beta) + \theta\alpha)`, completing the square in E x p leaves

.. math::
    V_{k+1} - V_k \le \mu_k\Big[-2 g a\, c + h\,A\,B c + h\,\frac{T^2}{\theta(1-\beta^2)} a^2 c\Big] ,
    \quad h\,\rho\Big(\mathrm{diag}(a)^{-1}\big(A B + \tfrac{T^2}{\theta(1-\beta^2)}\mathrm{diag}(a^2)\big)\Big) < 2 g .

The best :math:`\theta` is looked for: the radius is log-convex in :math:`\ln\theta`, and any :math:`\theta` is a proof.
One mode without fluctuation gives back the circle criterion, :math:`\kappa < 2 (1-\beta)^2/(1+\beta)` for HeavyBall.

In both, below the bound some :math:`\delta > 0` is left over, so :math:`\sum\mu_k c_{k-D} \le V_0/\delta`, hence
:math:`\sum \mu_k V_k \le C V_0`, and V halves whenever the gains have added up to 2C: errors die out if the gains' sum
diverges, and noise leaves a bounded power. At D = 0, beta = 0 it is the exact bound of LMS.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.momentum import Mode
    from gainsched.excitation import Moments

    Array = NDArray[np.float64]

PROOF = "proof in gainsched.analysis.anyorder"
_SECTIONS = 20               # of the search over theta: to about 1e-3 of its logarithm, 1e-6 of the bound
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
_SAFE = 1.0 - 1e-12          # for the rounding of eigenvalues


def delayed_bound(moments: Moments, delay: int) -> float:
    """The gain h so that every sequence of gains in [0, h) is stable behind a delay.

    Examples
    --------
    >>> from gainsched.excitation import linear_moments
    >>> round(delayed_bound(linear_moments([1.0] * 10), 5), 9)                    # 2/(N + 2 + 2 D)
    0.090909091
    """
    a, B = _active(moments)
    return _SAFE * 2.0 / _radius(a, B, 2.0 * delay) if a.size else math.inf


def momentum_bound(moments: Moments, mode: Mode) -> float:
    """The gain h so that every sequence of gains in [0, h) is stable under momentum of constant beta.

    Examples
    --------
    >>> import gainsched as gs
    >>> from gainsched.analysis.momentum import Mode
    >>> from gainsched.excitation import linear_moments
    >>> heavy = Mode.of(gs.HeavyBall(0.9), 0.9)
    >>> round(momentum_bound(linear_moments([1.0] * 10), heavy), 6)
    0.005379
    """
    a, B = _active(moments)
    if not a.size:
        return math.inf
    beta, left = mode.beta, 1.0 - mode.beta
    g = mode.b + mode.a / left
    if beta * mode.a == 0:                                       # no memory that a correction could move
        return _SAFE * 2.0 / (g * _radius(a, B, 0.0))

    def bound(log_theta: float) -> float:
        theta = math.exp(log_theta)
        A, T = g * g + theta * mode.a**2, beta * (g / left + theta * mode.a)
        return _SAFE * 2.0 * g / (A * _radius(a, B, T * T / (theta * (1.0 - beta**2) * A)))

    high = math.log(g / (left * mode.a))                         # beyond it both terms rise with theta
    low = high - 14.0
    left_at, right_at = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    one, other = bound(left_at), bound(right_at)
    for _ in range(_SECTIONS):
        if one > other:
            high, right_at, other = right_at, left_at, one
            left_at = high - _GOLDEN * (high - low)
            one = bound(left_at)
        else:
            low, left_at, one = left_at, right_at, other
            right_at = low + _GOLDEN * (high - low)
            other = bound(right_at)
    return max(one, other)


def _active(moments: Moments) -> tuple[Array, Array]:
    """(a, B) of the modes with power; S = B - diag(a^2) is nonnegative but for rounding, and the proof needs it so."""
    active = moments.a > 0
    a = moments.a[active]
    return a, np.maximum(moments.B[np.ix_(active, active)], np.diag(a**2))


def _radius(a: Array, B: Array, extra: float) -> float:
    """Spectral radius of diag(a)^-1 (B + extra diag(a^2)), which is similar to a symmetric matrix."""
    root = np.sqrt(a)
    symmetric: Any = B / np.outer(root, root)
    return float(np.linalg.eigvalsh(symmetric + extra * np.diag(a))[-1])
