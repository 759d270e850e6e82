"""Gains: schedules (feedforward), laws (feedback), compensators (dynamics in the loop). One line per file."""

from gainsched.gains.adam import Adam, Adamax, AMSGrad, NAdam
from gainsched.gains.base import Law, Schedule
from gainsched.gains.compensator import Compensator
from gainsched.gains.idbd import IDBD, Autostep
from gainsched.gains.k1 import K1, K2
from gainsched.gains.lion import Lion
from gainsched.gains.momentum import GradientEMA, HeavyBall, Nesterov
from gainsched.gains.rmsprop import AdaDelta, AdaGrad, RMSProp
from gainsched.gains.scheduled import ScheduledLaw
from gainsched.gains.schedules import Constant, Cosine, Exponential, InverseTime, Step
from gainsched.gains.smd import SMD, DeltaBarDelta
from gainsched.gains.vss import KwongJohnston
from gainsched.gains.wrappers import Clip, Warmup

__all__ = [
    "IDBD", "K1", "K2", "SMD",
    "AMSGrad", "AdaDelta", "AdaGrad", "Adam", "Adamax", "Autostep",
    "Clip", "Compensator", "Constant", "Cosine",
    "DeltaBarDelta", "Exponential", "GradientEMA", "HeavyBall", "InverseTime", "KwongJohnston",
    "Law", "Lion", "NAdam", "Nesterov", "RMSProp", "Schedule", "ScheduledLaw", "Step",
    "Warmup",
]
