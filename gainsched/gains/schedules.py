"""Schedules: gains that are functions of the sample number alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.base import Schedule
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Constant(Schedule):
    r"""The same gain at every sample.

    .. math:: \mu_k = \mathrm{value}

    Parameters
    ----------
    value : float
        The gain, >= 0.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Constant(0.5)([0, 1000])
    array([0.5, 0.5])
    """

    value: float = param(low=0, doc="the gain")

    def values(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.full(k.shape, self.value)

    @property
    def limit(self) -> float:
        return self.value


class InverseTime(Schedule):
    r"""Time-based decay.

    .. math:: \mu_k = \frac{\mathrm{start}}{1 + \mathrm{decay}\; k / \mathrm{every}}

    Parameters
    ----------
    start : float
        The gain at k = 0.
    decay : float
        Decay per `every` samples.
    every : float
        Samples to which `decay` refers.
    staircase : bool
        Use floor(k / every).

    Notes
    -----
    The sum of the gains diverges and that of their squares converges: the Robbins-Monro conditions hold.

    References
    ----------
    H. Robbins, S. Monro, "A stochastic approximation method", Ann. Math. Stat. 22 (1951).

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.InverseTime(1.0, decay=1.0, every=10)([0, 10, 30])
    array([1.  , 0.5 , 0.25])
    """

    start: float = param(low=0, doc="gain at k = 0")
    decay: float = param(low=0, doc="decay per `every` samples")
    every: float = param(1.0, low=0, exclusive=True, unit="samples", doc="time unit of the decay", kw_only=False)
    staircase: bool = param(False, kind="flag", doc="decay in steps", kw_only=False)

    def values(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        t = k // self.every if self.staircase else k / self.every
        return self.start / (1.0 + self.decay * t)

    @property
    def limit(self) -> float:
        return 0.0 if self.decay > 0 else self.start


class Step(Schedule):
    r"""Step-based decay: multiplied by a factor at regular intervals.

    .. math:: \mu_k = \mathrm{start} \cdot \mathrm{factor}^{\lfloor k / \mathrm{every} \rfloor}

    Parameters
    ----------
    start : float
        The gain at k = 0.
    factor : float
        Multiplies the gain at k = every, 2 every, ...
    every : int
        Samples between steps.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Step(1.0, factor=0.5, every=10)([0, 9, 10, 20])
    array([1.  , 1.  , 0.5 , 0.25])
    """

    start: float = param(low=0, doc="gain at k = 0")
    factor: float = param(low=0, doc="multiplies the gain at every step")
    every: int = param(kind="integer", low=1, unit="samples", doc="samples between steps")

    def values(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        return _scaled(self.start, self.factor ** (k // self.every))

    @property
    def limit(self) -> float:
        return _power_limit(self.start, self.factor)


class Exponential(Schedule):
    r"""Exponential decay to a floor.

    .. math:: \mu_k = \max(\mathrm{floor},\; \mathrm{start} \cdot \mathrm{rate}^{k / \mathrm{every}})

    Parameters
    ----------
    start : float
        The gain at k = 0.
    rate : float
        Factor per `every` samples.
    every : float
        Samples to which `rate` refers.
    floor : float
        The gain never falls below it.
    staircase : bool
        Use floor(k / every).

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Exponential(1.0, rate=0.5, every=2000, floor=0.05)([0, 2000, 50_000])
    array([1.  , 0.5 , 0.05])
    """

    start: float = param(low=0, doc="gain at k = 0")
    rate: float = param(low=0, doc="factor per `every` samples")
    every: float = param(1.0, low=0, exclusive=True, unit="samples", doc="time unit of the rate", kw_only=False)
    floor: float = param(0.0, low=0, doc="smallest gain", kw_only=False)
    staircase: bool = param(False, kind="flag", doc="decay in steps", kw_only=False)

    def values(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        t = k // self.every if self.staircase else k / self.every
        return np.maximum(self.floor, _scaled(self.start, self.rate**t))

    @property
    def limit(self) -> float:
        return max(self.floor, _power_limit(self.start, self.rate))


class Cosine(Schedule):
    r"""Half a cosine from start to end, then the end for ever.

    .. math::
        \mu_k = \mathrm{end} + (\mathrm{start} - \mathrm{end})\, \frac{1 + \cos(\pi p)}{2}, \qquad
        p = \min(k / \mathrm{steps}, 1)

    Parameters
    ----------
    start, end : float
        First and last gain.
    steps : int
        Samples from one to the other.

    References
    ----------
    I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Cosine(1.0, 0.0, steps=100)([0, 50, 100, 1000])
    array([1. , 0.5, 0. , 0. ])
    """

    start: float = param(low=0, doc="first gain")
    end: float = param(low=0, doc="last gain")
    steps: int = param(kind="integer", low=1, unit="samples", doc="samples from start to end")

    def values(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        # sin^2 form: exact at the middle and at the end, where 1 + cos would cancel
        p: NDArray[np.float64] = np.minimum(k / self.steps, 1.0)
        return self.end + (self.start - self.end) * np.sin(np.pi / 2 * (1.0 - p)) ** 2

    @property
    def limit(self) -> float:
        return self.end


class Warmed(Schedule):
    r"""A schedule behind a linear warm-up; made by `Schedule.warmup`.

    .. math::
        \mu_k = \mathrm{start} + (s_0 - \mathrm{start})\, k / \mathrm{steps} \;\text{for}\; k < \mathrm{steps},
        \qquad \mu_k = s_{k - \mathrm{steps}} \;\text{after}

    Parameters
    ----------
    schedule : Schedule
        s, what follows the warm-up.
    steps : int
        Length of the warm-up, in samples.
    start : float
        The gain at k = 0.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Step(1.0, 0.5, 10).warmup(2)([0, 1, 2, 12])
    array([0. , 0.5, 1. , 0.5])
    """

    family: ClassVar[str] = "composite"

    schedule: Any = param(kind="schedule", doc="what follows the warm-up")
    steps: int = param(kind="integer", low=1, unit="samples", doc="length of the warm-up")
    start: float = param(0.0, low=0, doc="gain at k = 0", kw_only=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.schedule, Schedule):
            raise TypeError(refusal("warmup: schedule", self.schedule, "must be a Schedule"))

    def __repr__(self) -> str:
        start = f", start={self.start!r}" if self.start else ""
        return f"{self.schedule!r}.warmup({self.steps}{start})"

    def values(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        first: float = self.schedule(0)
        ramp = self.start + (first - self.start) * (k / self.steps)
        after: NDArray[np.float64] = self.schedule(np.maximum(k - self.steps, 0.0))
        return np.where(k < self.steps, ramp, after)

    @property
    def limit(self) -> float:
        return float(self.schedule.limit)


def _scaled(start: float, growth: NDArray[np.float64]) -> NDArray[np.float64]:
    """start times growth; a start of 0 stays 0 where growth has overflowed."""
    return start * growth if start else np.zeros_like(growth)


def _power_limit(start: float, factor: float) -> float:
    if factor > 1.0:
        return float("inf") if start > 0 else 0.0
    return start if factor == 1.0 else 0.0
