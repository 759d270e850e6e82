"""Independent samples as a three-term recursion: all that exact expectation asks of their distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

NAMES = ("gaussian", "uniform", "binary")
_LARGEST = 48               # values of a discrete distribution
_EVEN = 1e-9                # largest odd moment, of a distribution of power 1


def recursion(samples: Any, degree: int) -> tuple[Array, int]:
    """(b_1 .. b_degree, largest degree) of a symmetric distribution of power 1.

    Its orthonormal polynomials obey s h_n = b_{n+1} h_{n+1} + b_n h_{n-1}: multiplication by a sample is a tridiagonal
    matrix with the b beside its diagonal, and expectation takes the element of h_0. Hence no moment of high order ever
    appears as a (huge) number.

    Parameters
    ----------
    samples : {"gaussian", "uniform", "binary"} or (values, probabilities)
    degree : int
        The largest that is asked for; a distribution of m values has none above m - 1.

    Examples
    --------
    >>> recursion("binary", 4), recursion(([-2.0, 0.0, 2.0], [0.125, 0.75, 0.125]), 4)[1]
    ((array([1.]), 1), 2)
    """
    n = np.arange(1, degree + 1)
    if isinstance(samples, str):
        if samples == "gaussian":
            return np.sqrt(n), degree
        if samples == "uniform":
            return n * np.sqrt(3.0 / (4.0 * n**2 - 1.0)), degree
        if samples == "binary":
            return np.ones(min(degree, 1)), min(degree, 1)
        raise ValueError(refusal("samples", samples, "must be one of " + ", ".join(map(repr, NAMES)),
                                 "Or give (values, probabilities)."))
    values, shares = _discrete(samples)
    top = min(degree, len(values) - 1)
    b, before, now = np.zeros(top), np.zeros(len(values)), np.ones(len(values))
    for i in range(top):                                       # Stieltjes
        after = values * now - (b[i - 1] * before if i else 0.0)
        b[i] = np.sqrt(np.sum(shares * after**2))
        before, now = now, after / b[i]
    return b, top


def _discrete(samples: Any) -> tuple[Array, Array]:
    """Values and probabilities, scaled to power 1; refused where they are no symmetric distribution."""
    try:
        values, shares = (np.asarray(part, dtype=np.float64) for part in samples)
    except (TypeError, ValueError):
        raise TypeError(refusal("samples", samples, "must be a name or (values, probabilities)",
                                "Try 'gaussian', or ([-1, 1], [.5, .5]).")) from None
    if values.ndim != 1 or values.shape != shares.shape or not 2 <= len(values) <= _LARGEST:
        raise ValueError(refusal("samples: shapes", (values.shape, shares.shape),
                                 f"must be two rows of 2 to {_LARGEST} numbers"))
    if not (np.isfinite(values).all() and (shares > 0).all() and abs(shares.sum() - 1.0) < _EVEN):
        raise ValueError(refusal("samples: probabilities", shares.tolist(), "must be > 0 and sum to 1"))
    order = np.argsort(values)
    values, shares = values[order], shares[order]
    if (np.diff(values) <= 0).any():
        raise ValueError(refusal("samples: values", values.tolist(), "must differ"))
    values = values / np.sqrt(np.sum(shares * values**2))
    if np.abs(values + values[::-1]).max() > _EVEN or np.abs(shares - shares[::-1]).max() > _EVEN:
        raise ValueError(refusal("samples: values", values.tolist(), "must be symmetric about 0, as their shares",
                                 "Try gs.analyze(loop, x=x, d=d), which asks the record itself."))
    return values, shares
