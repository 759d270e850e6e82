"""Noise on a schedule, without a stream: every sample number has its own."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains.schedules._loops import hashed
from gainsched.gains.schedules.composite import Composite
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15                     # 2^64 over the golden ratio: counters far apart
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LEVELS = 1 << 16
_CLOCK = 2.0**63


class Noisy(Composite):
    r"""A schedule with relative noise that is the same whenever it is asked; made by `Schedule.noisy`.

    .. math:: \mu_k = s_k\,(1 + \sigma\,\xi_k), \qquad \xi_k \;\text{standard normal, a function of seed and k}

    Parameters
    ----------
    schedule : Schedule
        s.
    sigma : float
        Standard deviation over the value.
    seed : int
        Another seed, another noise.

    Notes
    -----
    :math:`\xi_k` is the sum of two normal quantiles that a hash of k picks (SplitMix64's finalizer), over
    :math:`\sqrt 2`: normal to 1e-4 in its moments up to the fourth, and within :math:`\pm 6.1`. So
    :math:`\sigma < 0.16` keeps gains positive for ever; beyond, `clip`.

    References
    ----------
    G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.

    Examples
    --------
    >>> import gainsched as gs
    >>> s = gs.Constant(1.0).noisy(0.1, seed=3)
    >>> float(s(range(2000))[1000]) == s(1000)
    True
    """

    verb: ClassVar[str] = "noisy"

    schedule: Any = param(kind="schedule", doc="what the noise is relative to")
    sigma: float = param(low=0, doc="standard deviation over the value")
    seed: int = param(kind="integer", low=0, high=2.0**53 - 1, doc="which noise")

    def tabulate(self, k: Array) -> Array:
        return np.asarray(self.schedule.tabulate(k) * (1.0 + self.sigma * normal(k, self.seed)))

    @property
    def limit(self) -> float:
        limit = float(self.schedule.limit)
        return limit if self.sigma == 0.0 or limit == 0.0 else math.nan

    @property
    def cycle(self) -> tuple[int, int] | None:
        found: tuple[int, int] | None = self.schedule.cycle
        return found if self.sigma == 0.0 else None


def normal(k: Array, seed: int) -> Array:
    """A standard normal number for every sample number."""
    values, table = np.array(k), _quantiles()
    if k.max(initial=0.0) >= _CLOCK:               # beyond the clock of any loop
        values[k >= _CLOCK] = 0.0
    hashed(values.ctypes.data, values.size, _mixed(seed + 1), table.ctypes.data)
    return values


def _mixed(number: int) -> int:
    """The hash of one number."""
    h = number * _STEP & _MASK
    for shift, factor in _MIX:
        h = (h ^ (h >> shift)) * factor & _MASK
    return h ^ (h >> 31)


@lru_cache(maxsize=1)
def _quantiles() -> Array:
    """Quantiles in the middle of equal shares, scaled so that the sum of two has variance 1."""
    inverse = NormalDist().inv_cdf
    upper = np.array([inverse(0.5 + (i + 0.5) / _LEVELS) for i in range(_LEVELS // 2)])
    table = np.concatenate([-upper[::-1], upper])
    return np.asarray(table / math.sqrt(2.0 * float(np.mean(table**2))))
