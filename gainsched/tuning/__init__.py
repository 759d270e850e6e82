"""From a specification or a recording to a gain: closed forms, optimal schedules, search, comparison, ensembles."""

from gainsched.tuning.ensemble import Ensemble, Steady
from gainsched.tuning.montecarlo import monte_carlo

__all__ = ["Ensemble", "Steady", "monte_carlo"]
