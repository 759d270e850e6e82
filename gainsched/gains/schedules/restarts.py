"""Cosine cycles that start again, longer or lower each time."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.base import Schedule
from gainsched.gains.schedules.blend import wave
from gainsched.gains.schedules.clock import by_pieces, quotient
from gainsched.gains.schedules.growth import power, scaled
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LAST = 2.0**63               # the clock's end: the cycle that reaches it is the last one
_SLOWEST = 1.001              # smallest factor above 1: 44 000 cycles to the clock's end


class CosineRestarts(Schedule):
    r"""Cosine cycles with warm restarts.

    .. math::
        \mu_k = \mathrm{end} + (h_i - \mathrm{end})\,\frac{1 + \cos(\pi (k - b_i)/L_i)}{2}, \qquad
        h_i = \mathrm{start}\cdot\mathrm{decay}^i, \quad L_i = \mathrm{steps}\cdot\mathrm{factor}^i, \quad
        b_i = \sum_{j<i} L_j \le k

    Parameters
    ----------
    start : float
        The gain at k = 0.
    end : float
        What every cycle approaches; the restart comes instead of it.
    steps : int
        Length of the first cycle.
    factor : float
        Every cycle is `factor` times longer than the last: 1, or at least 1.001.
    decay : float
        Every cycle starts `decay` times as high as the last.

    Notes
    -----
    Restarts stand in a table of sums that is searched. A logarithm, as other programs use it, misses by one cycle at
    exact boundaries: for factor 3 at the restarts 5, 10 and 13.

    References
    ----------
    I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.CosineRestarts(1.0, 0.0, steps=100, factor=3)([0, 50, 100, 250, 400, 12_100])
    array([1. , 0.5, 1. , 0.5, 1. , 1. ])
    """

    start: float = param(low=0, doc="gain at k = 0")
    end: float = param(low=0, doc="what every cycle approaches")
    steps: int = param(kind="integer", low=1, unit="samples", doc="length of the first cycle")
    factor: float = param(1.0, low=1, doc="length of a cycle over that of the last", kw_only=False)
    decay: float = param(1.0, low=0, doc="height of a cycle over that of the last", kw_only=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if 1.0 < self.factor < _SLOWEST:
            raise ValueError(refusal("CosineRestarts: factor", self.factor, f"must be 1 or >= {_SLOWEST}"))

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.factor == 1.0:
            i = quotient(k, self.steps)
            height = self.start if self.decay == 1.0 else scaled(self.start, power(self.decay, i))
            return wave(height, self.end, k - i * self.steps, self.steps)
        begins, lengths, heights = self._cycles
        first, last = np.searchsorted(begins, [k.min(initial=_LAST), k.max(initial=0.0)], side="right") - 1
        if first < last and (parts := by_pieces(k, begins[first + 1:last + 1], self.tabulate)) is not None:
            return parts
        index = int(first) if first == last else np.searchsorted(begins, k, side="right") - 1     # one search per block
        length = lengths[index]
        height = self.start if self.decay == 1.0 else heights[index]
        return wave(height, self.end, np.minimum(k - begins[index], length), length)

    @cached_property
    def _cycles(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Where each cycle begins, its length and its height; what the sum loses is carried along."""
        begins, lengths, begin, lost = [0.0], [float(self.steps)], 0.0, 0.0
        while begins[-1] + lengths[-1] < _LAST:
            before, begin = begin, begin + lengths[-1]
            lost += lengths[-1] - (begin - before) if before >= lengths[-1] else before - (begin - lengths[-1])
            begins.append(begin + lost)
            lengths.append(self.steps * self.factor ** len(lengths))
        return np.array(begins), np.array(lengths), self.start * self.decay ** np.arange(float(len(begins)))

    @property
    def limit(self) -> float:
        if self.decay == 1.0:
            return self.start if self.start == self.end else math.nan
        return 0.0 if self.decay < 1.0 and self.end == 0.0 else math.nan

    @property
    def cycle(self) -> tuple[int, int] | None:
        return (0, self.steps) if self.factor == 1.0 and self.decay == 1.0 else None
