"""From a specification or a recording to a gain: closed forms, optimal schedules, search, comparison, ensembles."""

from gainsched.tuning.design import Design as Design
from gainsched.tuning.design import design as design

__all__ = ["Design", "design"]
