"""The smallest gain at which a sparse map, a parabola of the gain, stops to contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gainsched.analysis.moments import Map

_DENSE, _STILL_DENSE = 100, 2000                 # unknowns up to which all eigenvalues are computed, or can be at need
_BASES, _RESTARTS = (60, 200), 300               # Arnoldi vectors: 20 miss pairs of equal size, as means have them
_STEP, _STEPS = 1.2, 60     # strides of the search
_EXACT = 1e-10              # of a crossing, relative


def radius(of: Map, mu: float) -> float:
    """Spectral radius of the map at one gain; nothing in it is random."""
    if of.size <= _DENSE:
        return _largest(of, mu)
    from scipy.sparse.linalg import ArpackNoConvergence, eigs

    for basis in _BASES:
        try:
            found = eigs(of.at(mu), k=1, ncv=min(basis, of.size), which="LM", v0=np.ones(of.size), maxiter=_RESTARTS,
                         return_eigenvectors=False)
        except ArpackNoConvergence:
            continue
        return float(np.abs(found)[0])
    if of.size <= _STILL_DENSE:
        return _largest(of, mu)
    raise ArithmeticError(f"DelayLine: no spectral radius of {of.size} unknowns at gain x power = {mu:.4g}.")


def _largest(of: Map, mu: float) -> float:
    return float(np.abs(np.linalg.eigvals(of.at(mu).toarray())).max())


def first_crossing(of: Map, start: float) -> float:
    """The smallest gain from which the spectral radius exceeds 1, looked for upward in strides of a fifth."""
    from scipy.optimize import brentq

    low = start
    while radius(of, low) >= 1.0:
        low /= 2.0
    for _ in range(_STEPS):
        high = _STEP * low
        if radius(of, high) >= 1.0:
            return float(brentq(lambda mu: radius(of, mu) - 1.0, low, high, rtol=_EXACT))
        low = high
    raise ArithmeticError(f"DelayLine: no limit of gain x power up to {low:.4g}.")
