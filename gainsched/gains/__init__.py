"""Gains: schedules (feedforward), laws (feedback), compensators (dynamics in the loop). One line per file."""

from gainsched.gains.base import Law, Schedule
from gainsched.gains.compensator import Compensator
from gainsched.gains.harris import Harris
from gainsched.gains.hypergradient import Hypergradient
from gainsched.gains.integrated import AdaGradNorm, DoG
from gainsched.gains.momentum import GradientEMA, HeavyBall, Nesterov
from gainsched.gains.polyak import Polyak
from gainsched.gains.powerratio import NPVSS, ValinCollings
from gainsched.gains.relay import Plateau, Relay
from gainsched.gains.rmsprop import RMSProp
from gainsched.gains.scheduled import ScheduledLaw
from gainsched.gains.schedules import Constant, Cosine, Exponential, InverseTime, Step
from gainsched.gains.secant import BarzilaiBorwein
from gainsched.gains.sensitivity import AngFarhang, Benveniste, MathewsXie
from gainsched.gains.vss import AboulnasrMayyas, KwongJohnston

__all__ = [
    "AboulnasrMayyas", "AdaGradNorm", "AngFarhang", "BarzilaiBorwein", "Benveniste", "Compensator", "Constant",
    "Cosine", "DoG", "Exponential", "GradientEMA", "Harris", "HeavyBall", "Hypergradient", "InverseTime",
    "KwongJohnston", "Law", "MathewsXie", "NPVSS", "Nesterov", "Plateau", "Polyak", "RMSProp", "Relay", "Schedule",
    "ScheduledLaw", "Step", "ValinCollings",
]
