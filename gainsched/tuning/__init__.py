"""From a specification or a recording to a gain: closed forms, optimal schedules, search, comparison, ensembles."""

from gainsched.tuning.optimum import optimal_schedule

__all__ = ["optimal_schedule"]
