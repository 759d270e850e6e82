"""Arithmetic of schedules: multiples, products, sums, and values kept between two limits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.schedules.composite import Composite, grouped
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


    Array = NDArray[np.float64]


class Scaled(Composite):
    r"""A multiple of a schedule; made by ``factor * schedule``.

    .. math:: \mu_k = \mathrm{factor}\cdot s_k

    Parameters
    ----------
    schedule : Schedule
        s, what is multiplied.
    factor : float
        By what. Below zero only where something is added that makes up for it: a loop refuses negative gains.

    Examples
    --------
    >>> import gainsched as gs
    >>> (0.5 * gs.Step(1.0, 0.1, 10))([9, 10])
    array([0.5 , 0.05])
    """

    schedule: Any = param(kind="schedule", doc="what is multiplied")
    factor: float = param(doc="by what")

    def __repr__(self) -> str:
        return f"{self.factor!r} * {grouped(self.schedule)}"

    def tabulate(self, k: Array) -> Array:
        return np.asarray(self.factor * self.schedule.tabulate(k))

    @property
    def limit(self) -> float:
        limit = float(self.schedule.limit)
        return 0.0 if self.factor == 0.0 else self.factor * limit

    @property
    def cycle(self) -> tuple[int, int] | None:
        found: tuple[int, int] | None = self.schedule.cycle
        return found


class _Pair(Composite, abstract=True):
    """Two schedules, sample by sample."""

    first: Any = param(kind="schedule", doc="one schedule")
    second: Any = param(kind="schedule", doc="the other")

    @property
    def cycle(self) -> tuple[int, int] | None:
        one, other = self.first.cycle, self.second.cycle
        if one is None or other is None:
            return None
        return (max(one[0], other[0]), math.lcm(one[1], other[1]))


class Product(_Pair):
    r"""Two schedules multiplied; made by ``first * second``.

    .. math:: \mu_k = s_k\, t_k

    Parameters
    ----------
    first, second : Schedule
        s and t.

    Examples
    --------
    >>> import gainsched as gs
    >>> (gs.Step(1.0, 0.1, 10) * gs.Constant(0.5))([9, 10])
    array([0.5 , 0.05])
    """

    def __repr__(self) -> str:
        left = repr(self.first) if isinstance(self.first, Scaled | Product) else grouped(self.first)
        return f"{left} * {grouped(self.second)}"

    def tabulate(self, k: Array) -> Array:
        return np.asarray(self.first.tabulate(k) * self.second.tabulate(k))

    @property
    def limit(self) -> float:
        for one, other in ((self.first, self.second), (self.second, self.first)):
            if one.limit == 0.0 and other.cycle is not None:          # what repeats is bounded
                return 0.0
        return float(self.first.limit * self.second.limit)


class Sum(_Pair):
    r"""Two schedules added; made by ``first + second``.

    .. math:: \mu_k = s_k + t_k

    Parameters
    ----------
    first, second : Schedule
        s and t.

    Examples
    --------
    >>> import gainsched as gs
    >>> (gs.Step(1.0, 0.1, 10) + gs.Constant(0.5))([9, 10])
    array([1.5, 0.6])
    """

    def __repr__(self) -> str:
        right = grouped(self.second) if isinstance(self.second, Sum) else repr(self.second)
        return f"{self.first!r} + {right}"

    def tabulate(self, k: Array) -> Array:
        return np.asarray(self.first.tabulate(k) + self.second.tabulate(k))

    @property
    def limit(self) -> float:
        return float(self.first.limit + self.second.limit)


class Clipped(Composite):
    r"""A schedule kept between two limits; made by `Schedule.clip`.

    .. math:: \mu_k = \min(\max(s_k, \mathrm{low}), \mathrm{high})

    Parameters
    ----------
    schedule : Schedule
        s.
    low, high : float
        Smallest and largest gain.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.InverseTime(1.0, 1.0).clip(0.2, 0.5)([0, 3, 100])
    array([0.5 , 0.25, 0.2 ])
    """

    verb: ClassVar[str] = "clip"

    schedule: Any = param(kind="schedule", doc="what is limited")
    low: float = param(0.0, doc="smallest gain", kw_only=False)
    high: float = param(math.inf, doc="largest gain", kw_only=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.high < self.low:
            raise ValueError(refusal("clip: high", self.high, f"must be >= low = {self.low:g}"))

    def tabulate(self, k: Array) -> Array:
        return np.asarray(np.minimum(np.maximum(self.schedule.tabulate(k), self.low), self.high))

    @property
    def limit(self) -> float:
        limit = float(self.schedule.limit)
        return limit if math.isnan(limit) else min(max(limit, self.low), self.high)

    @property
    def cycle(self) -> tuple[int, int] | None:
        found: tuple[int, int] | None = self.schedule.cycle
        return found


