"""Few knots for many values: straight lines within a relative tolerance, and the samples where a horizon needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.gains.schedules import PiecewiseLinear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

TOLERANCE = 1e-3             # of a gain: measured on AR(1) .7, the final MSD moves by .004 dB


def lines(values: Array, tolerance: Array) -> PiecewiseLinear:
    """Straight lines through some of these values, within this distance of all; the last value holds after them.

    Each piece that strays too far is cut where it strays most (Ramer, Douglas, Peucker).

    Examples
    --------
    >>> import numpy as np
    >>> values = 1.0 / (10.0 + np.arange(2000))
    >>> few = lines(values, 1e-3 * values)
    >>> len(few.knots) < 200, bool(np.all(abs(few(np.arange(2000)) - values) <= 1e-3 * values))
    (True, True)
    """
    last = len(values) - 1
    kept, open_ = {0, last}, [(0, last)]
    while open_:
        first, end = open_.pop()
        if end - first < 2:
            continue
        inner = np.arange(first + 1, end)
        strayed = np.abs(np.interp(inner, [first, end], values[[first, end]]) - values[inner]) - tolerance[inner]
        worst = int(np.argmax(strayed))
        if strayed[worst] > 0:
            middle = first + 1 + worst
            kept.add(middle)
            open_ += [(first, middle), (middle, end)]
    knots = sorted(kept)
    return PiecewiseLinear([float(k) for k in knots], values[knots].tolist())


def both_ends(steps: int, count: int) -> Array:
    """Samples 0 .. steps - 1, logarithmically dense at both ends: a gain falls from the start, and towards the end.

    Examples
    --------
    >>> both_ends(1000, 4)
    array([  0.,   7.,  62., 499., 500., 937., 992., 999.])
    """
    away = np.unique(np.round(np.geomspace(1.0, max(steps / 2.0, 1.0), count)) - 1.0)
    return np.unique(np.concatenate([away, steps - 1.0 - away]))


def hats(knots: Array, steps: int) -> tuple[NDArray[np.int64], Array]:
    """(i, share): the value at sample k is (1 - share) values[i] + share values[i + 1]."""
    k = np.arange(float(steps))
    i = np.clip(np.searchsorted(knots, k, side="right") - 1, 0, max(len(knots) - 2, 0))
    if len(knots) == 1:
        return i, np.zeros(steps)
    return i, (k - knots[i]) / (knots[i + 1] - knots[i])
