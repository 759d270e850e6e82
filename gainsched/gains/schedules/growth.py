"""Powers that may run out of the range of floats, at either end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNDERFLOW = -746.0           # ln of half the smallest float is -745.13


def scaled(start: float, growth: NDArray[np.float64]) -> NDArray[np.float64]:
    """start times growth; a start of 0 stays 0 where growth has overflowed."""
    return start * growth if start else np.zeros_like(growth)


def power(base: float, exponent: NDArray[np.float64]) -> NDArray[np.float64]:
    """base^exponent; NumPy takes ten times as long where that underflows, so whole blocks of zeros are spared."""
    if 0.0 < base < 1.0 and exponent.min(initial=math.inf) * math.log(base) < _UNDERFLOW:
        return np.zeros(exponent.shape)
    return np.asarray(base**exponent)


def power_limit(start: float, factor: float) -> float:
    """Where start factor^k goes."""
    if factor > 1.0:
        return float("inf") if start > 0 else 0.0
    return start if factor == 1.0 else 0.0
