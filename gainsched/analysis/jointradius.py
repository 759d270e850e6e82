r"""The joint spectral radius of a few matrices: a product from below, a common norm from above.

G. Gripenberg, Linear Algebra Appl. 234 (1996); N. Guglielmi, V. Protasov, Found. Comput. Math. 13 (2013).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.modal import log_radius

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_LONGEST = 12                 # matrices in a product
_KEPT = 64                    # products of each length that are carried on
_VERTICES, _STEPS = 1000, 300   # of a polygon in the making
_EPS = 2.0**-52
_FAILED = 700.0               # logarithm of a bound that says nothing


def best_product(A: Array) -> tuple[float, list[int]]:
    """(logarithm of the growth per factor, word) of the best product found, among the largest of each length.

    Examples
    --------
    >>> import numpy as np
    >>> log, word = best_product(np.array([[[1.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]]))
    >>> round(float(np.exp(log)), 7), len(word)
    (1.618034, 2)
    """
    products, words = A.copy(), [[i] for i in range(len(A))]
    scales = np.zeros(len(A))
    best, word = -math.inf, [0]
    for length in range(1, _LONGEST + 1):
        logs = (log_radius(products) + scales) / length
        top = int(np.argmax(logs))
        if logs[top] > best + 1e-12:
            best, word = float(logs[top]), words[top]
        sizes = np.linalg.norm(products, axis=(1, 2))
        keep = np.argsort(-(np.log(np.maximum(sizes, 1e-300)) + scales), kind="stable")[:_KEPT]
        size = np.where(sizes[keep] > 0, sizes[keep], 1.0)
        kept, base = products[keep] / size[:, None, None], scales[keep] + np.log(size)
        products = (A[:, None] @ kept[None]).reshape(-1, *A.shape[1:])
        scales = np.tile(base, len(A))
        words = [[*words[i], j] for j in range(len(A)) for i in keep]
    return best, word


def common_norm(A: Array, word: list[int], log: float, ends: Array | None, gap: float) -> float:
    """Logarithm of the largest norm of `ends` (of A itself if None), in a norm made for A; at least `log`.

    Examples
    --------
    >>> import numpy as np
    >>> A = np.array([[[0.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [2.0, 0.0]]])
    >>> round(float(np.exp(common_norm(A, [0, 1], np.log(2.0), None, 1e-3))), 2)
    2.0
    """
    of = A if ends is None else ends
    best = _ellipsoid(A, of)
    if A.shape[-1] > 2 or not math.isfinite(log) or best <= log + gap:
        return best
    for g in (gap, 8.0 * gap):
        vertices = _polygon(A * math.exp(-log - g / 2.0), A, word, g / 2.0)
        if vertices is not None:
            return min(best, _polygon_norm(vertices, of))
    return best


def _polygon(A: Array, original: Array, word: list[int], gap: float) -> Array | None:
    """Vertices of a symmetric polygon in whose norm these matrices are no larger than exp(gap); None if not found."""
    M = np.eye(2)
    for i in word:
        M = original[i] @ M
        M /= max(float(np.abs(M).max()), 1e-300)
    values, vectors = np.linalg.eig(M)
    lead = vectors[:, int(np.argmax(np.abs(values)))]
    lead = lead / np.abs(lead).max()
    start = [lead.real, lead.imag] if np.abs(lead.imag).max() > 1e-9 else [lead.real]
    points = np.array([*start, [1e-3, 0.0], [0.0, 1e-3]])        # small ones: the polygon has an inside
    hull = _hull(points)
    for _ in range(_STEPS):
        moved = np.concatenate([hull, (hull @ A.swapaxes(1, 2)).reshape(-1, 2)])
        if not np.isfinite(moved).all():
            return None
        grown = _hull(moved)
        if len(grown) > _VERTICES:
            return None
        if _polygon_norm(hull, A) <= gap:
            return hull
        hull = grown
    return None


def _hull(points: Array) -> Array:
    """The vertices of the hull of these points and their mirror images, counterclockwise."""
    from scipy.spatial import ConvexHull

    both = np.concatenate([points, -points])
    return np.asarray(both[ConvexHull(both).vertices], dtype=np.float64)


def _polygon_norm(vertices: Array, matrices: Array) -> float:
    """Logarithm of the largest norm: how far the images of the vertices reach beyond the polygon's sides."""
    following = np.roll(vertices, -1, axis=0)
    side = following - vertices
    normals = np.stack([side[:, 1], -side[:, 0]], axis=1)
    offsets = (normals * vertices).sum(axis=1)
    if not (offsets > 0).all():
        return _FAILED
    images = (vertices @ matrices.swapaxes(1, 2)).reshape(-1, 2)
    reach = float(((images @ normals.T) / offsets).max())
    slack = 16.0 * _EPS * float((np.linalg.norm(normals, axis=1) / offsets).max()
                                    * np.abs(images).max() * 2.0)
    return math.log(max(reach + slack, 1e-300))


def _ellipsoid(A: Array, of: Array) -> float:
    """The best of a few: r^2 Q = r^2 I + sum A_i'Q A_i over all of the matrices, and over each of them alone."""
    n, best = A.shape[-1], _FAILED
    for some in (A, *([A[i:i + 1] for i in range(len(A))] if len(A) > 1 else []), A.mean(axis=0)[None]):
        lifted = np.sum([np.kron(B, B) for B in some], axis=0)
        radius = math.sqrt(float(np.abs(np.linalg.eigvals(lifted)).max()))
        r = max(radius * 1.001 if len(some) > 1 else math.sqrt(radius * max(1.0, radius * 1.002)), 1e-150)
        Q = np.linalg.solve(np.eye(n * n) - lifted.T / r**2, np.eye(n).reshape(-1)).reshape(n, n)
        try:
            U = np.linalg.cholesky((Q + Q.T) / 2.0).T
        except np.linalg.LinAlgError:
            continue
        inverse = np.linalg.inv(U)
        size = float(np.linalg.norm(U @ of @ inverse, 2, axis=(1, 2)).max())
        spread = float(np.linalg.norm(U) * np.linalg.norm(inverse) * np.linalg.norm(of, axis=(1, 2)).max())
        best = min(best, math.log(max(size + 32.0 * n * _EPS * spread, 1e-300)))
    return best
