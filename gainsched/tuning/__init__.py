"""From a specification or a recording to a gain: closed forms, optimal schedules, search, comparison, ensembles."""

from gainsched.tuning.contest import ScheduleComparison, schedule_comparison
from gainsched.tuning.kalman import ScheduleBelief, schedule_belief
from gainsched.tuning.optimum import optimal_schedule

__all__ = ["ScheduleBelief", "ScheduleComparison", "optimal_schedule", "schedule_belief", "schedule_comparison"]
