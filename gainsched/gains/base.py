"""Gains: a Schedule is feedforward, a function of k alone; a Law is feedback, a hook that sees error and regressor."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any, ClassVar, overload

import numpy as np

from gainsched.errors import refusal
from gainsched.param import Spec, param

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Schedule(Spec, abstract=True):
    """A gain known beforehand: a pure, total, vectorized function of the sample number k >= 0.

    ``s(0)`` is a float, ``s(np.arange(10))`` a float64 array. Schedules are frozen values: they print as code that
    makes them again, pickle, compare, and go to JSON by `to_dict` and back by `Schedule.from_dict`.

    Examples
    --------
    >>> import gainsched as gs
    >>> s = gs.Exponential(1.0, rate=0.5, every=100)
    >>> s(200)
    0.25
    >>> gs.Schedule.from_dict(s.to_dict()) == s
    True
    """

    family: ClassVar[str] = "schedule"

    @overload
    def __call__(self, k: float) -> float: ...
    @overload
    def __call__(self, k: ArrayLike) -> NDArray[np.float64]: ...
    def __call__(self, k: Any) -> Any:
        """The gain at sample k; a negative k is refused."""
        array = np.asarray(k)
        if array.dtype.kind not in "iuf" or not (np.isfinite(array) & (array >= 0)).all():
            raise ValueError(refusal(f"{type(self).__name__}: k", k, "must be a sample number >= 0, or several"))
        with np.errstate(over="ignore", under="ignore"):   # a growing schedule may reach inf: loops refuse it there
            values = np.asarray(self.values(array.astype(np.float64)), dtype=np.float64)
        return float(values) if array.ndim == 0 else values

    def values(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values at an array of sample numbers; what a new schedule defines."""
        raise NotImplementedError

    @property
    def limit(self) -> float:
        """The value for k to infinity."""
        raise NotImplementedError

    def warmup(self, steps: int, start: float = 0.0) -> Schedule:
        """Linear from `start` to this schedule's first value, reached at k = steps; then the schedule, shifted.

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.Constant(1.0).warmup(4)([0, 2, 4, 100])
        array([0. , 0.5, 1. , 1. ])
        """
        from gainsched.gains.schedules import Warmed

        return Warmed(self, steps, start)

    def plot(self, steps: int = 10_000, *, ax: Any = None) -> Any:
        """Draw the schedule over its first `steps` samples; returns the matplotlib Axes."""
        from gainsched.plot.gain import schedule

        return schedule(self, steps, ax=ax)


class Law(Spec, abstract=True):
    r"""A gain that looks at data: a compiled hook with state of its own in the loop.

    Every law takes `low` and `high` (saturation; the state keeps the saturated value, so nothing winds up),
    `rate_limit` (largest change per sample), and `saturate`: by default no step may carry the sample's own error past
    its negative, :math:`\sum_i g_i v_i u_i\, c / e \le 2` (for LMS :math:`\sum_i g_i u_i^2 \le 2`).
    """

    family: ClassVar[str] = "law"
    kernel: ClassVar[Any] = None
    per_weight: ClassVar[bool] = False
    ports: ClassVar[tuple[str, ...]] = ("gain",)        # what it can drive
    takes_complex: ClassVar[bool] = False               # whether it reads magnitudes alone

    low: float = param(0.0, low=0.0, doc="smallest gain")
    high: float = param(math.inf, low=0.0, doc="largest gain")
    rate_limit: float = param(math.inf, low=0.0, unit="gain per sample", doc="largest change per sample")
    saturate: bool = param(True, kind="flag", doc="bound each step by the sample's own error")

    def __init_subclass__(cls, *, kernel: Any = None, abstract: bool = False, **options: Any) -> None:
        if kernel is not None:
            cls.kernel = kernel
        super().__init_subclass__(abstract=abstract, **options)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.high < self.low:
            raise ValueError(refusal(f"{type(self).__name__}: high", self.high, f"must be >= low = {self.low:g}"))

    def constants(self) -> tuple[float, ...]:
        """The law's own numbers, in the hook's order."""
        shared = {p.name for p in Law.parameters()}
        return tuple(float(getattr(self, p.name)) for p in self.parameters() if p.name not in shared)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """State before the first sample; the first entry is the gain in force (`start` where another hands over)."""
        raise NotImplementedError

    def __rmul__(self, factor: Any) -> Any:
        """A schedule, or a number, times a law: `ScheduledLaw`."""
        from gainsched.gains.scheduled import ScheduledLaw
        from gainsched.gains.schedules import Constant

        if isinstance(factor, Schedule):
            return ScheduledLaw(factor, self)
        if isinstance(factor, numbers.Real) and not isinstance(factor, bool):
            return ScheduledLaw(Constant(float(factor)), self)
        return NotImplemented


def taken_over(start: Any, n: int) -> NDArray[np.float64]:
    """The gains in force of n weights, from one number or one per weight."""
    return np.broadcast_to(np.asarray(start, dtype=np.float64), (n,)).copy()
