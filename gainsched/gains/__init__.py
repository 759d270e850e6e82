"""Gains: schedules (feedforward), laws (feedback), compensators (dynamics in the loop). One line per file."""

from gainsched.gains.base import Law, Schedule
from gainsched.gains.compensator import Compensator
from gainsched.gains.covariance import ConstantTrace, DirectionalForgetting, ExponentialResetting
from gainsched.gains.forgetting import Fortescue, VariableForgetting
from gainsched.gains.kalman import KalmanGain
from gainsched.gains.momentum import GradientEMA, HeavyBall, Nesterov
from gainsched.gains.quasinewton import LimitedBFGS, OnlineBFGS
from gainsched.gains.rmsprop import RMSProp
from gainsched.gains.scheduled import ScheduledLaw
from gainsched.gains.schedules import Constant, Cosine, Exponential, InverseTime, Step
from gainsched.gains.vss import KwongJohnston

__all__ = [
    "Compensator", "Constant", "ConstantTrace", "Cosine", "DirectionalForgetting", "Exponential",
    "ExponentialResetting", "Fortescue", "GradientEMA", "HeavyBall", "InverseTime", "KalmanGain", "KwongJohnston",
    "Law", "LimitedBFGS", "Nesterov", "OnlineBFGS", "RMSProp", "Schedule", "ScheduledLaw", "Step",
    "VariableForgetting",
]
