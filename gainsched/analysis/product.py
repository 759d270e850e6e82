r"""Loops of one state: the product over a period is a polynomial in the mode, and its extrema are found exactly.

.. math:: \ln \Big|\prod_k (1 - \mu_k \lambda)\Big| = \sum_k \ln |1 - \mu_k\lambda|

is concave between two neighboring roots :math:`1/\mu_k`: one maximum each, where the slope, which falls, is zero; and a
tangent bounds it from above.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_AT_ONCE = 2_000_000          # intervals times gains at a time
_BLOCK = 64
_TOUCH = 1e-13                # of the logarithm: a maximum this close below 1 counts as reaching it


class Product:
    """The product over one period of gains, as a function of the mode.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> cycle = Product(gs.Chebyshev(1.0, 10.0, 4)(np.arange(4)))
    >>> log, mode = cycle.largest(1.0, 10.0)
    >>> bool(np.isclose(np.exp(log), 1 / np.cosh(4 * np.arccosh(11 / 9))))
    True
    """

    def __init__(self, gains: Array) -> None:
        self.gains, self.counts = np.unique(gains[gains > 0], return_counts=True)
        self.roots = (1.0 / self.gains)[::-1]

    def value(self, modes: Array) -> Array:
        """Logarithm of the product's magnitude."""
        with np.errstate(divide="ignore"):
            return np.concatenate([np.log(np.abs(1.0 - rows[:, None] * self.gains)) @ self.counts
                                   for rows in self._blocks(modes)])

    def slope(self, modes: Array) -> Array:
        """Its derivative; falls between two roots."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.concatenate([-(self.gains / (1.0 - rows[:, None] * self.gains)) @ self.counts
                                   for rows in self._blocks(modes)])

    def _blocks(self, modes: Array) -> list[Array]:
        width = max(1, _AT_ONCE // max(1, len(self.gains)))
        return [modes[i:i + width] for i in range(0, max(1, len(modes)), width)]

    def largest(self, low: float, high: float) -> tuple[float, float]:
        """(logarithm, mode) of the largest magnitude over [low, high]."""
        ends = np.array([low, high])
        at_ends = self.value(ends)
        best, mode = float(at_ends.max()), float(ends[int(np.argmax(at_ends))])
        inside = self.roots[(self.roots > low) & (self.roots < high)]
        edges = np.array([low, *inside, high])
        logs, modes = self._maxima(edges[:-1], edges[1:], best, best_alone=True)
        if logs.max() > best:
            best, mode = float(logs.max()), float(modes[int(np.argmax(logs))])
        return best, mode

    def first_crossing(self) -> float:
        """The mode below which, down to 0, every magnitude is below 1; inf if there is no gain."""
        if not len(self.gains):
            return math.inf
        beyond = 2.0 * self.roots[-1]                          # after the last root the magnitude rises for ever
        while not float(self.value(np.array([beyond]))[0]) > 0.0:
            beyond *= 2.0
        inside, outside = float(self.roots[-1]), float(beyond)
        for i in range(0, len(self.roots) - 1, _BLOCK):        # in order: the first that reaches 1 ends the search
            left = self.roots[i:min(i + _BLOCK, len(self.roots) - 1)]
            right = self.roots[i + 1:i + 1 + len(left)]
            logs, modes = self._maxima(left, right, -_TOUCH, best_alone=False)
            if (reached := np.flatnonzero(logs >= -_TOUCH)).size:
                inside, outside = float(left[reached[0]]), float(modes[reached[0]])
                break
        while inside < (middle := (inside + outside) / 2.0) < outside:
            if float(self.value(np.array([middle]))[0]) < 0.0:
                inside = middle
            else:
                outside = middle
        return inside

    def _maxima(self, left: Array, right: Array, wanted: float, *, best_alone: bool) -> tuple[Array, Array]:
        """(logarithm, mode) of the one maximum between each two roots, unless a tangent proves it below `wanted`."""
        low, high = left.copy(), right.copy()
        logs, modes = np.full(len(left), -np.inf), (left + right) / 2.0
        going = np.arange(len(left))
        for _ in range(100):
            if not len(going):
                break
            middle = (low[going] + high[going]) / 2.0
            value, slope = self.value(middle), self.slope(middle)
            better = value > logs[going]
            logs[going[better]], modes[going[better]] = value[better], middle[better]
            if best_alone:
                wanted = max(wanted, float(logs.max()))
            reach = value + np.abs(slope) * (high[going] - low[going]) / 2.0
            rising = slope > 0
            low[going[rising]] = middle[rising]
            high[going[~rising]] = middle[~rising]
            going = going[~(reach <= np.maximum(wanted, logs[going] + 1e-15))]
        return logs, modes
