"""From a specification or a recording to a gain: closed forms, optimal schedules, search, comparison, ensembles."""

from gainsched.tuning.result import Tuning
from gainsched.tuning.search import tune

__all__ = ["Tuning", "tune"]
