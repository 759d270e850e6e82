"""Schedules: gains that are functions of the sample number alone, and what other libraries call them.

Every schedule is a plain callable k -> float, so optax, torch's LambdaLR (base rate 1) and Keras callbacks take it as
it is. The other way, `from_torch`, `from_optax` and `from_keras` build ours from their parameters.
"""

from gainsched.gains.schedules.algebra import Clipped, Product, Scaled, Sum
from gainsched.gains.schedules.annealing import Cosine, Polynomial, Tanh
from gainsched.gains.schedules.composite import Chained, Composite, Warmed
from gainsched.gains.schedules.constant import Constant
from gainsched.gains.schedules.cyclic import Cyclic
from gainsched.gains.schedules.decay import Exponential, InverseTime, Step
from gainsched.gains.schedules.function import Function
from gainsched.gains.schedules.keras import from_keras
from gainsched.gains.schedules.noise import Noisy
from gainsched.gains.schedules.optax import from_optax
from gainsched.gains.schedules.phases import OneCycle, WarmupStableDecay
from gainsched.gains.schedules.piecewise import PiecewiseConstant, PiecewiseCosine, PiecewiseLinear
from gainsched.gains.schedules.power import InversePower, InverseSqrt
from gainsched.gains.schedules.recursive import TimeBased
from gainsched.gains.schedules.restarts import CosineRestarts
from gainsched.gains.schedules.roots import Chebyshev, Silver
from gainsched.gains.schedules.timing import Held, Repeated, Shifted
from gainsched.gains.schedules.torch import from_torch

__all__ = [
    "Chained", "Chebyshev", "Clipped", "Composite", "Constant", "Cosine", "CosineRestarts", "Cyclic", "Exponential",
    "Function", "Held", "InversePower", "InverseSqrt", "InverseTime", "Noisy", "OneCycle", "PiecewiseConstant",
    "PiecewiseCosine", "PiecewiseLinear", "Polynomial", "Product", "Repeated", "Scaled", "Shifted", "Silver", "Step",
    "Sum", "Tanh", "TimeBased", "Warmed", "WarmupStableDecay",
    "from_keras", "from_optax", "from_torch",
]
