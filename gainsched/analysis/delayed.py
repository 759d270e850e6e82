r"""Theory of DelayedLMS: exact moments; a gain that moves is followed, for its frozen bound does not hold then.

:math:`x_{k+1} = x_k - k_k x_{k-D}` is stable for every constant :math:`0 < k < 2\sin(\pi/(2(2D+1)))`, yet not for every
sequence of such gains: D = 2, nine samples of .617 and two of 0 in turn, grow by .8 % per sample (the bound is .618).
The continuous limit is known: :math:`\dot x = -a(t)\,x(t-\tau)` needs :math:`a\tau < 3/2`, not :math:`\pi/2`.
`gainsched.analysis.anyorder` proves a bound for every sequence.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.anyorder import PROOF, delayed_bound
from gainsched.analysis.bound import Bound
from gainsched.analysis.gradient import Gradient
from gainsched.analysis.meansquare import Window
from gainsched.analysis.settling import settle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.theory import Transient

_YORKE = "Yorke, J. Differential Equations 7 (1970)"
_SIZE, _STEPS = 400, 200_000         # numbers of the window's state, and steps, up to which a period's map is computed


class Delayed(Gradient):
    """Exact first and second moments of corrections that come late."""

    resonant = True
    moved = "with a delay a gain that moves"

    @property
    def references(self) -> list[str]:
        """Those of the bounds, and of what gains that move do in the continuous limit."""
        return sorted([*super().references, _YORKE])

    @cached_property
    def any_gain(self) -> float:
        """By the Lyapunov function of `gainsched.analysis.anyorder`."""
        return delayed_bound(self.moments, self.delay)

    @property
    def bounds(self) -> dict[str, Bound]:
        """Those of the frozen loop, and the one for gains that move."""
        plain = super().bounds
        return {**plain, "any_sequence": Bound(self.any_gain, f"{plain['mean_square'].assumption}; gains in any order, "
                                               "sufficient", PROOF)}

    @property
    def assumptions(self) -> list[str]:
        """Those of the moments, and what a gain that moves can do."""
        moving = "a gain that moves can make a delayed loop grow where every frozen one is stable"
        return [*super().assumptions, f"{moving}; below the bound any_sequence none does"]

    @cached_property
    def settling(self) -> Transient | None:
        """From the present sample to where the gain rests."""
        return settle(self, (self.drive,))

    @cached_property
    def repeated_growth(self) -> float | None:
        """Spectral radius of the map over a period, on the lagged correlations of all modes."""
        period = self.drive.repeated
        if period is None:
            return None
        n, late = self.moments.n, self.delay + 1
        pairs = [(i, a, b) for i in range(n) for a in range(late) for b in range(a + 1)]
        gains: NDArray[Any] = np.tile(period, late)                  # so that the ring of samples ends where it began
        if len(pairs) > _SIZE or len(pairs) * len(gains) > _STEPS:
            return None
        total = np.empty((len(pairs), len(pairs)))
        mode, one, other = np.array(pairs).T
        for column, (i, a, b) in enumerate(pairs):
            window = Window(self.moments, np.zeros(n), self.delay)
            window.table[a, b, i] = window.table[b, a, i] = 1.0
            with np.errstate(over="ignore", invalid="ignore"):
                for gain in gains.tolist():
                    window.step(gain, 0.0, 0.0)
            total[:, column] = window.table[one, other, mode]
        size = float(np.abs(np.linalg.eigvals(total)).max()) if np.isfinite(total).all() else math.inf
        return float(size ** (1.0 / len(gains)))
