"""Gains: schedules (feedforward), laws (feedback), compensators (dynamics in the loop). One line per file."""

from gainsched.gains.averaging import PolyakRuppert, ScheduleFree
from gainsched.gains.base import Law, Schedule
from gainsched.gains.compensator import Compensator
from gainsched.gains.compiled_law import CompiledLaw
from gainsched.gains.kalman import KalmanGain
from gainsched.gains.linesearch import LineSearch
from gainsched.gains.momentum import GradientEMA, HeavyBall, Nesterov
from gainsched.gains.python_law import PythonLaw
from gainsched.gains.quasinewton import LimitedBFGS, OnlineBFGS
from gainsched.gains.rmsprop import RMSProp
from gainsched.gains.scheduled import ScheduledLaw
from gainsched.gains.schedules import (
    Chebyshev,
    Constant,
    Cosine,
    CosineRestarts,
    Cyclic,
    Exponential,
    Function,
    InversePower,
    InverseSqrt,
    InverseTime,
    OneCycle,
    PiecewiseConstant,
    PiecewiseCosine,
    PiecewiseLinear,
    Polynomial,
    Silver,
    Step,
    Tanh,
    TimeBased,
    WarmupStableDecay,
)
from gainsched.gains.vss import KwongJohnston
from gainsched.gains.wrappers import Clip, Warmup

__all__ = [
    "Chebyshev", "Clip", "Compensator", "CompiledLaw", "Constant", "Cosine", "CosineRestarts", "Cyclic",
    "Exponential", "Function", "GradientEMA", "HeavyBall", "InversePower", "InverseSqrt", "InverseTime",
    "KalmanGain", "KwongJohnston", "Law", "LimitedBFGS", "LineSearch", "Nesterov", "OneCycle", "OnlineBFGS",
    "PiecewiseConstant", "PiecewiseCosine", "PiecewiseLinear", "PolyakRuppert", "Polynomial", "PythonLaw",
    "RMSProp", "Schedule", "ScheduleFree", "ScheduledLaw", "Silver", "Step", "Tanh", "TimeBased", "Warmup",
    "WarmupStableDecay",
]
