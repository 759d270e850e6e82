"""Powers of a signal block by block, however it is cut into pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.kernels.energy import powers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class Blocks:
    """Mean square of each block of a signal that comes in pieces; missing values left out, nan where all are.

    Examples
    --------
    >>> blocks = Blocks(2)
    >>> blocks.add(np.array([1.0, 1.0, 2.0]))
    >>> blocks.add(np.array([2.0, 3.0]))
    >>> print(blocks.take())
    [1. 4.]
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.held = (0, 0, 0.0)                        # of the block under way: samples, those that count, energy
        self.done: list[NDArray[np.float64]] = []

    def add(self, signal: Array) -> None:
        """The next piece."""
        signal = np.ascontiguousarray(signal)
        parts = 2 if np.iscomplexobj(signal) else 1
        means = np.empty((self.held[0] + len(signal)) // self.size)
        self.held = powers(signal.view(np.float64), parts, self.size, self.held, means)
        if len(means):
            self.done.append(means)

    def take(self) -> Array:
        """All whole blocks since the last time."""
        out = np.concatenate(self.done) if self.done else np.zeros(0)
        self.done = []
        return out
