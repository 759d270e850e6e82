"""Where a run writes y and e: memory that earlier runs gave back, or arrays of the user's own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.kernels.stock import Block

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALL = 1 << 16          # bytes; smaller arrays come from the allocator's own stock, without a page fault


def room(shape: tuple[int, ...], kind: type) -> NDArray[Any]:
    """An array for outputs, its numbers anything; its memory comes back when the last view of it is gone."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    if size < SMALL:
        return np.empty(shape, kind)
    return np.frombuffer(Block(size), kind).reshape(shape)        # type: ignore[call-overload,no-any-return]


def offered(out: Any, shape: tuple[int, ...], kind: type,
            *signals: NDArray[Any] | None) -> tuple[NDArray[Any], NDArray[Any]]:
    """The user's (y, e), or a refusal: written piece by piece, they may share no memory with the signals."""
    if not isinstance(out, tuple | list) or len(out) != 2:
        raise TypeError(refusal("out", type(out).__name__, "must be a pair (y, e) of arrays"))
    y, e = out
    for name, array in (("y", y), ("e", e)):
        label = f"out: {name}"
        if not isinstance(array, np.ndarray):
            raise TypeError(refusal(label, type(array).__name__, "must be a NumPy array"))
        if array.dtype != kind:
            raise TypeError(refusal(f"{label}: dtype", str(array.dtype), f"must be {np.dtype(kind)}"))
        if array.shape != shape:
            raise ValueError(refusal(f"{label}: shape", array.shape, f"must be {shape}, that of d"))
        if not (array.flags.c_contiguous and array.flags.aligned and array.flags.writeable):
            raise ValueError(f"{label} must be writable and contiguous (C order): it has strides {array.strides}, "
                             f"writeable={array.flags.writeable}. Try numpy.empty({shape}).")
        if any(signal is not None and np.may_share_memory(array, signal) for signal in signals):
            raise ValueError(f"{label} shares memory with x or d, which are still read while it is written. Pass an "
                             "array of its own.")
    if np.may_share_memory(y, e):
        raise ValueError("out: y and e share memory. Pass two arrays.")
    return y, e


def part(out: Any, begin: int, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """The part of the user's arrays that the next chunk fills."""
    last = begin + (shape[0] if shape else 0)
    if not isinstance(out, tuple | list) or not all(isinstance(array, np.ndarray) and array.ndim for array in out):
        raise TypeError(refusal("stream: out", type(out).__name__, "must be a pair (y, e) of arrays"))
    for array in out:
        if len(array) < last:
            raise ValueError(refusal("stream: out", len(array), f"must hold the {last} samples of the chunks so far"))
    return tuple(array[begin:last] for array in out)
