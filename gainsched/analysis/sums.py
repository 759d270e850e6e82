"""Whether the sum of a schedule over all samples is infinite, read off its formula; None where that is not known."""

from __future__ import annotations

import math

import numpy as np

from gainsched.gains import Exponential, InversePower, InverseSqrt, InverseTime, Schedule, Step, TimeBased
from gainsched.gains.schedules import Chained, Clipped, Held, Product, Scaled, Shifted, Sum, Warmed


def sum_diverges(schedule: Schedule) -> bool | None:
    """Whether the gains add up to infinity, for a schedule that is nonnegative.

    Examples
    --------
    >>> import gainsched as gs
    >>> sum_diverges(gs.InverseTime(0.1, decay=0.01)), sum_diverges(gs.Exponential(0.1, rate=0.5, every=10))
    (True, False)
    """
    limit = float(schedule.limit)
    if limit > 0:
        return True
    if (cycle := schedule.cycle) is not None:
        return bool(np.any(schedule(cycle[0] + np.arange(min(cycle[1], 200_000))) > 0)) if math.isnan(limit) else False
    if math.isnan(limit):
        return None
    if isinstance(schedule, InverseTime | InverseSqrt):
        return True
    if isinstance(schedule, InversePower):
        return schedule.power <= 1
    if isinstance(schedule, Exponential | Step | TimeBased):
        return False
    return _composed(schedule)


def _composed(schedule: Schedule) -> bool | None:
    """Of a composite that tends to 0: what its parts say of its tail."""
    if isinstance(schedule, Scaled | Warmed | Shifted | Held | Clipped):
        return sum_diverges(schedule.schedule)
    if isinstance(schedule, Chained):
        return sum_diverges(schedule.after)
    if isinstance(schedule, Sum | Product):
        one, other = sum_diverges(schedule.first), sum_diverges(schedule.second)
        if isinstance(schedule, Sum):
            return True if one or other else (None if one is None or other is None else False)
        factors = [part for part in (schedule.first, schedule.second) if part.limit != 0]
        if len(factors) == 1 and float(factors[0].limit) > 0:
            return other if factors[0] is schedule.first else one
    return None
