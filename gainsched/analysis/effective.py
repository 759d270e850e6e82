"""The effective gain of a running loop, and the bound it must keep, in the same unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.drive import Drive
from gainsched.filters import APA, LMS, NLMS
from gainsched.gains import Constant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.report import Report
    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

    Array = NDArray[Any]

_TRACE = 2.0 / 3.0           # of gain times regressor power: sufficient in the mean square, independent Gaussian


def gain_limit(loop: Loop, exc: Excitation | None = None, report: Report | None = None) -> float:
    """Of normalized filters the gain's own bound, of LMS that of gain times regressor power; inf where none is known.

    Examples
    --------
    >>> import gainsched as gs
    >>> gain_limit(gs.Loop(gs.NLMS(4))), gain_limit(gs.Loop(gs.LMS(4), 0.1)), gain_limit(gs.Loop(gs.RLS(4)))
    (2.0, 0.6666666666666666, inf)
    """
    filter = loop.filter
    if isinstance(filter, NLMS | APA):
        return float(filter.gain_high)
    if type(filter) is not LMS:
        return math.inf
    if exc is None or report is None or report.range is None:
        return _TRACE
    return report.range[1] * float(np.trace(np.atleast_2d(exc.sized(filter.model.n).R)).real)


def effective_gain(loop: Loop, ends: Array, powers: Array) -> Array:
    """At the ends of blocks with these input powers; of laws and gains per weight the largest now in force.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> print(effective_gain(gs.Loop(gs.LMS(4), 0.125), np.array([99, 199]), np.array([1.0, 2.0])))
    [0.5 1. ]
    """
    if isinstance(loop.gain, Constant):                    # the usual case, and the cheap one
        gains = np.full(len(ends), loop.gain.value)
    else:
        drive = Drive(loop)
        moved = drive.law is not None or drive.per_weight
        gains = np.full(len(ends), float(np.max(loop._in_force("gain")))) if moved else drive(ends)
    return gains * powers * loop.filter.model.taps if type(loop.filter) is LMS else gains
