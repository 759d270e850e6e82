"""Signals whose columns are realizations, and the statistics of all of them together."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.excitation import Excitation
from gainsched.loop import Loop
from gainsched.models import FIR

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.filters import Filter

    Array = NDArray[Any]


def realizations(name: str, signal: ArrayLike) -> Array:
    """The signal as (N, M), real or complex, finite."""
    array = np.asarray(signal)
    if array.dtype.kind not in "biufc":
        raise TypeError(refusal(f"{name}: dtype", str(array.dtype), "must be numeric"))
    array = array.astype(complex if array.dtype.kind == "c" else float)
    array = array.reshape(-1, 1) if array.ndim < 2 else array
    if array.ndim != 2 or not array.size:
        raise ValueError(refusal(name, array.shape, "must have shape (N,) or (N, M), columns the realizations"))
    if not np.isfinite(array).all():
        raise ValueError(refusal(name, "NaN or infinity", "must be finite", "gs.analyze takes records with gaps."))
    return array


def taps(name: str, filter: Filter) -> int:
    """Length of the one delay line."""
    if not isinstance(filter.model, FIR) or filter.model.channels != 1:
        raise ValueError(refusal(f"{name}: model", filter.model, "must be FIR with one channel, as MATLAB's are"))
    return filter.model.taps


def looked_at(name: str, loop: Loop, m: int) -> tuple[int, int]:
    """(taps, decimation) of a loop that MATLAB's names make sense for."""
    if not isinstance(loop, Loop):
        raise TypeError(refusal(f"{name}: loop", loop, "must be a Loop", "Try gs.Loop(gs.LMS(32), gain=.01)."))
    if isinstance(m, bool) or not isinstance(m, numbers.Integral) or m < 1:
        raise ValueError(refusal(f"{name}: m", m, "must be an integer >= 1"))
    return taps(name, loop.filter), int(m)


def excitation(name: str, n: int, x: ArrayLike, d: ArrayLike) -> tuple[Excitation, int]:
    """The operating point of all columns together, without drift, and their length."""
    from scipy.signal import oaconvolve

    X, D = realizations(f"{name}: x", x), realizations(f"{name}: d", d)
    if D.shape != X.shape:
        raise ValueError(refusal(f"{name}: d", D.shape, f"must have the shape of x, {X.shape}"))
    between = np.full((1, X.shape[1]), np.nan)                  # no regressor reaches from one column into the next
    joined, goal = (np.concatenate([s, between]).T.ravel() for s in (X, D))
    found = Excitation.from_data(joined, goal, model=FIR(n))
    assert found.w_opt is not None
    residual = (D - oaconvolve(X, found.w_opt[:, None], axes=0)[:len(X)])[n - 1:]
    return Excitation(found.R, float(np.mean(np.abs(residual) ** 2)), None, found.kurtosis, w_opt=found.w_opt,
                      peak=found.peak, burst=found.burst, sample=found.sample), len(X)
