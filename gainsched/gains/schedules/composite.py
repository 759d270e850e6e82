"""What schedules made of schedules share, and those that join two in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.base import Schedule
from gainsched.gains.schedules.clock import switched
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Composite(Schedule, abstract=True):
    """A schedule made of others; printed as the code that makes it.

    ``verb`` is the method of `Schedule` that makes it, where it is a method.
    """

    family: ClassVar[str] = "composite"
    verb: ClassVar[str] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        for p in self.parameters():
            value = getattr(self, p.name)
            if p.kind == "schedule" and not isinstance(value, Schedule):
                raise TypeError(refusal(f"{self.verb or type(self).__name__}: {p.name}", value, "must be a Schedule"))

    def __repr__(self) -> str:
        first, *rest = self.parameters()
        texts = []
        for p in rest:
            value = getattr(self, p.name)
            if p.required:
                texts.append(repr(value))
            elif value != p.default:
                texts.append(f"{p.name}={value!r}")
        return f"{grouped(getattr(self, first.name))}.{self.verb}({', '.join(texts)})"


def grouped(schedule: Schedule) -> str:
    """The schedule as an operand: in parentheses where it is itself a sum or a product."""
    text = repr(schedule)
    return f"({text})" if isinstance(schedule, Composite) and not schedule.verb else text


class Warmed(Composite):
    r"""A schedule behind a linear warm-up; made by `Schedule.warmup`.

    .. math::
        \mu_k = \mathrm{start} + (s_0 - \mathrm{start})\, k / \mathrm{steps} \;\text{for}\; k < \mathrm{steps},
        \qquad \mu_k = s_{k - \mathrm{steps}} \;\text{after}

    Parameters
    ----------
    schedule : Schedule
        s, what follows the warm-up.
    steps : int
        Length of the warm-up, in samples.
    start : float
        The gain at k = 0.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Step(1.0, 0.5, 10).warmup(2)([0, 1, 2, 12])
    array([0. , 0.5, 1. , 0.5])
    """

    verb: ClassVar[str] = "warmup"

    schedule: Any = param(kind="schedule", doc="what follows the warm-up")
    steps: int = param(kind="integer", low=1, unit="samples", doc="length of the warm-up")
    start: float = param(0.0, low=0, doc="gain at k = 0", kw_only=False)

    def tabulate(self, k: Array) -> Array:
        return switched(k, self.steps, self._ramp, self.schedule.tabulate)

    def _ramp(self, k: Array) -> Array:
        # from both ends: no cancellation, whichever is zero
        return np.asarray((self.start * (self.steps - k) + self.schedule(0) * k) / self.steps)

    @property
    def limit(self) -> float:
        return float(self.schedule.limit)

    @property
    def cycle(self) -> tuple[int, int] | None:
        found = self.schedule.cycle
        return None if found is None else (found[0] + self.steps, found[1])


class Chained(Composite):
    r"""One schedule after another, which starts at its own beginning; made by `Schedule.then`.

    .. math:: \mu_k = s_k \;\text{for}\; k < \mathrm{at}, \qquad \mu_k = t_{k - \mathrm{at}} \;\text{from there on}

    Parameters
    ----------
    schedule : Schedule
        s, the first.
    after : Schedule
        t, what follows.
    at : int
        The sample at which t takes over, with its value at 0.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Constant(1.0).then(gs.Step(0.5, 0.1, 10), at=5)([4, 5, 14, 15])
    array([1.  , 0.5 , 0.5 , 0.05])
    """

    verb: ClassVar[str] = "then"

    schedule: Any = param(kind="schedule", doc="the first")
    after: Any = param(kind="schedule", doc="what follows")
    at: int = param(kind="integer", low=0, unit="samples", doc="where it takes over")

    def __repr__(self) -> str:
        return f"{grouped(self.schedule)}.then({self.after!r}, at={self.at})"

    def tabulate(self, k: Array) -> Array:
        return switched(k, self.at, self.schedule.tabulate, self.after.tabulate)

    @property
    def limit(self) -> float:
        return float(self.after.limit)

    @property
    def cycle(self) -> tuple[int, int] | None:
        found = self.after.cycle
        return None if found is None else (found[0] + self.at, found[1])
