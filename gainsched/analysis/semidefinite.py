r"""Small semidefinite programs by clarabel (extra ``lmi``), without a modeling layer.

.. math:: \min_y\; c'y \quad\text{subject to}\quad E y = r,\qquad y \ge \ell,\qquad B_i + \sum_k y_k S_{ik} \succeq 0.

What the solver returns is a proposal: whoever asks proves it by eigenvalues, and never reads the solver's status.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gainsched.extras import extra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_TOLERANCE = 1e-10               # of gap and feasibility; clarabel stops earlier where it cannot


class Proposal(NamedTuple):
    """What the solver found, to be proven: the point, and the multipliers of equalities and of matrix inequalities."""

    point: Array
    equal: Array
    blocks: list[Array]


def minimize(cost: Array, blocks: list[tuple[Array, Array]], least: Array | None = None,
             equal: tuple[Array, Array] | None = None, who: str = "this") -> Proposal:
    """The least cost'y under matrix inequalities (B, S), S with one matrix per unknown, bounds and equalities.

    Examples
    --------
    >>> import numpy as np
    >>> basis = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    >>> found = minimize(np.ones(1), [(-np.array([[1.0, 2.0], [2.0, 1.0]]), basis)])     # the largest eigenvalue
    >>> print(found.point.round(6), found.blocks[0].round(6).tolist())
    [3.] [[0.5, 0.5], [0.5, 0.5]]
    """
    clarabel = extra("clarabel", "lmi", who)
    from scipy import sparse

    unknowns = len(cost)
    rows, right, cones = [], [], []
    if equal is not None:
        rows, right, cones = [sparse.csc_matrix(equal[0])], [equal[1]], [clarabel.ZeroConeT(len(equal[1]))]
    if least is not None:
        bounded = np.flatnonzero(np.isfinite(least))
        rows.append(sparse.csc_matrix(-np.eye(unknowns)[bounded]))
        right.append(-least[bounded])
        cones.append(clarabel.NonnegativeConeT(len(bounded)))
    for base, slopes in blocks:
        i, j, weight = _triangle(len(base))
        rows.append(-sparse.csc_matrix((slopes[:, i, j] * weight).T))
        right.append(base[i, j] * weight)
        cones.append(clarabel.PSDTriangleConeT(len(base)))
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = _TOLERANCE
    found = clarabel.DefaultSolver(sparse.csc_matrix((unknowns, unknowns)), np.asarray(cost, float),
                                   sparse.vstack(rows, format="csc"), np.concatenate(right), cones, settings).solve()
    multipliers = np.array(found.z)
    matrices, end = [], len(multipliers)
    for base, _ in reversed(blocks):
        i, j, weight = _triangle(len(base))
        Z = np.zeros_like(base)
        Z[i, j] = Z[j, i] = multipliers[end - len(i):end] / weight
        matrices.append(Z)
        end -= len(i)
    return Proposal(np.array(found.x), multipliers[:0 if equal is None else len(equal[1])], matrices[::-1])


def _triangle(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """(rows, columns, weights) of the upper triangle, column after column: what keeps inner products."""
    j, i = np.tril_indices(n)
    return i, j, np.where(i == j, 1.0, math.sqrt(2.0))
