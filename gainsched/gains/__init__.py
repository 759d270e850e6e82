"""Gains: schedules (feedforward) and laws (feedback). One line per file."""

from gainsched.gains.base import Law, Schedule
from gainsched.gains.rmsprop import RMSProp
from gainsched.gains.schedules import Constant, Cosine, Exponential, InverseTime, Step
from gainsched.gains.vss import KwongJohnston

__all__ = [
    "Constant", "Cosine", "Exponential", "InverseTime", "KwongJohnston", "Law", "RMSProp", "Schedule", "Step",
]
