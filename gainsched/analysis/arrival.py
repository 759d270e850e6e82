"""Arrival: after how many samples a predicted learning curve has come down to a level, and stays there."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gainsched.analysis.report import Report

_FIRST = 4096                    # samples of the first look; each further one is twice as long
_STILL = 1e-12                   # of its value, by which a curve at rest may still differ: rounding


def arrival(report: Report, level: float, kind: str, w_opt: ArrayLike | None, w_opt_power: float,
            longest: int) -> int | None:
    """See `gainsched.Report.time_to`."""
    if isinstance(level, bool) or not isinstance(level, numbers.Real):
        raise TypeError(refusal("time_to: level", level, "must be a number", "It is a power: 10**(dB / 10)."))
    if not 0 < level < math.inf:
        raise ValueError(refusal("time_to: level", float(level), "must be finite and > 0",
                                 "It is a power: 10**(dB / 10)."))
    if isinstance(longest, bool) or not isinstance(longest, numbers.Integral) or longest < 1:
        raise ValueError(refusal("time_to: longest", longest, "must be an integer >= 1"))
    theory = report._theory
    bound = max(1, int(min(longest, theory.drive.length - theory.drive.first)))      # an array ends what can be said
    n = min(_FIRST, bound)
    while True:
        curve = report.learning_curve(n, kind, w_opt, w_opt_power)
        above = np.flatnonzero(~(curve <= level))          # nan, where theory claims nothing, is no arrival
        k = int(above[-1]) + 1 if len(above) else 0
        if k <= n // 2:                                    # it has stayed for as long as it took
            return k
        late = curve[n // 2 :]
        if n == bound or not np.isfinite(late).all() or (not theory.moves and np.ptp(late) <= _STILL * late[-1]):
            return k if k < n else None
        n = min(2 * n, bound)
