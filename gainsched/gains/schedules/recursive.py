"""Time-based decay as a recursion, tabulated where it is short and summed in closed form where it is long."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gainsched.gains.base import Schedule
from gainsched.gains.schedules._loops import logarithm_sums
from gainsched.gains.schedules.clock import switched
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TABLE = 10_000               # samples tabulated
_SMALL = 0.25                 # decay * k up to which the series holds; beyond, the value has long underflowed
_UNDERFLOW = 1500.0           # e^-1500 times the largest float is nothing


class TimeBased(Schedule):
    r"""The recursion of time-based decay: every sample divides by a little more than the last.

    .. math::
        \mu_{k+1} = \frac{\mu_k}{1 + \mathrm{decay}\,(k+1)}, \qquad \mu_0 = \mathrm{start}, \qquad
        \mu_k = \mathrm{start}\, \exp\Big(-\sum_{j=1}^{k} \ln(1 + \mathrm{decay}\; j)\Big)

    It falls like :math:`e^{-\mathrm{decay}\,k^2/2}` at first and faster than any exponential later. Most programs that
    say "time-based" mean `InverseTime`, which divides the first value, not the last.

    Parameters
    ----------
    start : float
        The gain at k = 0.
    decay : float
        Growth of the divisor per sample.

    Notes
    -----
    The sum of logarithms is tabulated below k = 10 000 and continued by the Euler-Maclaurin formula: within 1e-12 of
    the exact product. (The gamma function gives it too, and loses nine digits where the decay is small.) Between whole
    sample numbers the last value holds.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.TimeBased(1.0, decay=1.0)([0, 1, 2, 3]) * [1, 2, 6, 24]
    array([1., 1., 1., 1.])
    """

    start: float = param(low=0, doc="gain at k = 0")
    decay: float = param(low=0, doc="growth of the divisor per sample")

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.decay == 0.0 or self.start == 0.0:
            return np.full(k.shape, self.start)
        return switched(k, _TABLE, lambda k: self._table[k.astype(np.int64)], self._late)

    def _late(self, past: NDArray[np.float64]) -> NDArray[np.float64]:
        """Beyond the table by `past` samples."""
        if self._smooth(np.array([past.min(initial=math.inf) + _TABLE])) > _UNDERFLOW:
            return np.zeros(past.shape)
        return self.start * np.exp(-(self._constant + self._smooth(np.floor(past) + _TABLE)))

    @property
    def limit(self) -> float:
        return 0.0 if self.decay > 0 else self.start

    @cached_property
    def _logarithm(self) -> NDArray[np.float64]:
        """The sums up to the end of the table; what each addition loses is carried along."""
        terms = np.log1p(self.decay * np.arange(_TABLE + 1.0)).tolist()
        sums, total, lost = [], 0.0, 0.0
        for term in terms:
            before, total = total, total + term
            lost += term - (total - before)           # total is the larger of the two but for the first few terms
            sums.append(total + lost)
        return np.array(sums)

    @cached_property
    def _table(self) -> NDArray[np.float64]:
        return self.start * np.exp(-self._logarithm[:-1])

    @cached_property
    def _constant(self) -> float:
        """What the smooth part misses, found where the table ends."""
        return float(self._logarithm[_TABLE] - self._smooth(np.array([float(_TABLE)]))[0])

    def _smooth(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        """Integral, half the last term and a derivative of ln(1 + decay x), at x = k (Euler-Maclaurin).

        The next term is below 3e-15.
        """
        sums = np.array(k)
        logarithm_sums(sums.ctypes.data, sums.size, self.decay)
        u = self.decay * k
        if u.max(initial=0.0) <= _SMALL:
            return sums
        term = np.log1p(u)
        exact = k * (term + term / u - 1.0) + 0.5 * term + self.decay / (1.0 + u) / 12.0
        return np.where(u > _SMALL, exact, sums)
