"""Gains: schedules (feedforward), laws (feedback), compensators (dynamics in the loop). One line per file."""

from gainsched.gains.adam import Adam, Adamax, AMSGrad, NAdam
from gainsched.gains.averaging import PolyakRuppert, ScheduleFree
from gainsched.gains.base import Law, Schedule
from gainsched.gains.compensator import Compensator
from gainsched.gains.compiled_law import CompiledLaw
from gainsched.gains.covariance import ConstantTrace, DirectionalForgetting, ExponentialResetting
from gainsched.gains.forgetting import Fortescue, VariableForgetting
from gainsched.gains.harris import Harris
from gainsched.gains.hypergradient import Hypergradient
from gainsched.gains.idbd import IDBD, Autostep
from gainsched.gains.integrated import AdaGradNorm, DoG
from gainsched.gains.k1 import K1, K2
from gainsched.gains.kalman import KalmanGain
from gainsched.gains.linesearch import LineSearch
from gainsched.gains.lion import Lion
from gainsched.gains.momentum import GradientEMA, HeavyBall, Nesterov
from gainsched.gains.polyak import Polyak
from gainsched.gains.powerratio import NPVSS, ValinCollings
from gainsched.gains.python_law import PythonLaw
from gainsched.gains.quasinewton import LimitedBFGS, OnlineBFGS
from gainsched.gains.relay import Plateau, Relay
from gainsched.gains.rmsprop import AdaDelta, AdaGrad, RMSProp
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
from gainsched.gains.secant import BarzilaiBorwein
from gainsched.gains.sensitivity import AngFarhang, Benveniste, MathewsXie
from gainsched.gains.smd import SMD, DeltaBarDelta
from gainsched.gains.vss import AboulnasrMayyas, KwongJohnston
from gainsched.gains.wrappers import Clip, Warmup

__all__ = [
    "IDBD", "K1", "K2", "NPVSS", "SMD", "AMSGrad", "AboulnasrMayyas", "AdaDelta", "AdaGrad", "AdaGradNorm", "Adam",
    "Adamax", "AngFarhang", "Autostep", "BarzilaiBorwein", "Benveniste", "Chebyshev", "Clip", "Compensator",
    "CompiledLaw", "Constant", "ConstantTrace", "Cosine", "CosineRestarts", "Cyclic", "DeltaBarDelta",
    "DirectionalForgetting", "DoG", "Exponential", "ExponentialResetting", "Fortescue", "Function", "GradientEMA",
    "Harris", "HeavyBall", "Hypergradient", "InversePower", "InverseSqrt", "InverseTime", "KalmanGain",
    "KwongJohnston", "Law", "LimitedBFGS", "LineSearch", "Lion", "MathewsXie", "NAdam", "Nesterov", "OneCycle",
    "OnlineBFGS", "PiecewiseConstant", "PiecewiseCosine", "PiecewiseLinear", "Plateau", "Polyak", "PolyakRuppert",
    "Polynomial", "PythonLaw", "RMSProp", "Relay", "Schedule", "ScheduleFree", "ScheduledLaw", "Silver", "Step",
    "Tanh", "TimeBased", "ValinCollings", "VariableForgetting", "Warmup", "WarmupStableDecay",
]
