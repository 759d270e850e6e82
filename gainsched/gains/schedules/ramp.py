"""A parameter called `warmup` beside the method of that name: InverseSqrt and WarmupStableDecay have both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gainsched.gains.base import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable


class Ramp(int):
    """Samples of a schedule's own ramp: a number that, called, is the schedule's method `warmup`."""

    schedule: Schedule

    def __call__(self, steps: int, start: float = 0.0) -> Schedule:
        """Put a warm-up before the schedule, its own ramp included."""
        return Schedule.warmup(self.schedule, steps, start)

    def __reduce__(self) -> tuple[Callable[[int], int], tuple[int]]:
        return int, (int(self),)


class OwnRamp:
    """Keeps the plain number, and hands it out as a `Ramp` of its schedule."""

    def __get__(self, schedule: Any, owner: type) -> Any:
        if schedule is None:
            return Schedule.warmup
        value = schedule.__dict__["warmup"]
        if type(value) is not int:                 # as the caller gave it, on its way to being checked
            return value
        ramp = Ramp(value)
        ramp.schedule = schedule
        return ramp

    def __set__(self, schedule: Any, value: int) -> None:
        schedule.__dict__["warmup"] = value
