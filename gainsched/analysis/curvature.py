"""Second derivatives at the weights of a descent: given, or from central differences of the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.descent import Descent


def measured(descent: Descent) -> tuple[NDArray[np.float64], float]:
    """Central differences of the gradient at the present step's k, their symmetric part, and the asymmetry."""
    w, k = descent.w, descent.n
    flat = w.reshape(-1)
    H = np.empty((flat.size, flat.size))
    for i, at in enumerate(flat):
        h = np.cbrt(np.finfo(float).eps) * max(1.0, abs(at))
        sides = []
        for sign in (1.0, -1.0):
            moved = flat.copy()
            moved[i] = at + sign * h
            sides.append((moved[i], descent._oracle.gradient(moved.reshape(w.shape), k)))
        H[i] = (sides[0][1] - sides[1][1]) / (sides[0][0] - sides[1][0])
    if not np.isfinite(H).all():
        raise ValueError("Descent.report: the gradient is infinite beside the present weights; pass hessian=.")
    size = float(np.abs(H).max())
    return (H + H.T) / 2, float(np.abs(H - H.T).max()) / size if size > 0 else 0.0


def given(hessian: ArrayLike, n: int) -> NDArray[np.float64]:
    """A matrix of the user's, or a refusal."""
    who, limit = "Descent.report: hessian", f"must be a symmetric ({n}, {n}) array of finite numbers"
    try:
        H = np.asarray(hessian, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(refusal(who, hessian, limit)) from None
    if H.shape != (n, n):
        raise ValueError(refusal(who, f"shape {H.shape}", limit))
    if not np.isfinite(H).all() or np.abs(H - H.T).max() > 1e-9 * np.abs(H).max():
        raise ValueError(refusal(who, hessian, limit))
    return (H + H.T) / 2
