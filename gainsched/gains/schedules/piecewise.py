"""Gains given point by point: steps, lines, cosines."""

from __future__ import annotations

import itertools
import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.base import Schedule
from gainsched.gains.schedules.blend import line, wave
from gainsched.gains.schedules.clock import by_pieces
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class PiecewiseConstant(Schedule):
    r"""Values that change at given samples.

    .. math:: \mu_k = \mathrm{values}_i \quad\text{with}\quad i = \#\{j : \mathrm{boundaries}_j \le k\}

    Parameters
    ----------
    boundaries : numbers
        Samples at which the gain changes, ascending: the new value holds from k = boundary on.
    values : numbers
        The gains, one more than boundaries.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.PiecewiseConstant([100, 200], [1.0, 0.5, 0.1])([99, 100, 199, 200])
    array([1. , 0.5, 0.5, 0.1])
    """

    boundaries: tuple[float, ...] = param(kind="numbers", low=0, unit="samples", doc="where the gain changes")
    values: tuple[float, ...] = param(kind="numbers", low=0, doc="the gains")

    def __post_init__(self) -> None:
        super().__post_init__()
        _ascending("PiecewiseConstant: boundaries", self.boundaries)
        if len(self.values) != len(self.boundaries) + 1:
            raise ValueError(refusal("PiecewiseConstant: values", self.values,
                                     f"must be {len(self.boundaries) + 1} numbers, one more than boundaries"))

    def tabulate(self, k: Array) -> Array:
        boundaries, values = self._table
        first, last = np.searchsorted(boundaries, [k.min(initial=math.inf), k.max(initial=0.0)], side="right")
        if first == last:                             # one search per block, not per sample
            return np.full(k.shape, values[first])
        parts = by_pieces(k, boundaries[first:last], self.tabulate)
        return values[np.searchsorted(boundaries, k, side="right")] if parts is None else parts

    @cached_property
    def _table(self) -> tuple[Array, Array]:
        return np.array(self.boundaries), np.array(self.values)

    @property
    def limit(self) -> float:
        return self.values[-1]

    @property
    def cycle(self) -> tuple[int, int]:
        return (math.ceil(self.boundaries[-1]) if self.boundaries else 0, 1)


class _Knots(Schedule, abstract=True):
    """Values at knots; what lies between is the subclass's business."""

    knots: tuple[float, ...] = param(kind="numbers", low=0, unit="samples", doc="where the gain is given")
    values: tuple[float, ...] = param(kind="numbers", low=0, doc="the gain there")

    def __post_init__(self) -> None:
        super().__post_init__()
        name = type(self).__name__
        _ascending(f"{name}: knots", self.knots)
        if not self.knots:
            raise ValueError(refusal(f"{name}: knots", self.knots, "must hold at least one sample"))
        if len(self.values) != len(self.knots):
            raise ValueError(refusal(f"{name}: values", self.values,
                                     f"must be {len(self.knots)} numbers, one for each of knots"))

    @staticmethod
    def _between(first: Array, last: Array, done: Array, length: Array) -> Array:
        """From first to last, done of length samples past the first."""
        raise NotImplementedError

    def tabulate(self, k: Array) -> Array:
        begins, lengths, values = self._table
        first, last = np.searchsorted(begins, [k.min(initial=math.inf), k.max(initial=0.0)], side="right")
        if first == last and not 0 < first < len(values):
            return np.full(k.shape, values[0] if first == 0 else values[-1])
        if first < last and (parts := by_pieces(k, begins[first:last], self.tabulate)) is not None:
            return parts
        at = first if first == last else np.searchsorted(begins, k, side="right")      # one search per block
        done = k - begins[at - 1]
        if first < last:
            done = np.minimum(np.maximum(done, 0.0), lengths[at])
        return self._between(values[np.maximum(at - 1, 0)], values[np.minimum(at, len(values) - 1)], done, lengths[at])

    @cached_property
    def _table(self) -> tuple[Array, Array, Array]:
        """Knots, the lengths of the pieces before each and after the last (1: the values there are equal), values."""
        return np.array(self.knots), np.array([1.0, *np.diff(self.knots), 1.0]), np.array(self.values)

    @property
    def limit(self) -> float:
        return self.values[-1]

    @property
    def cycle(self) -> tuple[int, int]:
        return (math.ceil(self.knots[-1]), 1)


class PiecewiseLinear(_Knots):
    r"""Straight lines between given points, the first and last value outside of them.

    .. math::
        \mu_k = \mathrm{values}_i + (\mathrm{values}_{i+1} - \mathrm{values}_i)
        \frac{k - \mathrm{knots}_i}{\mathrm{knots}_{i+1} - \mathrm{knots}_i}, \qquad
        \mathrm{knots}_i \le k < \mathrm{knots}_{i+1}

    Parameters
    ----------
    knots : numbers
        Samples, ascending.
    values : numbers
        The gain at each of them.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.PiecewiseLinear([0, 100, 300], [0.0, 1.0, 0.5])([0, 50, 100, 200, 1000])
    array([0.  , 0.5 , 1.  , 0.75, 0.5 ])
    """

    _between = staticmethod(line)


class PiecewiseCosine(_Knots):
    r"""Half cosines between given points, flat at each of them; the first and last value outside.

    .. math::
        \mu_k = \mathrm{values}_{i+1} + (\mathrm{values}_i - \mathrm{values}_{i+1}) \frac{1 + \cos(\pi p)}{2},
        \qquad p = \frac{k - \mathrm{knots}_i}{\mathrm{knots}_{i+1} - \mathrm{knots}_i}

    Parameters
    ----------
    knots : numbers
        Samples, ascending.
    values : numbers
        The gain at each of them.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.PiecewiseCosine([0, 100, 300], [0.0, 1.0, 0.5])([0, 50, 100, 200, 1000])
    array([0.  , 0.5 , 1.  , 0.75, 0.5 ])
    """

    _between = staticmethod(wave)


def _ascending(who: str, samples: tuple[float, ...]) -> None:
    if any(b <= a for a, b in itertools.pairwise(samples)):
        raise ValueError(refusal(who, samples, "must be strictly ascending"))
