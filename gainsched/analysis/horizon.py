"""What the coming samples bring: how many are worth looking at, and which gains they will be given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import NoTheory, refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.drive import Drive
    from gainsched.analysis.theory import Theory

SHORTEST, LONGEST = 100, 20_000
_CONSTANTS, _PERIODS = 10, 3
_AT_REST = 0.02              # of a schedule's span, within which it counts as at rest


def horizon(theory: Theory) -> int:
    """Ten slowest time constants of the gain at rest, or until it rests, or three of its periods; 100 to 20000 samples.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.analyze(gs.Loop(gs.LMS(4), gain=0.1), gs.Excitation(0.4)).horizon            # 10 time constants of 24.5
    244
    >>> gs.analyze(gs.Loop(gs.LMS(4), gain=gs.Cosine(0.1, 0.05, steps=900)), gs.Excitation(1.0)).horizon
    1023
    """
    drive = theory.drive
    taus = theory.time_constants(drive.rest) if drive.known and theory.stable_at(drive.rest) else None
    wanted = [] if taus is None else [_CONSTANTS * float(tau) for tau in taus if math.isfinite(tau)]
    if drive.known and drive.repeated is not None:
        wanted.append(_PERIODS * len(drive.repeated))
    elif drive.known:
        ks, values = drive.scan
        end = float(values[-1]) if math.isnan(drive.limit) else drive.limit
        moving = np.flatnonzero(np.abs(values - end) > _AT_REST * np.ptp(values))
        wanted += [1.25 * float(ks[moving[-1]] + 1 - drive.first)] if len(moving) else []
    longest = min(LONGEST, drive.length - drive.first) if drive.known else LONGEST
    return int(max(1, min(max(SHORTEST, *wanted) if wanted else LONGEST, longest)))


def coming(drive: Drive, n: int, every: int) -> NDArray[np.float64]:
    """Every so manieth value of the port for the coming n samples; see `Report.gain_curve`."""
    if not drive.known:
        raise NoTheory(f"gain_curve: the {drive.name} is no number known beforehand; run the loop with "
                       "record=gs.Record(gain=1).")
    if drive.first + n > drive.length:
        raise ValueError(refusal("gain_curve: n", n, f"must be <= {int(drive.length) - drive.first}, where the array "
                                 f"of {drive.name}s ends"))
    return drive(drive.first + np.arange(0, n, every))
