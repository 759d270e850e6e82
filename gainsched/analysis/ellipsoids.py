r"""Growth under switching, bounded by ellipsoids from a semidefinite program: one for each word of the last gains.

.. math:: A_i(\lambda)' P_{si} A_i(\lambda) \preceq \rho^2 P_s, \qquad P_s \succ 0 \quad
          \text{for every word } s \text{ and gain } i,

si the word s with i at its end and its first gain forgotten. Along any sequence the size of the error in the ellipsoid
of the moment then grows by :math:`\rho` at most. Without memory this is a common quadratic Lyapunov function; with it
the bound comes closer.

A. Ahmadi, R. Jungers, P. Parrilo, M. Roozbehani, "Joint spectral radius and path-complete graph Lyapunov functions",
SIAM J. Control Optim. 52 (2014).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.semidefinite import minimize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_UNKNOWNS = 200                   # of a program; measured: .2 s there
_TURNS = 25                       # of the bisection
_CLOSE = 1e-6                     # of the growth, at which it stops
_SPARE = 1e-7                     # of the growth, left for the solver's tolerance: what it finds then mostly proves rho
_EPS = 2.0**-52


def memories(A: Array) -> list[int]:
    """How many gains to remember: none, then 1 and 3 while the program stays small."""
    n = A.shape[-1]
    return [memory for memory in (0, 1, 3) if not memory or len(A) ** memory * n * (n + 1) // 2 <= _UNKNOWNS]


def growth_below(A: Array, memory: int, rho: float) -> float:
    """A proven bound of the growth under switching among A, (gains, ends of the modes, n, n), near rho; inf if none.

    The matrices are affine in the mode and a norm is convex: what holds at the ends holds between them.

    Examples
    --------
    >>> import numpy as np
    >>> turn = np.array([[[[0.0, 0.9], [-0.9, 0.0]]], [[[0.8, 0.0], [0.0, 0.8]]]])
    >>> 0.9 <= growth_below(turn, 0, 0.91) <= 0.91
    True
    """
    P = _proposed(A, memory, rho * (1.0 - _SPARE))
    if not np.isfinite(P).all():
        return math.inf
    try:
        U = np.linalg.cholesky(P).swapaxes(1, 2)
    except np.linalg.LinAlgError:
        return math.inf
    W = np.linalg.inv(U)                                     # nearly: |U A x| <= |U A W| |U x| / (1 - |U W - I|)
    n, worst = A.shape[-1], 0.0
    for s, i, t in _moves(len(A), memory):
        sizes = np.linalg.norm(U[t]) * np.linalg.norm(W[s])
        rounding = 8.0 * n * n * _EPS * float(sizes * np.linalg.norm(A[i], axis=(1, 2)).max())
        off = float(np.linalg.norm(U[s] @ W[s] - np.eye(n))) + 8.0 * n * n * _EPS * float(
            np.linalg.norm(U[s]) * np.linalg.norm(W[s]))
        if not off < 0.5:
            return math.inf
        worst = max(worst, (float(np.linalg.norm(U[t] @ A[i] @ W[s], 2, axis=(1, 2)).max()) + rounding) / (1.0 - off))
    return worst if math.isfinite(worst) else math.inf


def least_growth(A: Array, memory: int, lower: float, upper: float) -> float:
    """The smallest growth that ellipsoids of this memory prove, between a lower bound and one already proven.

    Examples
    --------
    >>> import numpy as np
    >>> pair = np.array([[[[1.0, 1.0], [0.0, 1.0]]], [[[1.0, 0.0], [1.0, 1.0]]]])
    >>> round(least_growth(pair, 0, 1.6, 2.0), 6)
    1.618034
    """
    best, low = upper, lower
    for _ in range(_TURNS):
        if not best > low * (1.0 + _CLOSE):
            break
        rho = math.sqrt(low * best)
        found = growth_below(A, memory, rho)
        low = low if found <= rho else rho
        best = min(best, found)
    return best


def _proposed(A: Array, memory: int, rho: float) -> Array:
    """The matrices P_s >= I of least trace that satisfy the inequalities at rho, as far as the solver succeeds."""
    n, count = A.shape[-1], len(A) ** memory
    i, j = np.triu_indices(n)
    basis = np.zeros((len(i), n, n))
    basis[np.arange(len(i)), i, j] = basis[np.arange(len(i)), j, i] = 1.0
    unknowns = np.arange(count * len(i)).reshape(count, len(i))
    blocks: list[tuple[Array, Array]] = []
    for own in unknowns:
        S = np.zeros((unknowns.size, n, n))
        S[own] = basis
        blocks.append((-np.eye(n), S))
    for s, gain, t in _moves(len(A), memory):
        for M in A[gain]:
            S = np.zeros((unknowns.size, n, n))
            S[unknowns[s]] += rho**2 * basis
            S[unknowns[t]] -= M.T @ basis @ M
            blocks.append((np.zeros((n, n)), S))
    found = minimize(np.tile((i == j).astype(np.float64), count), blocks, who='certify_switching with method="lmi"')
    return np.tensordot(found.point.reshape(count, len(i)), basis, 1)


def _moves(gains: int, memory: int) -> list[tuple[int, int, int]]:
    """(word, gain, next word), words as numbers whose digits are the gains."""
    words: int = gains**memory
    return [(s, i, (s * gains + i) % words) for s in range(words) for i in range(gains)]
