"""What a port of a loop does over time, as analysis asks it: now, at its largest, in the limit, sample by sample."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.gains import Constant, Law, Schedule, ScheduledLaw
from gainsched.gains.port import Sampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.loop import Loop

LARGEST = 1e100               # what a growing schedule is taken to reach: beyond every bound, and its square finite
_SCAN = 200_000               # samples looked at one by one; beyond, 4000 logarithmic steps up to 1e12


class Drive:
    """The gain (or forgetting, or a compensator's beta) of a loop from its present sample on.

    Where a filter moves once per block, the samples looked at are those at which it does.
    """

    def __init__(self, loop: Loop, name: str = "gain") -> None:
        self.name = name
        source: Any = getattr(loop.compensator if name == "beta" else loop, name)
        self.source: Any = Constant(source) if isinstance(source, float) else source
        self.first, self.every = loop.n, loop.filter.every
        self._in_force = math.nan
        if self.law is not None:
            factor = self.source.schedule(self.first) if isinstance(self.source, ScheduledLaw) else 1.0
            self._in_force = factor * float(np.max(loop.state[f"{name}_now"]))

    @property
    def law(self) -> Law | None:
        """The law, where data drives the port, alone or multiplied by a schedule."""
        source = self.source.law if isinstance(self.source, ScheduledLaw) else self.source
        return source if isinstance(source, Law) else None

    @cached_property
    def span(self) -> tuple[float, float]:
        """Smallest and largest value that a law may give, its schedule's factor included."""
        law = self.law
        assert law is not None
        if not isinstance(self.source, ScheduledLaw):
            return law.low, law.high
        ks = self._samples()
        factors = self.source.schedule(ks)
        least, most = float(factors.min()), float(factors.max())
        return law.low * least, (law.high * most if most > 0 else 0.0)

    @property
    def per_weight(self) -> bool:
        """Whether every weight has a gain of its own."""
        return bool(getattr(self.source, "per_weight", False))

    @property
    def length(self) -> float:
        """The first sample that is not covered."""
        return float(self.source.length) if isinstance(self.source, Sampled) else math.inf

    @property
    def ends(self) -> bool:
        """Whether it is an array, with nothing said about what follows its last value."""
        return math.isfinite(self.length)

    @property
    def known(self) -> bool:
        """Whether it is one number per sample, known beforehand."""
        return self.law is None and not self.per_weight

    def __call__(self, k: NDArray[Any]) -> NDArray[np.float64]:
        """Values at sample numbers; an array answers with its last value after its end."""
        k = np.asarray(k)
        if isinstance(self.source, Sampled):
            k = np.minimum(k, self.length - 1).astype(np.int64)
        return np.asarray(self.source(k), dtype=np.float64)

    @property
    def now(self) -> float:
        """The value at the loop's present sample (of a scalar law: the gain in force)."""
        if self.law is not None:
            return self._in_force
        return float(self(np.array([self.first]))[0])

    @property
    def limit(self) -> float:
        """The value for k to infinity; of an array its last; nan where there is none."""
        return float(self.source.limit)

    @cached_property
    def repeated(self) -> NDArray[np.float64] | None:
        """The values of one period, where it has no limit but repeats; None where not, or after too long.

        Where a filter moves once per block, those of its updates, in as many periods as fill whole blocks.
        """
        if not (self.known and isinstance(self.source, Schedule) and self.source.period):
            return None
        first, period = self.source.cycle or (0, 0)
        begin = max(first, self.first)
        period = math.lcm(period, self.every)
        if period > _SCAN:
            return None
        ks = np.arange(begin, begin + period)
        return self(ks if self.every == 1 else ks[ks % self.every == self.every - 1])

    @cached_property
    def scan(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(sample numbers, values) that show where the value is large or small."""
        ks = self._samples()
        values = self(ks)
        return ks, np.where(np.isfinite(values), values, LARGEST)

    def _samples(self) -> NDArray[np.int64]:
        if isinstance(self.source, Sampled):
            last = 1 if self.source.constant else int(self.length)
            ks = np.arange(min(self.first, last - 1), last)
        else:
            far = np.geomspace(_SCAN, 1e12, 4000).astype(np.int64)
            ks = self.first + np.concatenate([np.arange(_SCAN), far])
        if self.every == 1:
            return ks
        updates = np.unique(ks // self.every * self.every + self.every - 1)
        return updates[updates <= ks[-1]] if updates[0] <= ks[-1] else ks

    @property
    def is_constant(self) -> bool:
        """Whether it never changes from now on."""
        return self.known and bool(np.ptp(self.scan[1]) == 0)
