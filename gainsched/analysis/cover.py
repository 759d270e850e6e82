r"""A bound on the growth over whole intervals of modes, for loops with memory or delay.

Between two modes :math:`A_k(\lambda)` is affine, and a norm is convex: its largest value over the interval is the
larger of those at the two ends. With ellipsoids :math:`z'Q_k z` that follow the loop around the period,

.. math::
    \rho\Big(\prod_k A_k(\lambda)\Big) \le \prod_k \max_{\lambda \in \{l, h\}}
    \max_z \sqrt{\frac{z'A_k(\lambda)' Q_{k+1} A_k(\lambda) z}{z'Q_k z}} \quad \text{for all}\; l \le \lambda \le h,
    \qquad Q_P = Q_0 .

Any positive definite Q prove something; those of the Lyapunov equation at the middle of the interval,
:math:`Q_k = W + A_k'Q_{k+1}A_k/r^2` with r between the growth there and 1, prove enough once the interval is small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.modal import AT_ONCE, log_radius

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.modal import Modal

    Array = NDArray[np.float64]

_EPS = 2.0**-52


def bound(modal: Modal, low: Array, high: Array) -> tuple[Array, Array]:
    """(logarithm of the growth per sample at the middle, its upper bound over each interval [low, high]).

    The bound is inf where the middle itself does not shrink.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> from gainsched.analysis.modal import Modal
    >>> modal = Modal.of(np.array([0.5]), np.array([0.9]), gs.HeavyBall(0.9))
    >>> middle, above = bound(modal, np.array([1.0]), np.array([1.01]))
    >>> print(np.exp(middle).round(4), np.exp(above) < 1)
    [0.9487] [ True]
    """
    width = max(1, AT_ONCE // (modal.period * modal.order**2))
    parts = [_bound(modal, low[i:i + width], high[i:i + width]) for i in range(0, len(low), width)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _bound(modal: Modal, low: Array, high: Array) -> tuple[Array, Array]:
    middle = np.where(low > 0, np.sqrt(low * high), (low + high) / 2.0)
    M, logs = modal.monodromy(middle)
    found = (log_radius(M) + logs) / modal.period
    above = np.full(len(low), np.inf)
    shrinks = np.flatnonzero(found < 0)
    if len(shrinks):
        rate = np.maximum(found[shrinks], -4.0) / 2.0
        X = M[shrinks] * np.exp(logs[shrinks] - modal.period * rate)[:, None, None]
        with np.errstate(all="ignore"):
            above[shrinks] = _around(modal, low[shrinks], middle[shrinks], high[shrinks], rate, X)
    return found, np.where(np.isnan(above), np.inf, above)


def _weights(modal: Modal, middle: Array) -> Array:
    """W: the memory is measured against the speed of a mode of this load."""
    W = np.broadcast_to(np.eye(modal.order), (len(middle), modal.order, modal.order)).copy()
    if modal.memory:
        speed = float(np.mean(modal.a * modal.gains)) * (middle + modal.leak)
        W[:, -1, -1] = 1.0 / np.minimum(1.0, np.maximum(speed, 1e-12))
    return W


def _around(modal: Modal, low: Array, middle: Array, high: Array, rate: Array, X: Array) -> Array:
    """Logarithm of the proven growth per sample; X the product over a period at the middle, over r^P."""
    W, B = _weights(modal, middle), np.exp(-rate)[:, None, None] * modal.matrices(middle)
    S = np.zeros_like(X)
    for A in B[::-1]:
        S = W + A.swapaxes(1, 2) @ (S @ A)
    for _ in range(60):                                    # Smith's doubling: S = sum of X'^j S X^j
        S = S + X.swapaxes(1, 2) @ (S @ X)
        X = X @ X
        if float(np.abs(X).max()) < 1e-10:
            break
    Q = np.empty((modal.period + 1, *S.shape))
    Q[-1] = Q[0] = (S + S.swapaxes(1, 2)) / 2.0            # the ellipsoids close around the period
    for k in range(modal.period - 1, 0, -1):
        Q[k] = W + B[k].swapaxes(1, 2) @ (Q[k + 1] @ B[k])
    U = _cholesky(Q)
    before, after = _inverse(U[:-1]), U[1:]
    ends = np.maximum(_norm(modal.matrices(low), before, after), _norm(modal.matrices(high), before, after))
    above: Array = np.log(ends).sum(axis=0) / modal.period
    return above


def _cholesky(Q: Array) -> Array:
    """Upper triangular U with Q = U'U; nan where Q is not positive definite."""
    U = np.zeros_like(Q)
    if Q.shape[-1] == 2:
        U[..., 0, 0] = np.sqrt(Q[..., 0, 0])
        U[..., 0, 1] = Q[..., 0, 1] / U[..., 0, 0]
        U[..., 1, 1] = np.sqrt(Q[..., 1, 1] - U[..., 0, 1] ** 2)
        return U
    try:
        U[...] = np.linalg.cholesky(Q).swapaxes(-1, -2)
    except np.linalg.LinAlgError:
        U[...] = np.nan
    return U


def _inverse(U: Array) -> Array:
    out = np.zeros_like(U)
    if U.shape[-1] == 2:
        out[..., 0, 0], out[..., 1, 1] = 1.0 / U[..., 0, 0], 1.0 / U[..., 1, 1]
        out[..., 0, 1] = -U[..., 0, 1] * out[..., 0, 0] * out[..., 1, 1]
        return out
    good = np.isfinite(U).all(axis=(-1, -2)) & (np.abs(np.diagonal(U, axis1=-2, axis2=-1)).min(axis=-1) > 0)
    out[...] = np.nan
    out[good] = np.linalg.inv(U[good])
    return out


def _norm(A: Array, before: Array, after: Array) -> Array:
    """The largest stretch of A from one ellipsoid's norm (`before` inverted) to the next's, rounding included."""
    B = after @ (A @ before)
    if A.shape[-1] == 2:
        s = (B[..., 0, :] ** 2 + B[..., 1, :] ** 2).sum(axis=-1)
        d = B[..., 0, 0] * B[..., 1, 1] - B[..., 0, 1] * B[..., 1, 0]
        size = np.sqrt((s + np.sqrt(np.maximum(s * s - 4.0 * d * d, 0.0))) / 2.0)
    else:
        size = np.full(B.shape[:-2], np.nan)
        finite = np.isfinite(B).all(axis=(-1, -2))
        size[finite] = np.linalg.norm(B[finite], 2, axis=(-2, -1))
    spread = [np.sqrt((F**2).sum(axis=(-1, -2))) for F in (after, A, before)]
    rounded: Array = size + 8.0 * A.shape[-1] * _EPS * spread[0] * spread[1] * spread[2]
    return rounded
