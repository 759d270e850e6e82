"""Arithmetic of the clock: whole periods, what is left of them, before and after; exact for every k a float holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.gains.schedules._loops import quotients

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

EXACT = 2.0**53               # up to here every integer is a float
_SPLIT = 2.0**27 + 1.0         # cuts a float into halves of 26 bits (Veltkamp)
_HUGE = 1e300
_PARTS = 16


def quotient(k: Array, period: float) -> Array:
    """floor(k / period) of the exact quotient; five times faster than ``k // period`` where products do not round."""
    if k.max(initial=0.0) >= (EXACT if float(period).is_integer() else period * 2.0**26):
        return np.floor_divide(k, period)
    high = period * _SPLIT - (period * _SPLIT - period) if period < _HUGE else period
    q = np.array(k)
    quotients(q.ctypes.data, q.size, period, high, period - high)
    return q


def remainder(k: Array, period: int) -> Array:
    """K modulo a whole period."""
    if k.max(initial=0.0) >= EXACT:
        return np.fmod(k, period)
    return k - period * quotient(k, period)


def switched(k: Array, at: float, before: Callable[[Array], Array], after: Callable[[Array], Array]) -> Array:
    """before(k) up to sample `at`, after(k - at) from there on; each is asked for its own samples only."""
    late = k >= at
    if late.all():
        return after(k - at)
    if not late.any():
        return before(k)
    values = np.empty(k.shape)
    values[late] = after(k[late] - at)
    values[~late] = before(k[~late])
    return values


def by_pieces(k: Array, edges: Array, tabulate: Callable[[Array], Array]) -> Array | None:
    """A rising row that passes a few of the edges, each part by itself: one search per part, not per sample.

    None where the row does not rise, or passes too many.
    """
    if not k.size or len(edges) > _PARTS or not (k[1:] >= k[:-1]).all():
        return None
    return np.concatenate([tabulate(part) for part in np.split(k, np.searchsorted(k, edges)) if part.size])
