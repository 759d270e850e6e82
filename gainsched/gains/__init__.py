"""Gains: schedules (feedforward) and laws (feedback). One line per file."""

from gainsched.gains.base import Law, Schedule
from gainsched.gains.rmsprop import RMSProp
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

__all__ = [
    "Chebyshev", "Constant", "Cosine", "CosineRestarts", "Cyclic", "Exponential", "Function", "InversePower",
    "InverseSqrt", "InverseTime", "KwongJohnston", "Law", "OneCycle", "PiecewiseConstant", "PiecewiseCosine",
    "PiecewiseLinear", "Polynomial", "RMSProp", "Schedule", "Silver", "Step", "Tanh", "TimeBased", "WarmupStableDecay",
]
