"""The level of an error: whether the powers of its blocks have risen above a reference, by a cumulative sum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_ALLOWED, _ALARM = 0.5, 4.0  # CUSUM of ln(power over reference): slack per block, and threshold
_BEST = 8                    # blocks whose mean is the reference where no theory gives one


class Level:
    """CUSUM of ln(power over reference), from the first block within the reference on.

    The reference is the given one, or, if that is nan, the smallest mean of 8 blocks so far.

    Examples
    --------
    >>> import numpy as np
    >>> level = Level(1.0)
    >>> level.judge(np.array([1.0, 1.0, 100.0]))                  # block 2: the sum passes its threshold
    [(2, True, 1.0)]
    """

    def __init__(self, reference: float) -> None:
        self.reference, self.predicted = reference, math.isfinite(reference)
        self._sum, self._settled = 0.0, False
        self._recent: Array = np.zeros(0)

    def judge(self, powers: Array) -> list[tuple[int, bool, float]]:
        """(block, whether the level is high, reference) where the sum stands above its threshold, or is back at 0."""
        references = self._references(powers)
        self.reference = float(references[-1])
        with np.errstate(invalid="ignore"):
            excess = np.log(powers / references) - _ALLOWED
        if not math.isfinite(powers.max()):
            excess[np.isinf(powers)] = _ALARM
        at = 0
        if not self._settled:
            within = np.flatnonzero(excess <= 0)
            if not len(within):
                return []
            self._settled, at = True, int(within[0])
        rises = np.flatnonzero(excess > 0)
        found = []
        while at < len(powers):
            if self._sum == 0:                             # and stays so up to the next rise
                ahead = rises[rises >= at]
                if not len(ahead):
                    break
                at = int(ahead[0])
            more = float(excess[at])
            if not math.isnan(more):
                self._sum = max(0.0, min(self._sum + more, 2.0 * _ALARM))
                if self._sum > _ALARM or self._sum == 0:
                    found.append((at, self._sum > 0, float(references[at])))
            at += 1
        return found

    def _references(self, powers: Array) -> Array:
        """The reference at each block; nan before there are enough of them."""
        if self.predicted:
            return np.full(len(powers), self.reference)
        recent = np.concatenate([self._recent, powers])
        self._recent = recent[1 - _BEST :]
        means = np.full(len(powers), np.nan)
        if len(recent) >= _BEST:
            found = np.convolve(recent, np.ones(_BEST) / _BEST, mode="valid")
            means[len(powers) - len(found) :] = found
        return np.asarray(np.fmin.accumulate(np.fmin(means, self.reference)))
