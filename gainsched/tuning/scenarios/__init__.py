"""Scenarios for `gainsched.monte_carlo`: sources of trials whose truth is known, the same for the same seed."""

from gainsched.tuning.scenarios.base import Scenario, Trial
from gainsched.tuning.scenarios.echo import Echo
from gainsched.tuning.scenarios.equalizing import Equalizing
from gainsched.tuning.scenarios.identification import Identification
from gainsched.tuning.scenarios.line_enhancement import LineEnhancement
from gainsched.tuning.scenarios.model_reference import ModelReference
from gainsched.tuning.scenarios.noise_cancelling import NoiseCancelling
from gainsched.tuning.scenarios.tracking import Tracking

__all__ = [
    "Echo", "Equalizing", "Identification", "LineEnhancement", "ModelReference", "NoiseCancelling", "Scenario",
    "Tracking", "Trial",
]
