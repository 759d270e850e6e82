"""Compensators: what stands between correction and weights; momentum is a dynamic compensator in the loop."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any, ClassVar

from gainsched.errors import refusal
from gainsched.gains.base import Schedule
from gainsched.param import Spec, param

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Compensator(Spec, abstract=True):
    r"""A linear filter between the correction :math:`\Delta_k = \mu_k c_k v_k` and the weights.

    Every filter takes one, with every kind of gain: ``Loop(filter, gain, compensator=HeavyBall(0.9))``. The gain
    multiplies before the compensator. At a skipped sample it rests, as the weights do.
    """

    family: ClassVar[str] = "compensator"
    kernel: ClassVar[Any] = None
    averages: ClassVar[bool] = False       # whether its first numbers are averaged weights

    beta: Any = param(kind="number or Schedule", low=0.0, high=1.0, symbol="beta", doc="memory")

    def __init_subclass__(cls, *, kernel: Any = None, abstract: bool = False, **options: Any) -> None:
        if kernel is not None:
            cls.kernel = kernel
        super().__init_subclass__(abstract=abstract, **options)

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.beta, Schedule):
            return
        who, limit = f"{type(self).__name__}: beta", "must be a number >= 0 and < 1, or a Schedule"
        if isinstance(self.beta, bool) or not isinstance(self.beta, numbers.Real):
            raise TypeError(refusal(who, self.beta, limit))
        if not (math.isfinite(self.beta) and 0.0 <= self.beta < 1.0):
            raise ValueError(refusal(who, float(self.beta), limit))
        object.__setattr__(self, "beta", float(self.beta))

    def initial(self, w: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Its memory before the first sample, for weights w (as doubles), in the kernel's order."""
        raise NotImplementedError

    def transfer(self, beta: float) -> tuple[list[float], list[float]]:
        """(num, den) in powers of z of what multiplies each mode's loop at a constant beta."""
        raise NotImplementedError
