"""Gains: schedules (feedforward), laws (feedback), compensators (dynamics in the loop). One line per file."""

from gainsched.gains.base import Law, Schedule
from gainsched.gains.compensator import Compensator
from gainsched.gains.compiled_law import CompiledLaw
from gainsched.gains.momentum import GradientEMA, HeavyBall, Nesterov
from gainsched.gains.python_law import PythonLaw
from gainsched.gains.rmsprop import RMSProp
from gainsched.gains.scheduled import ScheduledLaw
from gainsched.gains.schedules import Constant, Cosine, Exponential, InverseTime, Step
from gainsched.gains.vss import KwongJohnston
from gainsched.gains.wrappers import Clip, Warmup

__all__ = [
    "Clip", "CompiledLaw", "Compensator", "Constant", "Cosine", "Exponential", "GradientEMA", "HeavyBall", "InverseTime",
    "KwongJohnston", "Law", "Nesterov", "PythonLaw", "RMSProp", "Schedule", "ScheduledLaw", "Step", "Warmup",
]
