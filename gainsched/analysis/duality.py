r"""Both sides of a performance estimate, proven from what a solver proposes.

Above: multipliers :math:`\lambda \ge 0` with :math:`\sum_r \lambda_r a_r = c` and
:math:`S = \sum_r \lambda_r A_r - C \succeq 0` give :math:`\langle C, G\rangle + c'v \le b'\lambda` for every function.
The solver's multipliers fail by its tolerance: they are made to fit, with S asked to be a little better than needed.

Below: values and gradients that satisfy every row belong to a function of the class. The solver's fail by its
tolerance: a share of the function with the most room in every row is mixed in.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.semidefinite import minimize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.interpolation import Problem

    Array = NDArray[np.float64]

_SHIFTS = (1e-9, 1e-7, 1e-5)     # of S, beyond what is needed; each costs its size times the trace of G
_EPS = 2.0**-52
WHO = "worst_case"


def bracket(problem: Problem) -> tuple[float, float, Array]:
    """(upper, lower, G): proven bounds of the worst case, inf where none was found above, and who attains the lower.

    Examples
    --------
    >>> import numpy as np
    >>> from gainsched.analysis.interpolation import interpolation, travel
    >>> path = travel(np.ones(4), np.zeros(4), [(0.0, 1.0)] * 4)
    >>> upper, lower, G = bracket(interpolation(*path, 1.0, 0.0, "value", "distance"))
    >>> round(upper, 6), round(lower, 6), round(1 / 18, 6)
    (0.055556, 0.055556, 0.055556)
    """
    upper, lower, attained = math.inf, 0.0, np.zeros_like(problem.C)
    roomy = _roomiest(problem)
    for shift in _SHIFTS:
        S = -problem.C - shift * np.eye(len(problem.C))
        found = minimize(problem.b, [(S, problem.A)], np.zeros(len(problem.b)), (problem.a.T, problem.c), WHO)
        low, G = _below(problem, found.blocks[0], -found.equal, *roomy)
        if low > lower:
            lower, attained = low, G
        upper = _above(problem, found.point)
        if math.isfinite(upper):
            break
    return upper, lower, attained


def _roomiest(problem: Problem) -> tuple[Array, Array]:
    """(G, v) whose rows keep the largest least distance from their right sides.

    Measured: quadratics, whose late steps are short, leave a hundredth of this room; the lower bound then lies 70 %
    below the upper at 30 steps of a cosine, and .1 % with these.
    """
    rows, width = problem.a.T, len(problem.C)
    wanted = np.append(np.zeros(len(rows)), 1.0)
    found = minimize(problem.b, [(np.zeros((width, width)), problem.A)], np.zeros(len(problem.b)),
                     (np.vstack([rows, np.ones(len(problem.b))]), wanted), WHO)
    return _positive(found.blocks[0]), -found.equal[:-1]


def _above(problem: Problem, proposed: Array) -> float:
    """b'lambda for multipliers made to fit; inf where S is not proven positive semidefinite."""
    if not np.isfinite(proposed).all():
        return math.inf
    rows, many = np.maximum(proposed, 0.0), len(problem.points)
    i, j = problem.pairs
    if problem.a.shape[1] == many:                           # the best value: its weights add up to one
        weights = rows[1 - many:]
        weights /= max(float(weights.sum()), 1e-300)
    least = many - 1                                         # the minimum: an edge to or from it mends every value
    into = np.empty(least, dtype=np.intp)
    out = np.empty(least, dtype=np.intp)
    into[j[i == least]], out[i[j == least]] = np.flatnonzero(i == least), np.flatnonzero(j == least)
    missing = problem.c[:least] - problem.a[:, :least].T @ rows
    np.add.at(rows, np.where(missing > 0, into, out), np.abs(missing))
    left = 4.0 * len(rows) * _EPS * (np.abs(problem.a).T @ rows + 1.0).sum()      # what rounding leaves unmended
    S = np.tensordot(rows, problem.A, 1) - problem.C
    spread = float(np.linalg.norm(np.tensordot(rows, np.abs(problem.A), 1) + np.abs(problem.C)))
    edge = float(np.linalg.norm(problem.A[np.concatenate([into, out])], axis=(1, 2)).max())
    margin = _EPS * (len(rows) + 8.0 * len(S)) * spread + left * edge
    if not (math.isfinite(margin) and np.linalg.eigvalsh(S)[0] >= margin):
        return math.inf
    return float(problem.b @ rows) * (1.0 + len(rows) * _EPS) + float(left)


def _below(problem: Problem, G: Array, v: Array, roomy: Array, level: Array) -> tuple[float, Array]:
    """What a function of the class attains: the solver's, with as much of the roomy one as makes it belong."""
    if not (np.isfinite(G).all() and np.isfinite(v).all() and np.isfinite(roomy).all() and np.isfinite(level).all()):
        return 0.0, roomy
    G = _positive(G)
    over, room = _excess(problem, G, v), -_excess(problem, roomy, level)
    wrong = over > 0
    if wrong.any() and room[wrong].min() <= 0:
        return 0.0, roomy
    share = float((over[wrong] / (over[wrong] + room[wrong])).max(initial=0.0))
    G, v = (1.0 - share) * G + share * roomy, (1.0 - share) * v + share * level
    return float(np.tensordot(problem.C, G, 2) + problem.c @ v), G


def _excess(problem: Problem, G: Array, v: Array) -> Array:
    """By how much each row is passed, its rounding added."""
    size = np.tensordot(np.abs(problem.A), np.abs(G), 2) + np.abs(problem.a) @ np.abs(v) + problem.b
    excess: Array = np.tensordot(problem.A, G, 2) + problem.a @ v - problem.b + 64.0 * _EPS * size
    return excess


def _positive(G: Array) -> Array:
    """Without negative eigenvalues."""
    if not np.isfinite(G).all():
        return G
    values, vectors = np.linalg.eigh((G + G.T) / 2.0)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)
