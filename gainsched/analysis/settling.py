"""The stretch before what drives a loop comes to rest, followed sample by sample: where frozen bounds prove nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.drive import LARGEST, Drive
from gainsched.analysis.theory import Transient

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.gradient import Gradient

_FOLLOWED = 50_000           # samples of a moving gain that are followed one by one
_AT_REST = 1e-3              # of its limit, within which a gain or a beta counts as settled


def settle(theory: Gradient, drives: tuple[Drive, ...], share: float = 1.0) -> Transient | None:
    """From the present sample to where all drives rest, or the gain stays below `any_gain`; None where too late.

    `share` is the part of a correction that acts at once: what is left of a vanishing gain is weighed by it.
    """
    first, n = theory.drive.first, theory.moments.n
    last = max(_away(theory, drive, share) for drive in drives)
    if theory.any_gain is not None:
        last = min(last, _last(theory.drive, theory.drive.scan[1] >= theory.any_gain))
    if last - first > _FOLLOWED:
        return None
    found = Transient(first, int(last), float(theory.drive.scan[1].max()))
    if found.largest >= LARGEST:
        return replace(found, factor=math.inf)
    rows = theory.rows(np.ones(n) / n, range(first, found.last + 2), 0.0, np.zeros(n))
    return replace(found, factor=n * float(rows.max()))


def lead(theory: Gradient) -> Transient | None:
    """From the present sample through a first period of what repeats, or through an array; None where too long."""
    drive = theory.drive
    if drive.repeated is not None:
        begin = max(drive.source.cycle[0], drive.first)
        last = begin + len(drive.repeated) * theory.every
    elif drive.ends:
        last = int(drive.length)
    else:
        return None
    largest = float(drive.scan[1].max())
    if last - drive.first > _FOLLOWED or largest >= LARGEST:
        return None
    n, ks = theory.moments.n, range(drive.first, last + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        rows = theory.rows(np.ones(n) / n, ks, 0.0, np.zeros(n)).sum(axis=1)
    factor = math.inf if not np.isfinite(rows).all() else float(rows.max())
    return Transient(drive.first, int(np.argmax(rows)) + drive.first, largest, factor)


def _away(theory: Gradient, drive: Drive, share: float) -> float:
    """The last sample at which a drive is away from its limit; inf where it has none."""
    ks, values = drive.scan
    if not math.isfinite(drive.limit):
        return math.inf
    left, allowed = np.abs(values - drive.limit), _AT_REST * abs(drive.limit)
    if drive is theory.drive and drive.limit == 0:               # at rest once what is left of its sum moves nothing
        span = np.diff(ks, append=ks[-1] + 1)
        left = np.cumsum((values * span)[::-1])[::-1] * theory.moments.a.max(initial=0.0)
        allowed = _AT_REST * share
    return _last(drive, left > allowed)


def _last(drive: Drive, where: NDArray[np.bool_]) -> int:
    """The last sample of the scan at which this holds; the present one where it never does."""
    found = np.flatnonzero(where)
    return int(drive.scan[0][found[-1]]) if found.size else drive.first
