"""Scenarios for `gs.monte_carlo`: sources of trials whose truth is known, the same for the same seed."""

from gainsched.tuning.scenarios.base import Scenario, Trial
from gainsched.tuning.scenarios.identification import Identification
from gainsched.tuning.scenarios.tracking import Tracking

__all__ = ["Identification", "Scenario", "Tracking", "Trial"]
