"""Wrappers that take any gain: limits, and a warm-up in front of a law."""

from __future__ import annotations

import dataclasses
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.base import Law, Schedule
from gainsched.gains.scheduled import ScheduledLaw
from gainsched.gains.schedules import Constant
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Warmup(Schedule):
    r"""A linear rise from `start` to 1, to stand before any gain: ``Warmup(500) >> law``.

    .. math:: s_k = \mathrm{start} + (1 - \mathrm{start}) \min(k / \mathrm{steps}, 1)

    ``Warmup(n) >> law`` multiplies the law's gain by it: a cold start without a kick, while the law's memory fills.
    ``Warmup(n) >> schedule`` is ``schedule.warmup(n)``, which shifts the schedule behind the rise; so with a
    number.

    Parameters
    ----------
    steps : int
        Length of the rise, in samples.
    start : float
        The factor at k = 0.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Warmup(4)([0, 2, 4, 100])
    array([0. , 0.5, 1. , 1. ])
    >>> gs.Warmup(100) >> gs.RMSProp(rate=0.01)
    ScheduledLaw(Warmup(100), RMSProp(rate=0.01))
    """

    steps: int = param(kind="integer", low=1, unit="samples", doc="length of the rise")
    start: float = param(0.0, low=0, doc="factor at k = 0")

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        """The factor at a row of sample numbers."""
        return self.start + (1.0 - self.start) * np.minimum(k / self.steps, 1.0)

    @property
    def limit(self) -> float:
        """1: the warm-up ends."""
        return 1.0

    @property
    def cycle(self) -> tuple[int, int]:
        """At rest after the rise."""
        return (self.steps, 1)

    def __rshift__(self, gain: Any) -> Any:
        """The gain behind this warm-up."""
        if isinstance(gain, Law | ScheduledLaw):
            return self * gain
        if isinstance(gain, numbers.Real) and not isinstance(gain, bool):
            gain = Constant(float(gain))
        if isinstance(gain, Schedule):
            return gain.warmup(self.steps, self.start * gain(0))
        raise TypeError(refusal("Warmup: the gain behind >>", gain, "must be a number, a Schedule or a Law",
                                "An array is warmed up by hand: gains * np.minimum(np.arange(T) / steps, 1)."))


def Clip(gain: Any, low: float = 0.0, high: float = float("inf")) -> Any:  # noqa: N802 - reads as the gain it makes
    """Any gain within limits: a number, an array, a schedule, or a law, whose own limits get tighter.

    Parameters
    ----------
    gain : number, array, Schedule or Law
        What to limit.
    low, high : float
        The limits, 0 <= low <= high.

    Returns
    -------
    number, array, Schedule or Law
        Of the same kind. A law keeps the limited value in its state, so that nothing winds up.

    Raises
    ------
    ValueError
        When the limits cross each other, or cross those of the law.
    TypeError
        When gain is none of these.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Clip(gs.KwongJohnston(), high=0.05)
    KwongJohnston(high=0.05)
    >>> gs.Clip(gs.Exponential(1.0, rate=0.5, every=10), low=0.1)([0, 10, 1000])
    array([1. , 0.5, 0.1])
    """
    for name, value in (("low", low), ("high", high)):
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or not value >= 0:
            raise ValueError(refusal(f"Clip: {name}", value, "must be a number >= 0"))
    if high < low:
        raise ValueError(refusal("Clip: high", float(high), f"must be >= low = {low:g}"))
    if isinstance(gain, Law):
        law: Any = gain
        return dataclasses.replace(law, low=max(law.low, float(low)), high=min(law.high, float(high)))
    if isinstance(gain, ScheduledLaw):
        raise TypeError(refusal("Clip: gain", gain, "must not be a scaled law", "Clip the law before scaling it."))
    if isinstance(gain, Schedule):
        return gain.clip(low, high)
    if isinstance(gain, numbers.Real) and not isinstance(gain, bool):
        return min(max(float(gain), float(low)), float(high))
    if isinstance(gain, np.ndarray | list | tuple):
        return np.clip(np.asarray(gain, dtype=np.float64), low, high)
    raise TypeError(refusal("Clip: gain", gain, "must be a number, an array, a Schedule or a Law"))
