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


_COUNT = np.arange(4 * 4096.0)  # what a loop asks for at most: an addition is faster than another arange


class Schedule(Spec, abstract=True):
    """A gain known beforehand: a pure, total, vectorized function of the sample number k >= 0.

    ``s(0)`` is a float, ``s(np.arange(10))`` a float64 array, the same to the last bit however k is handed in.
    Schedules are frozen values: they print as code that makes them again, pickle, compare, and go to JSON by `to_dict`
    and back by `Schedule.from_dict`.

    They compose: ``0.5 * s``, ``s * t``, ``s + t``, and by the methods below, each of which gives a new schedule.

    Examples
    --------
    >>> import gainsched as gs
    >>> s = gs.Exponential(1.0, rate=0.5, every=100)
    >>> s(200)
    0.25
    >>> gs.Schedule.from_dict(s.to_dict()) == s
    True
    >>> (0.5 * s + 0.1).warmup(10)
    (0.5 * Exponential(1.0, 0.5, every=100.0) + Constant(0.1)).warmup(10)
    """

    family: ClassVar[str] = "schedule"
    exemptions: ClassVar[dict[str, str]] = {}     # common check -> the reason why it does not apply
    __array_ufunc__: ClassVar[None] = None        # NumPy's scalars leave `number * schedule` to the schedule

    @overload
    def __call__(self, k: float) -> float: ...
    @overload
    def __call__(self, k: ArrayLike) -> NDArray[np.float64]: ...
    def __call__(self, k: Any) -> Any:
        """The gain at sample k; a negative k is refused."""
        array = np.asarray(k)
        if array.dtype.kind not in "iuf" or (array.size and not (array.min() >= 0 and array.max() < math.inf)):
            raise ValueError(refusal(f"{type(self).__name__}: k", k, "must be a sample number >= 0, or several"))
        # always one row of floats: one sample goes the way of many, and gets the same bits
        with np.errstate(all="ignore"):            # a growing schedule may reach inf: loops refuse it there
            values = np.asarray(self.tabulate(array.astype(np.float64, copy=False).reshape(-1)), dtype=np.float64)
        return float(values[0]) if array.ndim == 0 else values.reshape(array.shape)

    def between(self, first: int, last: int) -> NDArray[np.float64]:
        """The gains of samples first to last - 1, as a loop takes them: a block at a time.

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.Step(1.0, 0.5, every=10).between(9, 11)
        array([1. , 0.5])
        """
        k = first + _COUNT[:last - first] if last - first <= len(_COUNT) else np.arange(float(first), float(last))
        with np.errstate(all="ignore"):
            return np.asarray(self.tabulate(k), dtype=np.float64)

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values at a row of sample numbers, all >= 0; what a new schedule defines."""
        raise NotImplementedError

    @property
    def limit(self) -> float:
        """The value for k to infinity; nan where there is none (what repeats, or is noisy), or where nobody knows."""
        raise NotImplementedError

    @property
    def cycle(self) -> tuple[int, int] | None:
        """(first, period): from sample `first` on the values repeat every `period` samples. None: they do not.

        What rests at its limit repeats with period 1.
        """
        return None

    @property
    def period(self) -> int | None:
        """Samples after which it repeats, once it does; None where it settles at a limit, or never repeats.

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.Cyclic(0.1, 0.5, half_period=50).warmup(30).period
        100
        """
        return self.cycle[1] if self.cycle is not None and math.isnan(self.limit) else None

    # -- algebra -----------------------------------------------------------------------------------------------

    def __mul__(self, other: Any) -> Schedule:
        from gainsched.gains.schedules import Product, Scaled

        if isinstance(other, Schedule):
            return Product(self, other)
        return Scaled(self, float(other)) if _is_number(other) else NotImplemented

    def __rmul__(self, other: Any) -> Schedule:
        return self * other if _is_number(other) else NotImplemented

    def __add__(self, other: Any) -> Schedule:
        from gainsched.gains.schedules import Constant, Sum

        if isinstance(other, Schedule):
            return Sum(self, other)
        return Sum(self, Constant(float(other))) if _is_number(other) else NotImplemented

    def __radd__(self, other: Any) -> Schedule:
        from gainsched.gains.schedules import Constant, Sum

        return Sum(Constant(float(other)), self) if _is_number(other) else NotImplemented

    def warmup(self, steps: int, start: float = 0.0) -> Schedule:
        """Linear from `start` to this schedule's first value, reached at k = steps; then the schedule, shifted.

        With the default start the first update does nothing; give ``start`` not to lose a sample.

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.Constant(1.0).warmup(4)([0, 2, 4, 100])
        array([0. , 0.5, 1. , 1. ])
        """
        from gainsched.gains.schedules import Warmed

        return Warmed(self, steps, start)

    def then(self, after: Schedule, at: int) -> Schedule:
        """Follow this schedule up to sample `at`, then another from its own beginning.

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.Constant(1.0).then(gs.Cosine(1.0, 0.0, 100), at=50)([0, 50, 100, 150])
        array([1. , 1. , 0.5, 0. ])
        """
        from gainsched.gains.schedules import Chained

        return Chained(self, after, at)

    def shift(self, n: int) -> Schedule:
        """Run n samples ahead: k -> s(k + n).

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.Step(1.0, 0.5, every=10).shift(5)([0, 5])
        array([1. , 0.5])
        """
        from gainsched.gains.schedules import Shifted

        return Shifted(self, n)

    def clip(self, low: float = 0.0, high: float = math.inf) -> Schedule:
        """Keep the gain between two limits.

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.InverseTime(1.0, decay=1.0).clip(0.1, 0.5)([0, 3, 99])
        array([0.5 , 0.25, 0.1 ])
        """
        from gainsched.gains.schedules import Clipped

        return Clipped(self, low, high)

    def hold(self, q: int) -> Schedule:
        """A staircase: each value holds for q samples, k -> s(q floor(k / q)).

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.Polynomial(1.0, 0.0, steps=100).hold(50)([49, 50])
        array([1. , 0.5])
        """
        from gainsched.gains.schedules import Held

        return Held(self, q)

    def repeat(self, n: int) -> Schedule:
        """The first n samples again and again, k -> s(k mod n).

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.Polynomial(1.0, 0.0, steps=100).repeat(100)([50, 100, 150])
        array([0.5, 1. , 0.5])
        """
        from gainsched.gains.schedules import Repeated

        return Repeated(self, n)

    def noisy(self, sigma: float, seed: int) -> Schedule:
        """Relative noise, s(k) (1 + sigma xi_k): the same noise for the same k and seed, whatever was asked before.

        Examples
        --------
        >>> import gainsched as gs
        >>> gs.Constant(0.5).noisy(0.1, seed=0)(range(3)).round(3)
        array([0.513, 0.513, 0.501])
        """
        from gainsched.gains.schedules import Noisy

        return Noisy(self, sigma, seed)

    # ----------------------------------------------------------------------------------------------------------

    def plot(self, steps: int = 10_000, *, ax: Any = None) -> Any:
        """Draw the schedule over its first `steps` samples; returns the matplotlib Axes."""
        from gainsched.plot.gain import schedule

        return schedule(self, steps, ax=ax)

    def __getstate__(self) -> dict[str, Any]:
        """The parameters alone: tables kept for speed are made again."""
        return {p.name: getattr(self, p.name) for p in self.parameters()}


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)


class Law(Spec, abstract=True):
    r"""A gain that looks at data: a compiled hook with state of its own in the loop.

    Every law takes `low` and `high` (saturation; the state keeps the saturated value, so nothing winds up),
    `rate_limit` (largest change per sample), and `saturate`: by default no step may carry the sample's own error past
    its negative, :math:`\sum_i g_i v_i u_i\, c / e \le 2` (for LMS :math:`\sum_i g_i u_i^2 \le 2`).
    """

    family: ClassVar[str] = "law"
    __array_ufunc__: ClassVar[None] = None              # an array times a law is no array of laws
    kernel: ClassVar[Any] = None
    per_weight: ClassVar[bool] = False
    ports: ClassVar[tuple[str, ...]] = ("gain",)        # what it can drive
    takes_complex: ClassVar[bool] = False               # whether it reads magnitudes alone
    needs_error: ClassVar[bool] = False                 # whether it reads more than the correction: error or regressor
    calls_python: ClassVar[bool] = False                # whether its hook runs Python, and so may fail

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

    def bound(self, memory: NDArray[np.float64] | None) -> Any:
        """What the hook stands on in one loop, if anything: an object whose `address` it finds in ``law_object``.

        `memory` is the state's field of that name, in place.
        """
        return None

    def __rmul__(self, factor: Any) -> Any:
        """A schedule, or a number, times a law: `ScheduledLaw`."""
        from gainsched.gains.scheduled import ScheduledLaw
        from gainsched.gains.schedules import Constant

        if isinstance(factor, Schedule):
            return ScheduledLaw(factor, self)
        return ScheduledLaw(Constant(float(factor)), self) if _is_number(factor) else NotImplemented


def taken_over(start: Any, n: int) -> NDArray[np.float64]:
    """The gains in force of n weights, from one number or one per weight."""
    return np.broadcast_to(np.asarray(start, dtype=np.float64), (n,)).copy()
