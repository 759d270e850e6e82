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

BETA = "must be a number >= 0 and < 1, or a Schedule"


class Compensator(Spec, abstract=True):
    r"""What stands between the correction :math:`\Delta_k = \mu_k c_k v_k` and the weights, or behind the weights.

    Every filter takes one, with every kind of gain: ``Loop(filter, gain, compensator=HeavyBall(0.9))``. The gain
    multiplies before the compensator. At a skipped sample it rests, as the weights do. Its numbers belong to the loop's
    state; `swap` leaves them.
    """

    family: ClassVar[str] = "compensator"
    kernel: ClassVar[Any] = None
    ports: ClassVar[tuple[str, ...]] = ()  # ("beta",) where a number or a Schedule drives it
    averages: ClassVar[bool] = False       # whether its first numbers are averaged weights, `loop.average`

    def __init_subclass__(cls, *, kernel: Any = None, abstract: bool = False, **options: Any) -> None:
        if kernel is not None:
            cls.kernel = kernel
        super().__init_subclass__(abstract=abstract, **options)

    def __post_init__(self) -> None:
        super().__post_init__()
        if "beta" in self.ports:
            object.__setattr__(self, "beta", _memory(type(self).__name__, getattr(self, "beta", None)))

    def constants(self) -> tuple[float, ...]:
        """Numbers that the kernel reads, in its order; beta reaches it as a port of the loop."""
        return tuple(float(getattr(self, p.name)) for p in self.parameters() if p.kind in ("real", "integer"))

    def initial(self, w: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Its memory before the first sample, for weights w (as doubles), in the kernel's order."""
        raise NotImplementedError


class Momentum(Compensator, abstract=True):
    r"""A linear filter of first order: one memory per weight.

    .. math:: p_{k+1} = \beta_k p_k + a\,\Delta_k, \qquad w_{k+1} = w_k + b\,\Delta_k + p_{k+1}
    """

    ports: ClassVar[tuple[str, ...]] = ("beta",)

    beta: Any = param(kind="number or Schedule", low=0.0, high=1.0, symbol="beta", doc="memory")

    def shares(self, beta: float) -> tuple[float, float]:
        """(a, b): how much of the correction enters the memory, and how much goes straight to the weights."""
        raise NotImplementedError

    def transfer(self, beta: float) -> tuple[list[float], list[float]]:
        """(num, den) in powers of z of what multiplies each mode's loop at a constant beta.

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.HeavyBall(0.9).transfer(0.9)
        ([1.0, -0.0], [1.0, -0.9])
        """
        a, b = self.shares(beta)
        return [a + b, -b * beta], [1.0, -beta]

    def limit(self, beta: float) -> float:
        r"""Largest stable loop gain :math:`\mu\lambda` at a constant beta: 2 (1 + beta)/(a + b (1 + beta)).

        There a root of :math:`z^2 - (1+\beta-(a+b)\mu\lambda) z + \beta(1-b\mu\lambda)` leaves the unit circle at -1.
        """
        a, b = self.shares(beta)
        return 2.0 * (1.0 + beta) / (a + b * (1.0 + beta))


def _memory(who: str, value: Any) -> Any:
    """A beta, checked: a number in [0, 1), or a schedule, whose values the loop checks as it meets them."""
    if isinstance(value, Schedule):
        return value
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(refusal(f"{who}: beta", value, BETA))
    beta = float(value)
    if not (math.isfinite(beta) and 0.0 <= beta < 1.0):
        raise ValueError(refusal(f"{who}: beta", beta, BETA))
    return beta
