"""From a specification or a recording to a gain: closed forms, optimal schedules, search, comparison, ensembles."""

from gainsched.tuning.compare import Comparison, compare
from gainsched.tuning.design import Design, design
from gainsched.tuning.ensemble import Ensemble, Steady
from gainsched.tuning.montecarlo import monte_carlo
from gainsched.tuning.result import Tuning
from gainsched.tuning.search import tune

__all__ = ["Comparison", "Design", "Ensemble", "Steady", "Tuning", "compare", "design", "monte_carlo", "tune"]
