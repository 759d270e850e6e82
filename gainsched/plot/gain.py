"""Gains over time: what a schedule prescribes, what a run used, and the range that is stable."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.plot.figure import LIMIT, MEASURED, STABLE, dress, new_axes, thinned

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from gainsched.analysis import Report
    from gainsched.gains import Schedule
    from gainsched.run import Run

_TITLE = 90                   # characters of a line of the title
DECADES = 30.0                # largest gain over the lower quartile from which the axis is logarithmic


def schedule(schedule: Schedule, steps: int = 10_000, *, label: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw a schedule over its first `steps` samples.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Cosine(1.0, 0.1, steps=1000).plot(2000).get_ylabel()
    'gain'
    """
    if isinstance(steps, bool) or int(steps) != steps or steps < 1:
        raise ValueError(refusal("plot: steps", steps, "must be an integer >= 1"))
    ax = new_axes(ax)
    k = np.unique(np.linspace(0, steps - 1, min(steps, 4000)).round())
    values = schedule(k)
    ax.plot(k, values, color=None if label else MEASURED, linewidth=1.6, label=label)
    _axis(ax, np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in ax.lines]))
    title = "" if label else textwrap.fill(repr(schedule), _TITLE)
    return dress(ax, "sample k", "gain", title)


def gain(run: Run, *, report: Report | None = None, label: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the gain a run used, against the stable range of a report.

    Parameters
    ----------
    run : Run
        Made with ``record=gs.Record(gain=...)``. Gains per weight are drawn as their band and median.
    report : Report, optional
        Adds the stable range, where it is a range of the gain.
    label : str, optional
        Name in the legend, where several runs share the axes.
    ax : matplotlib Axes, optional
        Draw here.

    Raises
    ------
    ValueError
        When the run recorded no gain.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(500)
    >>> run = gs.NLMS(4).run(x, x, gain=gs.Exponential(1.0, rate=0.5, every=100), record=gs.Record(gain=1))
    >>> gain(run).get_xlabel()
    'sample k'
    """
    if run.gain is None:
        raise ValueError("plot: this run recorded no gain; run it with record=gs.Record(gain=1).")
    ax = new_axes(ax)
    shown = thinned(len(run.gain))
    k, values = run.gain_at[shown], run.gain[shown]
    color = None if label else MEASURED
    if values.ndim > 1:
        rows = values.reshape(len(values), -1)
        name = label or "median of the weights"
        (line,) = ax.plot(k, np.median(rows, axis=1), color=color, linewidth=1.2, label=name)
        ax.fill_between(k, rows.min(axis=1), rows.max(axis=1), color=line.get_color(), alpha=0.15, linewidth=0)
        values = rows
    else:
        ax.plot(k, values, color=color, linewidth=1.2, label=label)
    limits = report.range if report is not None and report.port == "gain" else None
    _axis(ax, values, limits)
    return dress(ax, "sample k", "gain", "Gain used")


def _axis(ax: Axes, values: NDArray[Any], limits: tuple[float, float] | None = None) -> None:
    """Linear from zero, or logarithmic where gains span decades; the stable range as a band, its end as a line."""
    top = float(np.max(values, initial=0.0))
    positive = values[values > 0]
    quartile = float(np.quantile(positive, 0.25)) if len(positive) else 0.0
    logarithmic = bool(len(positive)) and len(positive) == values.size and top > DECADES * quartile
    if logarithmic:
        ax.set_yscale("log")
    if limits is not None and math.isfinite(limits[1]):
        low = float(positive.min()) / 3 if logarithmic else limits[0]
        ax.axhspan(low, limits[1], color=STABLE, zorder=0)
        ax.axhline(limits[1], color=LIMIT, linewidth=0.9, linestyle="--", label=f"stable below {limits[1]:.4g}")
        top = max(top, limits[1])
        if logarithmic:
            ax.set_ylim(bottom=low)
    if not logarithmic:
        ax.set_ylim(0.0, 1.12 * top if top > 0 else 1.0)
