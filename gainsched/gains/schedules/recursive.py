"""Time-based decay as a recursion, tabulated where it is short and summed in closed form where it is long."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gainsched.gains.base import Schedule
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TABLE = 10_000               # samples tabulated
_SMALL = 0.25                 # decay * k up to which the series holds; beyond, the value has long underflowed
_SERIES = [1.0 / (2 * n + 1) for n in range(1, 10)]


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
        late = k >= _TABLE
        values = self._table[np.where(late, 0.0, k).astype(np.int64)]
        if late.any():
            values[late] = self.start * np.exp(-(self._constant + self._smooth(np.floor(k[late]))))
        return values

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
        """Integral, half the last term and two derivatives of ln(1 + decay x), at x = k."""
        u = self.decay * k
        v = u / (2.0 + u)                             # ln(1 + u) = 2 (v + v^3/3 + v^5/5 + ...): no term cancels
        square = v * v
        series = _SERIES[-1] * square
        for term in _SERIES[-2::-1]:
            series += term
            series *= square
        term, mean = 2.0 * v * (1.0 + series), v + (1.0 + v) * series
        if u.max() > _SMALL:                          # mean = ((1 + u) ln(1 + u) - u) / u
            exact = np.log1p(u)
            term = np.where(u > _SMALL, exact, term)
            mean = np.where(u > _SMALL, exact + exact / u - 1.0, mean)
        slope = self.decay / (1.0 + u)
        return k * mean + 0.5 * term + slope / 12.0 - slope**3 / 360.0


