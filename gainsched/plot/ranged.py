"""The range test: growth exponent against the gain, with the limit and the present gain."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis import RangeTest
from gainsched.plot.figure import LIMIT, MEASURED, PREDICTED, check, dress, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def range_test(found: RangeTest, *, ax: Axes | None = None) -> Axes:
    """Draw ln of the growth per sample against the gain: the ramp, the gains held, the limit, the present gain.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(2000)
    >>> range_test(gs.range_test(gs.Loop(gs.NLMS(4), gain=0.5), x, x)).get_xlabel()
    'gain'
    """
    check("range_test", found, (RangeTest,))
    ax = new_axes(ax)
    seen = np.isfinite(found.exponents)
    ax.semilogx(found.gains[seen], found.exponents[seen], ".", ms=3, color=MEASURED, label="ramp")
    held = np.isfinite(found.held_exponents)
    ax.semilogx(found.held_gains[held], found.held_exponents[held], "o-", ms=3, lw=1, color=PREDICTED, label="held")
    ax.axhline(0.0, color="k", linewidth=0.7)
    if math.isfinite(found.limit):
        ax.axvline(found.limit, color=LIMIT, linestyle="--", label=f"limit {found.limit:.4g}")
        reach = float(np.max(np.abs(found.exponents[seen & (found.gains < found.limit)]), initial=1e-12))
        ax.set_ylim(-2.0 * reach, 2.0 * reach)
    if found.gain > 0:
        ax.axvline(found.gain, color="0.5", linestyle=":", label=f"present gain {found.gain:.4g}")
    ax.legend(fontsize=8)
    return dress(ax, "gain", "growth exponent, 1/sample")
