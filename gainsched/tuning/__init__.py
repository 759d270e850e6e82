"""From a specification or a recording to a gain: closed forms, optimal schedules, search, comparison, ensembles."""

from gainsched.tuning.compare import Comparison, compare
from gainsched.tuning.ensemble import Ensemble, Steady
from gainsched.tuning.montecarlo import monte_carlo

__all__ = ["Comparison", "Ensemble", "Steady", "compare", "monte_carlo"]
