"""Moments of the update at unit gain, mode by mode: all that the mean-square recursion needs of a filter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

_STEP = 0.2            # of ln t: the trapezoid rule errs by exp(-pi^2/step), far below rounding
_NEGLIGIBLE = 41.0     # exp(-41) = 1.6e-18


@dataclass(frozen=True, eq=False)
class Moments:
    r"""Second-order theory of one update rule under one excitation, in the modal coordinates of the regressor.

    Let the update be :math:`w_{k+1} = w_k + \mu\, e_k v_k` with :math:`e_k = d_k - w_k'u_k`,
    :math:`d_k = w_o'u_k + n_k`, and v along u (v = u for LMS, :math:`u/(\epsilon + |u|^2)` for NLMS). The weight error
    :math:`\tilde w = w_o - w` in modal coordinates (u has uncorrelated, symmetric components :math:`x_i` of variance
    :math:`\lambda_i`; v has :math:`v_i`) obeys

    .. math:: \tilde w_i^+ = \tilde w_i - \mu v_i \textstyle\sum_j x_j \tilde w_j - \mu v_i n .

    Square and take means, regressor independent of the weights. Products with an odd number of any component vanish by
    symmetry, so that the modal powers :math:`c_i = E\tilde w_i^2` do not see the off-diagonal correlations:

    .. math:: c^+ = (I - 2\mu\,\mathrm{diag}(a) + \mu^2 B)\, c + \mu^2 \sigma_n^2 G + q,

    .. math:: a_i = E[v_i x_i], \qquad B_{ij} = E[v_i^2 x_j^2], \qquad G_i = E[v_i^2],

    q the drift of :math:`w_o` per sample. The mean obeys :math:`E\tilde w_i^+ = (1 - \mu a_i) E\tilde w_i`.

    Attributes
    ----------
    a : (N,) array
        Mean loop gain of each mode at unit gain.
    B : (N, N) array
        Coupling of the modal powers.
    G : (N,) array
        Noise injection. Infinite where it has no mean (NLMS, eps = 0, N <= 2).
    """

    a: Array
    B: Array
    G: Array

    @property
    def n(self) -> int:
        """Number of modes."""
        return len(self.a)

    def mean_of(self, count: int) -> Moments:
        r"""Moments of the mean of `count` independent updates of LMS's kind, taken at the same weights.

        What is known, :math:`a_i^2 c_i`, stays; what fluctuates falls by `count`:
        :math:`B \to A^2 + (B - A^2)/\mathrm{count}` with :math:`A = \mathrm{diag}(a)`, :math:`G \to G/\mathrm{count}`.

        Examples
        --------
        >>> from gainsched.excitation import linear_moments
        >>> print(linear_moments([1.0, 2.0]).mean_of(2).B)
        [[2. 1.]
         [1. 8.]]
        """
        known = np.diag(self.a**2)
        return Moments(self.a, known + (self.B - known) / count, self.G / count)


def linear_moments(modes: ArrayLike, kurtosis: float = 0.0, circular: bool = False) -> Moments:
    r"""Moments of LMS: v = u.

    :math:`a = G = \lambda`; real :math:`B = \mathrm{diag}((2+\kappa)\lambda^2) + \lambda\lambda'`, circular complex
    :math:`B = \mathrm{diag}((1+\kappa)\lambda^2) + \lambda\lambda'`, with independent modes of excess kurtosis
    :math:`\kappa`.

    Parameters
    ----------
    modes : (N,) array
        Eigenvalues of the regressor's covariance, power of x.
    kurtosis : float
        Excess kurtosis of the modes (0: Gaussian).
    circular : bool
        Complex signals, circularly symmetric.

    References
    ----------
    A. Feuer, E. Weinstein, "Convergence analysis of LMS filters with uncorrelated Gaussian data", IEEE Trans. ASSP 33
    (1985). A. H. Sayed, *Fundamentals of Adaptive Filtering*, Wiley 2003, chapter 5.

    Examples
    --------
    >>> from gainsched.excitation import linear_moments
    >>> print(linear_moments([1.0, 2.0]).B)
    [[ 3.  2.]
     [ 2. 12.]]
    """
    lam = np.asarray(modes, dtype=np.float64)
    fourth = (1.0 if circular else 2.0) + kurtosis
    return Moments(lam, np.diag(fourth * lam**2) + np.outer(lam, lam), lam)


def normalized_moments(modes: ArrayLike, eps: float, circular: bool = False) -> Moments:
    r"""Moments of NLMS, :math:`v = u/(\epsilon + |u|^2)`, for Gaussian u: exact to rounding, any spread and eps.

    With :math:`1/p = \int_0^\infty e^{-tp}\,dt` and :math:`1/p^2 = \int_0^\infty t\,e^{-tp}\,dt` the means over the
    Gaussian u are elementary; with :math:`s_i = 1 + 2t\lambda_i` and :math:`\pi(t) = e^{-t\epsilon}\prod_j s_j^{-1/2}`

    .. math::
        a_i = \int \frac{\lambda_i}{s_i}\,\pi\,dt, \qquad
        G_i = \int \frac{t\lambda_i}{s_i}\,\pi\,dt, \qquad
        B_{ij} = \int \frac{t\,(1+2\delta_{ij})\,\lambda_i\lambda_j}{s_i s_j}\,\pi\,dt .

    Circular complex: :math:`s_i = 1 + t\lambda_i`, :math:`\pi = e^{-t\epsilon}\prod_j s_j^{-1}`,
    :math:`(1+\delta_{ij})`. In ln t the integrands are analytic in a strip and decay exponentially on both sides, so
    the trapezoid rule converges geometrically.

    Parameters
    ----------
    modes : (N,) array
        Eigenvalues of the regressor's covariance, power of x. Modes without power stay zero.
    eps : float
        Regularization, >= 0, power of x summed over the regressor.
    circular : bool
        Complex signals, circularly symmetric.

    Notes
    -----
    At eps = 0: sum(a) = 1 and 1'B = a', hence the total power obeys
    :math:`1'c^+ = 1'c - \mu(2-\mu)\,a'c + \dots`: stable for 0 < mu < 2 whatever the spread.

    Cost: about 300 nodes, each N^2 operations.

    References
    ----------
    N. J. Bershad, "Analysis of the normalized LMS algorithm with Gaussian inputs", IEEE Trans. ASSP 34 (1986).
    M. Tarrab, A. Feuer, "Convergence and performance analysis of the normalized LMS algorithm with uncorrelated
    Gaussian data", IEEE Trans. IT 34 (1988).

    Examples
    --------
    >>> from gainsched.excitation import normalized_moments
    >>> m = normalized_moments([1.0] * 8, eps=0.0)
    >>> print((m.a * 8).round(12)[:2], (m.G * 8 * 6).round(12)[:2])       # 1/N and E[1/|u|^2]/N = 1/(N (N - 2))
    [1. 1.] [1. 1.]
    """
    lam = np.asarray(modes, dtype=np.float64)
    active = lam > 0
    a, G, B = np.zeros(len(lam)), np.zeros(len(lam)), np.zeros((len(lam), len(lam)))
    live = lam[active]
    if len(live):
        width, power = (1.0, 1.0) if circular else (2.0, 0.5)
        t = np.exp(_log_nodes(live, eps, width, power * len(live)))
        s = 1.0 + width * np.outer(t, live)
        density = _STEP * t * np.exp(-t * eps - power * np.log(s).sum(axis=1))
        share = live / s
        a[active] = density @ share
        divergent = eps == 0.0 and power * len(live) <= 1.0
        G[active] = math.inf if divergent else (density * t) @ share
        coupling = share.T @ (share * (density * t)[:, None])
        coupling[np.diag_indices(len(live))] *= 1.0 + width
        B[np.ix_(active, active)] = coupling
    return Moments(a, B, G)


def sample_moments(sample: ArrayLike, eps: float) -> Moments:
    """Moments of NLMS over a record's own regressors: plain averages, for any distribution.

    Parameters
    ----------
    sample : (m, N) array
        Regressors in modal coordinates.
    eps : float
        Regularization.

    Notes
    -----
    What remains assumed: regressors independent from sample to sample, and odd products of modes that average out.
    1'B = a' at eps = 0 holds for every sample, and with it stability for 0 < mu < 2.

    Examples
    --------
    >>> from gainsched.excitation.moments import sample_moments
    >>> print(sample_moments([[1.0, 0.0], [0.0, 2.0]], eps=0.0).G)
    [0.5   0.125]
    """
    power = np.abs(np.asarray(sample)) ** 2
    total = power.sum(axis=1) + eps
    inverse = np.where(total > 0, 1.0 / np.where(total > 0, total, 1.0), 0.0)
    share = power * inverse[:, None]
    return Moments(share.mean(axis=0), share.T @ share / len(share), (share * inverse[:, None]).mean(axis=0))


def _log_nodes(lam: Array, eps: float, width: float, decay: float) -> Array:
    """Nodes in ln t that hold every integrand down to 1e-18 of its peak; `decay` is the power of 1/t of prod s."""
    first = -math.log(width * lam.sum() + eps) - _NEGLIGIBLE
    flat = -math.log(width * lam.min())                             # beyond it every factor decays as a power of t
    tail = min(decay - 1.0, decay) if decay > 1.0 else decay        # of t G; with eps = 0 and decay <= 1 only a and B
    last = flat + _NEGLIGIBLE / max(tail, 0.5)
    if eps > 0:
        cut = math.log(_NEGLIGIBLE + 4.0) - math.log(eps)           # the exponential ends it
        last = min(last, cut) if decay > 1.0 else cut
    return np.arange(first, last + _STEP, _STEP)


__all__ = ["Moments", "linear_moments", "normalized_moments", "sample_moments"]


