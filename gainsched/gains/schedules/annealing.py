"""From a start to an end within a number of samples, then the end for ever."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.gains.base import Schedule
from gainsched.gains.schedules.blend import line, wave
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Polynomial(Schedule):
    r"""A line, or a power of one, from start to end.

    .. math::
        \mu_k = \mathrm{end} + (\mathrm{start} - \mathrm{end})\,(1 - p)^{\mathrm{power}}, \qquad
        p = \min(k / \mathrm{steps}, 1)

    Parameters
    ----------
    start, end : float
        First and last gain.
    steps : int
        Samples from one to the other.
    power : float
        1: a straight line; above, most of the way is made early.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Polynomial(1.0, 0.0, steps=100, power=2)([0, 50, 100, 1000])
    array([1.  , 0.25, 0.  , 0.  ])
    """

    start: float = param(low=0, doc="first gain")
    end: float = param(low=0, doc="last gain")
    steps: int = param(kind="integer", low=1, unit="samples", doc="samples from start to end")
    power: float = param(1.0, low=0, exclusive=True, doc="exponent", kw_only=False)

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        if k.min(initial=math.inf) >= self.steps:
            return np.full(k.shape, self.end)
        done = np.minimum(k, self.steps)
        if self.power == 1.0:
            return line(self.start, self.end, done, self.steps)
        if self.start >= self.end:
            return self.end + (self.start - self.end) * ((self.steps - done) / self.steps) ** self.power
        # rising: 1 - (1-p)^power without the cancellation at small p
        risen = -np.expm1(self.power * np.log1p(-done / self.steps))
        return np.where(done < self.steps, self.start + (self.end - self.start) * risen, self.end)

    @property
    def limit(self) -> float:
        return self.end

    @property
    def cycle(self) -> tuple[int, int]:
        return (self.steps, 1)


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

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        if k.min(initial=math.inf) >= self.steps:
            return np.full(k.shape, self.end)
        return wave(self.start, self.end, np.minimum(k, self.steps), self.steps)

    @property
    def limit(self) -> float:
        return self.end

    @property
    def cycle(self) -> tuple[int, int]:
        return (self.steps, 1)


class Tanh(Schedule):
    r"""A hyperbolic tangent from (almost) start to (almost) end: a plateau, a fall, a plateau.

    .. math::
        \mu_k = \mathrm{end} + \frac{\mathrm{start} - \mathrm{end}}{2}
        \big(1 - \tanh(\mathrm{lower}\,(1 - p) + \mathrm{upper}\; p)\big), \qquad p = \min(k / \mathrm{steps}, 1)

    Parameters
    ----------
    start, end : float
        The plateaus; the default `upper` stops 0.25 % of the way short of the end.
    steps : int
        Samples of the whole.
    lower, upper : float
        The part of the tangent that is used.

    References
    ----------
    B. Y. Hsueh, W. Li, I.-C. Wu, "Stochastic gradient descent with hyperbolic-tangent decay on classification", WACV
    2019.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Tanh(1.0, 0.0, steps=100)([0, 50, 70, 100]).round(4)
    array([1.    , 0.982 , 0.5   , 0.0025])
    """

    start: float = param(low=0, doc="first plateau")
    end: float = param(low=0, doc="last plateau")
    steps: int = param(kind="integer", low=1, unit="samples", doc="samples from start to end")
    lower: float = param(-7.0, doc="argument of the tangent at k = 0", kw_only=False)
    upper: float = param(3.0, doc="argument of the tangent at k = steps", kw_only=False)

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        done = np.minimum(k, self.steps)
        twice = (2.0 / self.steps) * (self.lower * (self.steps - done) + self.upper * done)
        if self.start >= self.end:                    # (1 - tanh x)/2 = 1/(1 + e^2x), which does not cancel
            return self.end + (self.start - self.end) / (1.0 + np.exp(twice))
        return self.start + (self.end - self.start) / (1.0 + np.exp(-twice))

    @property
    def limit(self) -> float:
        return float(self(self.steps))

    @property
    def cycle(self) -> tuple[int, int]:
        return (self.steps, 1)
