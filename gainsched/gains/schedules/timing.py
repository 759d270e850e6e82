"""Schedules on another clock: shifted, held, repeated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from gainsched.gains.schedules.clock import quotient, remainder
from gainsched.gains.schedules.composite import Composite
from gainsched.gains.schedules.constant import Constant
from gainsched.param import param

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Shifted(Composite):
    r"""A schedule that is ahead of the clock; made by `Schedule.shift`.

    .. math:: \mu_k = s_{k + n}

    Parameters
    ----------
    schedule : Schedule
        s.
    n : int
        Samples by which it is ahead.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Step(1.0, 0.5, 10).shift(9)([0, 1, 11])
    array([1.  , 0.5 , 0.25])
    """

    verb: ClassVar[str] = "shift"

    schedule: Any = param(kind="schedule", doc="what is shifted")
    n: int = param(kind="integer", low=0, unit="samples", doc="by how much it is ahead")

    def tabulate(self, k: Array) -> Array:
        values: Array = self.schedule.tabulate(k + self.n)
        return values

    @property
    def limit(self) -> float:
        return float(self.schedule.limit)

    @property
    def cycle(self) -> tuple[int, int] | None:
        found = self.schedule.cycle
        return None if found is None else (max(found[0] - self.n, 0), found[1])


class Held(Composite):
    r"""A staircase: the schedule is looked at every q samples; made by `Schedule.hold`.

    .. math:: \mu_k = s_{q \lfloor k/q \rfloor}

    Parameters
    ----------
    schedule : Schedule
        s.
    q : int
        Samples for which a value holds.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Polynomial(1.0, 0.0, 100).hold(50)([0, 49, 50, 99, 100])
    array([1. , 1. , 0.5, 0.5, 0. ])
    """

    verb: ClassVar[str] = "hold"

    schedule: Any = param(kind="schedule", doc="what is held")
    q: int = param(kind="integer", low=1, unit="samples", doc="for how long a value holds")

    def tabulate(self, k: Array) -> Array:
        values: Array = self.schedule.tabulate(self.q * quotient(k, self.q))
        return values

    @property
    def limit(self) -> float:
        return float(self.schedule.limit)

    @property
    def cycle(self) -> tuple[int, int] | None:
        found = self.schedule.cycle
        if found is None:
            return None
        return (math.ceil(found[0] / self.q) * self.q, 1 if found[1] == 1 else math.lcm(found[1], self.q))


class Repeated(Composite):
    r"""The first n samples again and again; made by `Schedule.repeat`.

    .. math:: \mu_k = s_{k \bmod n}

    Parameters
    ----------
    schedule : Schedule
        s.
    n : int
        Samples after which it starts again.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Cosine(1.0, 0.0, 100).repeat(100)([0, 50, 99, 100, 150]).round(3)
    array([1. , 0.5, 0. , 1. , 0.5])
    """

    verb: ClassVar[str] = "repeat"

    schedule: Any = param(kind="schedule", doc="what is repeated")
    n: int = param(kind="integer", low=1, unit="samples", doc="after how many samples")

    def tabulate(self, k: Array) -> Array:
        values: Array = self.schedule.tabulate(remainder(k, self.n))
        return values

    @property
    def limit(self) -> float:
        return float(self.schedule(0)) if self.n == 1 or isinstance(self.schedule, Constant) else math.nan

    @property
    def cycle(self) -> tuple[int, int]:
        return (0, self.n)
