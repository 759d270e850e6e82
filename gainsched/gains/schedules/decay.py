"""Decay at a fixed ratio, or in proportion to the samples taken: 1/k, steps, exponentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.gains.base import Schedule
from gainsched.gains.schedules.clock import quotient
from gainsched.gains.schedules.growth import power, power_limit, scaled, whole_power
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


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

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        t = quotient(k, self.every) if self.staircase else k / self.every
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

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        return scaled(self.start, whole_power(self.factor, quotient(k, self.every)))

    @property
    def limit(self) -> float:
        return power_limit(self.start, self.factor)


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

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.staircase:
            values = scaled(self.start, whole_power(self.rate, quotient(k, self.every)))
        else:
            values = scaled(self.start, power(self.rate, k / self.every))
        return np.maximum(self.floor, values) if self.floor else values

    @property
    def limit(self) -> float:
        return max(self.floor, power_limit(self.start, self.rate))
