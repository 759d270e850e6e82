"""Gains: schedules (feedforward), laws (feedback), compensators (dynamics in the loop). One line per file."""

from gainsched.gains.averaging import PolyakRuppert, ScheduleFree
from gainsched.gains.base import Law, Schedule
from gainsched.gains.compensator import Compensator
from gainsched.gains.linesearch import LineSearch
from gainsched.gains.momentum import GradientEMA, HeavyBall, Nesterov
from gainsched.gains.rmsprop import RMSProp
from gainsched.gains.scheduled import ScheduledLaw
from gainsched.gains.schedules import Constant, Cosine, Exponential, InverseTime, Step
from gainsched.gains.vss import KwongJohnston
from gainsched.gains.wrappers import Clip, Warmup

__all__ = [
    "Clip", "Compensator", "Constant", "Cosine", "Exponential", "GradientEMA", "HeavyBall", "InverseTime",
    "KwongJohnston", "Law", "LineSearch", "Nesterov", "PolyakRuppert", "RMSProp", "Schedule", "ScheduleFree",
    "ScheduledLaw", "Step", "Warmup",
]
