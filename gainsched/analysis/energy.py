"""The H-infinity view of LMS: how much of the energy of noise and start may come back as prediction error."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

_PRECISE = 1e-9              # of the answer


def energy_gain(regressors: ArrayLike, gain: float) -> float:
    r"""The largest gain of LMS from disturbances to prediction errors on these regressors, whatever the disturbances.

    .. math:: \gamma^2 = \max_{n,\, \tilde w_0}\;
              \frac{\sum_k (u_k'\tilde w_k)^2}{|\tilde w_0|^2/\mu + \sum_k n_k^2}, \qquad
              \tilde w_{k+1} = \tilde w_k - \mu u_k (u_k'\tilde w_k + n_k)

    At most 1 where :math:`\mu |u_k|^2 \le 1` for all k: no other filter does better against the worst case. With
    :math:`|u| = 1` for ever it is max(1, mu/(2 - mu)).

    Parameters
    ----------
    regressors : (T, N) or (T,) array
        Row k is u_k, as ``filter.model.regressors(x)`` gives them.
    gain : float
        The constant gain, > 0.

    Returns
    -------
    float
        gamma, an amplitude: the largest singular value of the map over the record, to 1e-9.

    Raises
    ------
    ValueError
        For an empty or non-finite record, or a gain that is not a positive finite number.

    Notes
    -----
    Bisection on gamma; each trial is one backward Riccati recursion of N x N. Cost: about 40 T (N^2) multiplications.

    B. Hassibi, A. H. Sayed, T. Kailath, "H-infinity optimality of the LMS algorithm", IEEE Trans. SP 44 (1996).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(300)
    >>> u = gs.FIR(2).regressors(x)
    >>> limit = 1 / np.max(np.sum(u**2, axis=1))
    >>> gs.energy_gain(u, 0.9 * limit) <= 1, gs.energy_gain(u, 4 * limit) > 1
    (True, True)
    """
    u = np.asarray(regressors, dtype=np.float64)
    u = u[:, None] if u.ndim == 1 else u
    if u.ndim != 2 or not u.size:
        raise ValueError(refusal("energy_gain: regressors", u.shape, "must be a (T, N) array with at least one row"))
    if not np.isfinite(u).all():
        raise ValueError(refusal("energy_gain: regressors", "NaN or infinity", "must be finite"))
    mu = float(gain) if isinstance(gain, numbers.Real) and not isinstance(gain, bool) else math.nan
    if not 0 < mu < math.inf:
        raise ValueError(refusal("energy_gain: gain", gain, "must be a finite number > 0"))
    if not u.any():
        return 0.0
    low, high = 0.0, 1.0
    while not _bounded(u, mu, high):
        low, high = high, 2.0 * high
        if high > 1e150:
            return math.inf
    while high - low > _PRECISE * high:
        middle = (low + high) / 2.0
        low, high = (low, middle) if _bounded(u, mu, middle) else (middle, high)
    return high


def _bounded(u: Array, mu: float, gamma: float) -> bool:
    """Whether no disturbance reaches gamma: the cost to go w'Pw stays finite, and below what a start costs."""
    n, square = u.shape[1], gamma * gamma
    P: Any = np.zeros((n, n))
    with np.errstate(over="ignore", invalid="ignore"):
        for row in u[::-1]:
            Pu = mu * (P @ row)                                       # -P B, with B = -mu u
            reach = mu * float(row @ Pu)                              # B'P B
            if not reach < square:
                return False
            pull = Pu - reach * row                                   # -(A'P B), with A = I - mu u u'
            cross = np.outer(row, Pu)
            P = P - cross - cross.T + np.outer(row, (1.0 + reach) * row) + np.outer(pull, pull / (square - reach))
        if not np.isfinite(P).all():
            return False
        return bool(np.linalg.eigvalsh((P + P.T) / 2.0)[-1] <= square / mu)
