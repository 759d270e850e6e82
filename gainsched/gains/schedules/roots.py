"""Cycles of long and short steps that together do what no constant gain can: Chebyshev's roots, the silver steps."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.base import Schedule
from gainsched.gains.schedules.clock import remainder
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RHO = 1.0 + math.sqrt(2.0)
_CLOCK = 2.0**62              # floats from 2^53 on are even, and k + 1 is odd


class Chebyshev(Schedule):
    r"""The steps whose product is smallest over a range of modes: one over the roots of a Chebyshev polynomial.

    .. math::
        \frac{1}{\mu_i} = \frac{\mathrm{high} + \mathrm{low}}{2} + \frac{\mathrm{high} - \mathrm{low}}{2}
        \cos\frac{\pi(2i+1)}{2\,\mathrm{steps}}, \qquad i = 0 \dots \mathrm{steps} - 1

    Without noise a cycle of n steps shrinks every mode between low and high by
    :math:`1/T_n\big(\frac{\kappa+1}{\kappa-1}\big) \approx 2 e^{-2n/\sqrt\kappa}` at least, where the best constant
    gain reaches :math:`e^{-2n/\kappa}`. Single gains lie beyond the stable range of a constant one.

    Parameters
    ----------
    low, high : float
        Smallest and largest mode (eigenvalue of the regressor's covariance).
    steps : int
        Length of a cycle; cycles repeat.

    Notes
    -----
    Order decides what happens on the way. Taken by size, what 64 steps at a condition number of 1000 do to rounding and
    noise that enter along the way is an amplification by 1e30. Here long and short steps alternate: from the order of
    n // 2 steps, each root t is followed by its mirror image 2 n - t; an odd number has the middle one last. That works
    for any number of steps, and neither the beginning nor the rest of a cycle amplifies any mode by more than the
    condition number.

    References
    ----------
    V. I. Lebedev, S. A. Finogenov, "Ordering of the iterative parameters in the cyclical Chebyshev iterative method",
    USSR Comput. Math. and Math. Phys. 11 (1971); A. A. Samarskii, E. S. Nikolaev, *Numerical Methods for Grid
    Equations*, vol. 2 (1989), ch. 6 (any number of steps).

    Examples
    --------
    >>> import gainsched as gs
    >>> s = gs.Chebyshev(1.0, 3.0, steps=4)
    >>> s(range(5)).round(4)
    array([0.342 , 0.9293, 0.4197, 0.6183, 0.342 ])
    """

    low: float = param(low=0, exclusive=True, doc="smallest mode")
    high: float = param(low=0, exclusive=True, doc="largest mode")
    steps: int = param(kind="integer", low=1, unit="samples", doc="length of a cycle")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.high < self.low:
            raise ValueError(refusal("Chebyshev: high", self.high, f"must be >= low = {self.low:g}"))

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._gains[remainder(k, self.steps).astype(np.int64)]

    @cached_property
    def _gains(self) -> NDArray[np.float64]:
        angles = math.pi / (2 * self.steps) * np.array(stable_order(self.steps))
        # (1 + cos t)/2 and (1 - cos t)/2 as squares: no root is the difference of two large numbers
        return 1.0 / (self.high * np.cos(angles / 2) ** 2 + self.low * np.sin(angles / 2) ** 2)

    @property
    def limit(self) -> float:
        return self(0) if self.steps == 1 or self.low == self.high else math.nan

    @property
    def cycle(self) -> tuple[int, int]:
        return (0, self.steps)


def stable_order(steps: int) -> list[int]:
    """The odd numbers 1, 3 .. 2 steps - 1 in an order in which large and small steps keep each other in check.

    Examples
    --------
    >>> stable_order(4), stable_order(5)
    ([1, 7, 3, 5], [1, 9, 3, 7, 5])
    """
    if steps == 1:
        return [1]
    order = [t for half in stable_order(steps // 2) for t in (half, 2 * steps - half)]
    return [*order, steps] if steps % 2 else order


class Silver(Schedule):
    r"""Silver steps: a fractal of ever longer single steps, for gradients between 0 and high.

    .. math::
        \mu_k = \frac{1 + \rho^{\nu(k+1) - 1}}{\mathrm{high}}, \qquad \rho = 1 + \sqrt 2, \quad
        2^{\nu(j)} \;\text{the largest power of two that divides}\; j

    After :math:`2^n - 1` steps of plain gradient descent the error is of the order :math:`k^{-\log_2\rho}`,
    :math:`\log_2 \rho \approx 1.27`, where constant gains give 1/k. Half of the gains lie below 2/high, the others far
    beyond: no bound of a frozen loop covers it, and noise is amplified.

    Parameters
    ----------
    high : float
        Largest mode (curvature).

    References
    ----------
    J. M. Altschuler, P. A. Parrilo, "Acceleration by stepsize hedging II: silver stepsize schedule for smooth convex
    optimization", Math. Program. (2024).

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Silver(1.0)(range(4)).round(4)
    array([1.4142, 2.    , 1.4142, 3.4142])
    """

    high: float = param(low=0, exclusive=True, doc="largest mode")

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        if k.max(initial=0.0) >= _CLOCK:
            k = np.where(k < _CLOCK, k, 0.0)
        count = k.astype(np.int64) + 1
        lowest = (count & -count).astype(np.float64)             # a power of two: its exponent are bits 52 to 62
        values: NDArray[np.float64] = self._gains[(lowest.view(np.int64) >> 52) - 1023]
        return values

    @cached_property
    def _gains(self) -> NDArray[np.float64]:
        return (1.0 + _RHO ** np.arange(-1.0, 63.0)) / self.high

    @property
    def limit(self) -> float:
        return math.nan
