"""Schedules side by side: what theory predicts for each over time, and what records showed at the end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.plot.figure import decibels, dress, new_axes, thinned

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rivals(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the predicted curves of a `gainsched.ScheduleComparison` in dB, and a dot where its records ended.

    Parameters
    ----------
    found : ScheduleComparison
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes
    """
    ax = new_axes(ax)
    k = np.arange(found.curves.shape[1])
    part = thinned(len(k))
    for name, curve, end in zip(found.schedules, found.curves, found.measured, strict=True):
        line = ax.plot(k[part], decibels(curve)[part], linewidth=1.4, label=name)[0]
        if math.isfinite(end):
            ax.plot([k[-1]], decibels(np.array([end])), "o", color=line.get_color(), markersize=4)
    return dress(ax, "sample k", "MSD, dB")
