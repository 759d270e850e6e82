"""How sure a mean over trials is: Student's intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Steady:
    """A steady-state power and its confidence interval (Student's, over trials).

    Attributes
    ----------
    kind : str
        "mse", "emse" or "msd".
    value, low, high : float
        Mean over trials, and the interval of `level`: a power of d, of "msd" of the weights.
    level : float
        Probability that the interval holds the expectation.
    trials : int
        That did not diverge.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Steady("emse", 0.01, 0.009, 0.011, level=0.95, trials=100).covers(0.0105)
    True
    """

    kind: str
    value: float
    low: float
    high: float
    level: float
    trials: int

    def covers(self, value: float | None) -> bool:
        """Whether a prediction lies within the interval; None (no prediction) does not."""
        return value is not None and self.low <= value <= self.high


def interval(rows: Array, level: float) -> tuple[Array, Array]:
    """Student's interval of the mean over rows, column by column, cut off at zero; nan for less than two rows.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = interval(np.array([[1.0], [2.0], [3.0]]), 0.95)
    >>> print(low.round(2), high.round(2))
    [0.] [4.48]
    """
    from scipy.stats import t

    if not 0 < level < 1:
        raise ValueError(refusal("level", level, "must be between 0 and 1", "Try 0.95."))
    if len(rows) < 2:
        unknown = np.full(rows.shape[1], np.nan)
        return unknown, unknown.copy()
    mean = rows.mean(axis=0)
    half = t.ppf(0.5 + level / 2.0, len(rows) - 1) * rows.std(axis=0, ddof=1) / math.sqrt(len(rows))
    return np.maximum(mean - half, 0.0), mean + half
