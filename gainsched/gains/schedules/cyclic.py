"""Up and down for ever."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.base import Schedule
from gainsched.gains.schedules.clock import quotient
from gainsched.gains.schedules.growth import power
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODES = ("triangular", "triangular2", "exp_range")


class Cyclic(Schedule):
    r"""Triangles between two gains.

    .. math::
        \mu_k = \mathrm{low} + (\mathrm{high} - \mathrm{low})\, t_k\, a_k, \qquad
        t_k = 1 - \Big|\frac{k \bmod 2h}{h} - 1\Big|, \quad h = \mathrm{half\_period}

    with the amplitude :math:`a_k` = 1 ("triangular"), :math:`2^{-\lfloor k/2h\rfloor}` ("triangular2": half as high
    every cycle) or :math:`\mathrm{gamma}^k` ("exp_range").

    Parameters
    ----------
    low, high : float
        The two gains.
    half_period : int
        Samples from low to high.
    mode : {"triangular", "triangular2", "exp_range"}
        What becomes of the amplitude.
    gamma : float
        Its factor per sample in mode "exp_range".

    References
    ----------
    L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Cyclic(0.0, 1.0, half_period=10)([0, 5, 10, 15, 20])
    array([0. , 0.5, 1. , 0.5, 0. ])
    """

    low: float = param(low=0, doc="smallest gain")
    high: float = param(low=0, doc="largest gain")
    half_period: int = param(kind="integer", low=1, unit="samples", doc="samples from low to high")
    mode: str = param("triangular", kind="choice", choices=MODES, doc="what becomes of the amplitude", kw_only=False)
    gamma: float = param(1.0, low=0, high=1, doc="factor of the amplitude per sample (exp_range)", kw_only=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.high < self.low:
            raise ValueError(refusal("Cyclic: high", self.high, f"must be >= low = {self.low:g}"))
        if self.gamma != 1.0 and self.mode != "exp_range":
            raise ValueError(refusal("Cyclic: gamma", self.gamma, f"has no meaning in mode {self.mode!r}",
                                     "Try mode='exp_range'."))

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        i = quotient(k, 2 * self.half_period)
        rise = k - i * (2 * self.half_period)
        rise = np.minimum(rise, 2 * self.half_period - rise) / self.half_period
        if self.mode == "triangular2":
            rise *= power(0.5, i)
        elif self.mode == "exp_range":
            rise *= power(self.gamma, k)
        return self.low + (self.high - self.low) * rise

    @property
    def _steady(self) -> bool:
        return self.mode == "triangular" or (self.mode == "exp_range" and self.gamma == 1.0)

    @property
    def limit(self) -> float:
        return math.nan if self._steady and self.high > self.low else self.low

    @property
    def cycle(self) -> tuple[int, int] | None:
        return (0, 2 * self.half_period) if self._steady else None
