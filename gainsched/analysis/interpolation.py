r"""All functions of a class, seen at a few points: the inequalities that their values and gradients there obey.

A. Taylor, J. Hendrickx, F. Glineur, Math. Programming 161 (2017): for points :math:`x_i`, gradients :math:`g_i` and
values :math:`f_i` there is an m-strongly convex function with an L-Lipschitz gradient exactly if for every pair

.. math:: f_j - f_i + g_j'(x_i - x_j) + \frac{1}{2(1 - m/L)} \Big( \frac{|g_i - g_j|^2}{L} + m |x_i - x_j|^2
          - 2 \frac{m}{L} (g_i - g_j)'(x_i - x_j) \Big) \le 0 .

Linear in the values and in the Gram matrix of the start and the gradients: the worst of all functions in all
dimensions is a semidefinite program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Problem:
    r"""The worst case, to be solved for.

    .. math:: \max_{G \succeq 0,\, v} \langle C, G\rangle + c'v \quad\text{subject to}\quad
              \langle A_r, G\rangle + a_r'v \le b_r .

    G is the Gram matrix of the start and the gradients, v the values at the points and, for the best of them, that.

    Attributes
    ----------
    A, a, b : ndarray
        The rows.
    C, c : ndarray
        What is measured.
    points, gradients : ndarray
        Each as combinations of start and gradients; the last one is the minimum, 0.
    pairs : (ndarray, ndarray)
        (i, j) of the first rows.
    """

    A: Array
    a: Array
    b: Array
    C: Array
    c: Array
    points: Array
    gradients: Array
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]]


def travel(gains: Array, betas: Array, shares: list[tuple[float, float]]) -> tuple[Array, Array]:
    """(points, gradients) of a descent, as combinations of its start and of the gradients; a stop is one point.

    Examples
    --------
    >>> points, gradients = travel(np.array([0.5, 0.0, 2.0]), np.zeros(3), [(0.0, 1.0)] * 3)
    >>> print(points)
    [[ 1.   0.   0.   0. ]
     [ 1.  -0.5  0.   0. ]
     [ 1.  -0.5 -2.   0. ]
     [ 0.   0.   0.   0. ]]
    """
    width = len(gains) + 2
    x, memory = np.zeros(width), np.zeros(width)
    x[0] = 1.0
    points, used = [x], 1
    for mu, beta, (a, b) in zip(gains.tolist(), betas.tolist(), shares, strict=True):
        step = np.zeros(width)
        step[used] = mu
        memory = beta * memory + a * step
        moved = x - b * step - memory
        if not np.array_equal(moved, x):                     # elsewhere the gradient is the same again
            points.append(moved)
            used += 1
        x = moved
    gradients = np.zeros((used + 1, used + 1))
    gradients[:used, 1:] = np.eye(used)
    return np.array([*points, np.zeros(width)])[:, :used + 1], gradients


def interpolation(points: Array, gradients: Array, smooth: float, strong: float, measure: str, start: str) -> Problem:
    """The worst case of a measure at the last of the points, under a start of size one.

    Examples
    --------
    >>> found = interpolation(*travel(np.ones(2), np.zeros(2), [(0.0, 1.0)] * 2), 1.0, 0.0, "value", "distance")
    >>> found.A.shape, found.a.shape
    ((13, 4, 4), (13, 3))
    """
    many, width = points.shape
    last = many - 2
    i, j = np.nonzero(~np.eye(many, dtype=bool))
    apart, bent = points[i] - points[j], gradients[i] - gradients[j]
    A = _outer(gradients[j], apart)
    if np.isfinite(smooth):
        A += (_outer(bent, bent) / smooth + strong * _outer(apart, apart)
              - 2.0 * strong / smooth * _outer(bent, apart)) / (2.0 * (1.0 - strong / smooth))
    a = np.zeros((len(i), many))
    a[np.arange(len(i)), j] += 1.0
    a[np.arange(len(i)), i] -= 1.0
    a, unit = a[:, :-1], np.eye(many - 1)
    more: list[tuple[Array, Array, Array]] = []
    if not np.isfinite(smooth):
        more.append((_outer(gradients[:-1], gradients[:-1]), np.zeros((many - 1, many - 1)), np.ones(many - 1)))
    x = _outer(points[:1], points[:1])
    first = {"distance": (x, 0.0 * unit[:1]), "value": (0.0 * x, unit[:1]), "energy": (strong / 2.0 * x, unit[:1])}
    more.append((*first[start], np.ones(1)))
    C, c = np.zeros((width, width)), unit[last]
    if measure == "best":                                    # one more number, below every value
        a = np.hstack([a, np.zeros((len(a), 1))])
        more = [(rows, np.hstack([of, np.zeros((len(of), 1))]), right) for rows, of, right in more]
        below = np.hstack([-unit, np.ones((many - 1, 1))])
        more.append((np.zeros((many - 1, width, width)), below, np.zeros(many - 1)))
        c = np.append(np.zeros(many - 1), 1.0)
    elif measure != "value":
        vector = (gradients if measure == "gradient" else points)[last]
        C, c = np.outer(vector, vector), 0.0 * c
    return Problem(np.concatenate([A, *(part[0] for part in more)]), np.concatenate([a, *(part[1] for part in more)]),
                   np.concatenate([np.zeros(len(i)), *(part[2] for part in more)]), C, c, points, gradients,
                   (i, j))


def _outer(x: Array, y: Array) -> Array:
    """Symmetric products, one per row."""
    product = x[:, :, None] * y[:, None, :]
    return (product + product.swapaxes(1, 2)) / 2.0
