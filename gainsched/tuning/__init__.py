"""From a specification or a recording to a gain: closed forms, optimal schedules, search, comparison, ensembles."""

from gainsched.tuning.compare import Comparison, compare
from gainsched.tuning.confidence import Steady
from gainsched.tuning.design import Design, design
from gainsched.tuning.ensemble import Ensemble
from gainsched.tuning.kalman import ScheduleBelief, schedule_belief
from gainsched.tuning.montecarlo import monte_carlo
from gainsched.tuning.optimum import optimal_schedule
from gainsched.tuning.result import Tuning
from gainsched.tuning.rivals import ScheduleComparison, schedule_comparison
from gainsched.tuning.scheduled import ScheduleDesign, design_schedule
from gainsched.tuning.search import tune

__all__ = ["Comparison", "Design", "Ensemble", "ScheduleBelief", "ScheduleComparison", "ScheduleDesign", "Steady",
           "Tuning", "compare", "design", "design_schedule", "monte_carlo", "optimal_schedule", "schedule_belief",
           "schedule_comparison", "tune"]
