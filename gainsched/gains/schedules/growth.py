"""Powers that may run out of the range of floats, at either end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEW = 64.0                   # looking a value up takes 2 ns, raising it 5
_UNDERFLOW = -746.0           # ln of half the smallest float is -745.13


def scaled(start: float, growth: NDArray[np.float64]) -> NDArray[np.float64]:
    """start times growth; a start of 0 stays 0 where growth has overflowed."""
    return start * growth if start else np.zeros_like(growth)


def power(base: float, exponent: NDArray[np.float64]) -> NDArray[np.float64]:
    """base^exponent; NumPy takes ten times as long where that underflows, so whole blocks of zeros are spared."""
    if 0.0 < base < 1.0 and exponent.min(initial=math.inf) * math.log(base) < _UNDERFLOW:
        return np.zeros(exponent.shape)
    return np.asarray(base**exponent)


def whole_power(base: float, exponent: NDArray[np.float64]) -> NDArray[np.float64]:
    """base^exponent for whole exponents: a block of a staircase holds few of them, so each is raised once."""
    low, high = exponent.min(initial=math.inf), exponent.max(initial=0.0)
    if high - low > _FEW:
        return power(base, exponent)
    raised = power(base, low + np.arange(max(high - low, 0.0) + 1.0))
    return raised[(exponent - low).astype(np.intp)] if exponent.size else raised[:0]


def power_limit(start: float, factor: float) -> float:
    """Where start factor^k goes."""
    if factor > 1.0:
        return float("inf") if start > 0 else 0.0
    return start if factor == 1.0 else 0.0
