r"""Gains that fall to a floor: how far each is from having settled after so many samples.

What a schedule has left of its way after n samples is the larger one of

.. math:: \frac{|\zeta_n - \zeta_\infty|}{|\zeta_0 - \zeta_\infty|}, \qquad
          \max_i \prod_{k<n} (1 - \mu_k a_i)^2 ,

the excess error power's part and that of the mean of the modes that carry power; at a constant gain these are the two
of `gainsched.analysis.settled`. The powers follow the recursion of `gainsched.tuning.powers`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.gains import Exponential

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gainsched.gains import Schedule
    from gainsched.tuning.powers import Powers

    Array = NDArray[np.float64]

_TIMES = 12                  # of halving, in a grid; a second one around the best of the first
_FINE = 1.05                 # ratio of two starts that are told apart
_LEAST, _FOLLOWED = 64, 100_000       # samples that a schedule is followed for
_DIGITS = 3                  # of a start and of a time, so that a schedule can be read and typed


def remaining(powers: Powers, modes: Array, gains: Array, rest: float) -> Array:
    """What m rows of gains have left after each sample: (m, steps + 1).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> from gainsched.tuning.powers import Powers
    >>> exc = gs.Excitation(1.0, noise=0.01).sized(4)
    >>> left = remaining(Powers.of(gs.LMS(4), exc, 1.0), exc.modes, np.full((1, 45), 0.05), 0.00118)
    >>> print(left[0, [0, 20, 45]].round(4))
    [1.     0.1692 0.0184]
    """
    a2, B, injected = 2.0 * powers.moments.a, powers.moments.B.T, powers.injected
    carried = modes > 0
    c = np.tile(powers.start, (len(gains), 1))
    mean = np.ones((len(gains), int(carried.sum())))
    out = np.empty((len(gains), gains.shape[1] + 1))
    change = abs(float(powers.start @ modes) - rest)
    for k in range(out.shape[1]):
        excess = np.abs(c @ modes - rest)
        out[:, k] = np.maximum(excess / change if change > 0 else 0.0, mean.max(axis=1))
        if k < gains.shape[1]:
            m = gains[:, k, None]
            c = c + m * (m * (c @ B + injected) - a2 * c) + powers.drift
            mean = mean * (1.0 - m * powers.moments.a[carried]) ** 2
    return out


class Falling:
    """Exponentials that fall to a floor, judged by what they have left after so many samples.

    Parameters
    ----------
    powers : Powers
    modes : (N,) array
        Eigenvalues of the regressor's covariance.
    floor : float
        The last gain.
    rest : float
        The excess error power that it settles at.

    Examples
    --------
    >>> import gainsched as gs
    >>> from gainsched.tuning.powers import Powers
    >>> exc = gs.Excitation(1.0, noise=0.01).sized(8)
    >>> falling = Falling(Powers.of(gs.LMS(8), exc, 1.0), exc.modes, 0.01, 0.00042)
    >>> left, schedule = falling.best(0.1, 50)
    >>> schedule, round(left, 4), falling.settled(schedule, 0.02), falling.soonest(0.02, 0.1, 1000)
    (Exponential(0.1, 0.5, every=95.0, floor=0.01), 0.0106, 41, 41)
    """

    def __init__(self, powers: Powers, modes: Array, floor: float, rest: float) -> None:
        self.powers, self.modes, self.floor, self.rest = powers, modes, floor, rest

    def left(self, schedules: Sequence[Schedule], steps: int) -> Array:
        """What each has left, after each sample."""
        gains = np.stack([schedule(np.arange(steps)) for schedule in schedules])
        return remaining(self.powers, self.modes, gains, self.rest)

    def best(self, start: float, steps: int) -> tuple[float, Exponential]:
        """The one from this start that has least left after these samples, and how much."""
        halves = np.geomspace(max(steps / 100.0, 1.0), 4.0 * steps, _TIMES)
        for _ in range(2):
            tried = [Exponential(start, rate=0.5, every=_rounded(half), floor=self.floor) for half in halves]
            left = self.left(tried, steps)[:, -1]
            best = int(np.argmin(left))
            halves = np.geomspace(halves[max(best - 1, 0)], halves[min(best + 1, _TIMES - 1)], _TIMES)
        return float(left[best]), tried[best]

    def meeting(self, steps: int, share: float, top: float) -> tuple[float, Exponential]:
        """One that has at most this share left, its start as far from the least that has as from `top`.

        Where none has, the one from `top`, the best there is.
        """
        found = self.best(top, steps)
        if found[0] > share:
            return found
        low, high = self.floor, top
        while high > low * _FINE:
            middle = math.sqrt(low * high)
            low, high = (low, middle) if self.best(middle, steps)[0] <= share else (middle, high)
        between = self.best(_rounded(math.sqrt(high * top)), steps)
        return between if between[0] <= share else found

    def settled(self, schedule: Exponential, share: float) -> int:
        """The samples after which no more is left, followed until the gain stands at its floor and as long again."""
        falls = schedule.every * math.log2(max(schedule.start / self.floor, 1.0))
        until = 2 * max(math.ceil(falls), _LEAST)
        while (left := self.left([schedule], until)[0])[until // 2:].max() > share and until < _FOLLOWED:
            until *= 2
        return int(np.flatnonzero(left > share)[-1]) + 1

    def soonest(self, share: float, top: float, longest: int) -> int | None:
        """The fewest samples after which one from `top` has at most this share left."""
        short, long = 1, 2
        while self.best(top, long)[0] > share:
            short, long = long, 2 * long
            if long > longest:
                return None
        while long - short > 1:
            middle = (short + long) // 2
            short, long = (short, middle) if self.best(top, middle)[0] <= share else (middle, long)
        return long


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
