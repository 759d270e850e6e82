"""From one value to another, along a line or half a cosine: exact at both ends, and accurate close to them.

Both measure the way from the nearer end, so that no small value is the difference of two large ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gainsched.gains.schedules._loops import sine_squared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values: TypeAlias = float | NDArray[np.float64]


def line(first: Values, last: Values, done: NDArray[np.float64], length: Values) -> NDArray[np.float64]:
    """The straight line, `done` of `length` samples past `first`."""
    left = length - done
    return _from_nearer(first, last, np.minimum(done, left) / length, done < left)


def wave(first: Values, last: Values, done: NDArray[np.float64], length: Values) -> NDArray[np.float64]:
    """Half a cosine, `done` of `length` samples past `first`."""
    left = length - done
    part = np.ascontiguousarray(np.minimum(done, left) / length)
    sine_squared(part.ctypes.data, part.size)
    return _from_nearer(first, last, part, done < left)


def _from_nearer(first: Values, last: Values, way: NDArray[np.float64],
                 near: NDArray[np.bool_]) -> NDArray[np.float64]:
    """first + way (last - first) where the first value is nearer, last - way (last - first) where the last is."""
    way *= last - first
    if near.all():                                    # whole blocks lie on one side: twice as fast
        way += first
        return way
    return last - way if not near.any() else np.where(near, first + way, last - way)
