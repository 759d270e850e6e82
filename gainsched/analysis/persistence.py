"""Persistent excitation of a running loop's input: how lopsided the covariance of its newest regressors is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.models import FIR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.models.base import Structure

    Array = NDArray[Any]

FLAT = 1e-8                  # smallest over largest eigenvalue below which a direction counts as not excited
_ORDER = 64                  # weights looked at: eigenvalues of more would cost more than the run
_ROWS = 4                    # regressors per weight, 256 at least


class Persistence:
    """The newest samples of an input, and what they excite: the first 64 weights, or all of fewer.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> seen = Persistence(gs.FIR(5), 0, 10_000)
    >>> k = np.arange(3000)[:, None]
    >>> seen.take(np.sin(0.3 * k))                                  # nothing is due before sample 10000
    []
    >>> rank, level = seen.now()
    >>> rank, level < 1e-12                                         # one sine: two directions of five
    (2, True)
    """

    def __init__(self, model: Structure, start: int, span: int) -> None:
        self.span, self._at, self._due = span, start, start + span
        taps = min(model.taps, _ORDER // model.channels) if isinstance(model, FIR) else 0
        self.model = FIR(taps, model.channels) if taps else None              # others' regressors hold outputs
        self.n = self.model.n if self.model else 0
        self.samples = max(_ROWS * self.n, 256) + taps
        self._tail: Array = np.zeros((0, model.channels))

    def take(self, columns: Array) -> list[tuple[int, int, float]]:
        """Take in (T, channels) samples; (sample, rank, level) at every `span`-th one, where it is known."""
        if self.model is None:
            return []
        end = self._at + len(columns)
        found = self._passed(columns) if end >= self._due else []               # seldom: a call costs a microsecond
        self._tail = self._window(columns[-self.samples :]).copy()              # no view: it would keep the chunk alive
        self._at = end
        return found

    def _passed(self, columns: Array) -> list[tuple[int, int, float]]:
        found = []
        while self._due <= self._at + len(columns):
            stop = self._due - self._at
            rank, level = self._judge(self._window(columns[max(0, stop - self.samples) : stop]))
            if rank:
                found.append((self._due - 1, rank, level))
            self._due += self.span
        return found

    def now(self) -> tuple[int, float]:
        """(directions excited, smallest over largest eigenvalue) of the newest samples; (0, nan): not known."""
        return self._judge(self._tail)

    def _window(self, part: Array) -> Array:
        missing = self.samples - len(part)
        return part if missing <= 0 else np.concatenate([self._tail[-missing:], part])

    def _judge(self, window: Array) -> tuple[int, float]:
        if self.model is None or len(window) < self.samples or not np.isfinite(window).all():
            return 0, math.nan
        rows = np.lib.stride_tricks.sliding_window_view(window, self.model.taps, axis=0)       # in any order of weights
        u = rows.reshape(len(rows), self.n)
        values = np.linalg.eigvalsh(u.conj().T @ u)
        if not values[-1] > 0:                                                 # silence is told by its power
            return 0, math.nan
        return int(np.sum(values > FLAT * values[-1])), float(max(values[0], 0.0) / values[-1])
