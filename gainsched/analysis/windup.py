"""Windup: how far the covariance of recursive least squares has grown, and how lopsided it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gainsched.loop import Loop


def covariance(loop: Loop, delta: float) -> tuple[float, float]:
    """(trace of P over that of its start, delta n, condition of P) of a loop around RLS.

    Examples
    --------
    >>> import gainsched as gs
    >>> covariance(gs.Loop(gs.RLS(4, delta=100.0)), 100.0)
    (1.0, 1.0)
    """
    model = loop.filter.model
    upper = np.triu(loop.state["filter_P"].reshape(model.n, -1))
    values = np.linalg.eigvalsh(upper + np.triu(upper, 1).T)
    growth = float(values.sum() / (delta * model.n))
    return growth, float(values[-1] / values[0]) if values[0] > 0 else math.inf
