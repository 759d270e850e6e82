"""From a specification or a recording to a gain: closed forms, optimal schedules, search, comparison, ensembles."""

from gainsched.tuning.compare import Comparison, compare
from gainsched.tuning.design import Design, design
from gainsched.tuning.ensemble import Ensemble, Steady
from gainsched.tuning.montecarlo import monte_carlo

__all__ = ["Comparison", "Design", "Ensemble", "Steady", "compare", "design", "monte_carlo"]
