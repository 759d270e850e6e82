"""Gains over time: what a schedule prescribes, what a run used, and the range that is stable."""

from __future__ import annotations

import math
import numbers
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import Report
from gainsched.errors import refusal
from gainsched.gains import Schedule
from gainsched.plot.figure import LIMIT, MEASURED, STABLE, check, dress, extremes, new_axes, thinned
from gainsched.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_TITLE = 90                   # characters of a line of the title
_REACH = 5.0                  # a bound farther above the largest gain would press the gains to the floor
DECADES = 30.0                # largest gain over the lower quartile from which the axis is logarithmic


def schedule(schedule: Schedule, steps: int = 10_000, *, label: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw a schedule over its first `steps` samples.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Cosine(1.0, 0.1, steps=1000).plot(2000).get_ylabel()
    'gain'
    """
    check("plot", schedule, (Schedule,))
    if isinstance(steps, bool) or not isinstance(steps, numbers.Real) or not steps >= 1 or steps % 1:
        raise ValueError(refusal("plot: steps", steps, "must be an integer >= 1"))
    ax = new_axes(ax)
    k = np.unique(np.linspace(0, steps - 1, min(steps, 4000)).round())
    values = schedule(k)
    ax.plot(k, values, color=None if label else MEASURED, linewidth=1.6, label=label)
    _axis(ax, np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in ax.lines]))
    title = "" if label else textwrap.fill(repr(schedule), _TITLE)
    return dress(ax, "sample k", "gain", title)


def gain(subject: Run | Report, n: int | None = None, *, report: Report | None = None, label: str | None = None,
         ax: Axes | None = None) -> Axes:
    """Draw the gain over time, within the stable range and against the bounds that theory knows.

    Parameters
    ----------
    subject : Run or Report
        A run gives the gain it used, recorded with ``record=gs.Record(gain=...)``; gains per weight are drawn as their
        band and median. A report gives the gain (RLS: the forgetting) that the coming samples will be given.
    n : int, optional
        Samples drawn. Default: the run's, or the report's `Report.horizon`.
    report : Report, optional
        Adds range and bounds to a run, where they are bounds on the gain.
    label : str, optional
        Name in the legend, where several share the axes.
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        When the run recorded no gain.
    NoTheory
        For a report alone whose gain is set by a law, or per weight: only a run can tell.

    Notes
    -----
    The band is `Report.range`. Each bound is a line; one far above the gains is named in the legend and left out of the
    picture.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> loop = gs.Loop(gs.LMS(4), gain=gs.Exponential(0.1, rate=0.5, every=100, floor=0.01))
    >>> rep = gs.analyze(loop, gs.Excitation(1.0))
    >>> ax = gain(rep)
    >>> ax.get_ylabel()
    'gain, 1/(power of x)'
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['bound, mean: 2, off the axis', 'bound, mean square: 0.3333', 'bound, delay line: 0.2092']
    """
    check("gain", subject, (Run, Report), n)
    if report is not None:
        check("gain", report, (Report,))
    if isinstance(subject, Run):
        if subject.gain is None:
            raise ValueError("plot: this run recorded no gain; run it with record=gs.Record(gain=1).")
        count = int(np.searchsorted(subject.gain_at, subject.start + (subject.n if n is None else n)))
        shown = extremes(subject.gain[:count]) if subject.gain.ndim == 1 else thinned(count)
        k, values = subject.gain_at[:count][shown], subject.gain[:count][shown]
        name, port = "Gain used", "gain"
        report = report if report is not None and report.port == "gain" else None
    else:
        report, port = subject, subject.port
        count = subject.horizon if n is None else n
        every = thinned(count).step
        values = subject.gain_curve(count, every)
        k, name = every * np.arange(len(values)), f"{port.capitalize()} of the coming samples"
    ax = new_axes(ax)
    color = None if label else MEASURED
    if values.ndim > 1:
        values = values.reshape(len(values), -1)
        median = label or "median of the weights"
        (line,) = ax.plot(k, np.median(values, axis=1), color=color, linewidth=1.2, label=median)
        ax.fill_between(k, values.min(axis=1), values.max(axis=1), color=line.get_color(), alpha=0.15, linewidth=0)
    else:
        ax.plot(k, values, color=color, linewidth=1.6, label=label)
    _axis(ax, values, report)
    unit = report.unit if report is not None else ""
    return dress(ax, "sample k", f"{port}, {unit}" if unit else port, name)


def _axis(ax: Axes, values: NDArray[Any], report: Report | None = None) -> None:
    """Linear from zero, or logarithmic where gains span decades; then the stable range and the bounds."""
    top = float(np.max(values, initial=0.0))
    positive = values[values > 0]
    quartile = float(np.quantile(positive, 0.25)) if len(positive) else 0.0
    logarithmic = bool(len(positive)) and len(positive) == values.size and top > DECADES * quartile
    if logarithmic:
        ax.set_yscale("log")
    floor = float(positive.min()) / 3 if logarithmic else 0.0
    if report is not None:
        low, high = report.range or (math.nan, math.nan)
        ends = [end for end in (high, *(bound.value for bound in report.bounds.values())) if math.isfinite(end)]
        reach = max(_REACH * top, min(ends, default=0.0))                # the nearest limit is always in the picture,
        reach = max(reach, high) if high <= DECADES * top else reach     # and the end of the range if it can be
        if math.isfinite(low):
            ax.axhspan(max(low, floor), min(high, 1.12 * max([top, *(end for end in ends if end <= reach)])),
                       color=STABLE, zorder=0)
        for (name, bound), style in zip(report.bounds.items(), ("--", "-.", ":", (0, (5, 1))), strict=False):
            far = not bound.value <= reach
            ax.axhline(math.nan if far else bound.value, color=LIMIT, linewidth=0.9, linestyle=style,
                       label=f"bound, {name.replace('_', ' ')}: {bound.value:.4g}{', off the axis' if far else ''}")
            top = top if far else max(top, bound.value)
        if logarithmic:
            ax.set_ylim(bottom=floor)
    if report is not None and report.port == "forgetting" and 0 < np.min(values, initial=1.0) < 1:
        memory = 1.0 - float(np.min(values))
        ax.set_ylim(max(0.0, 1.0 - 3.0 * memory), 1.0 + 0.5 * memory)               # what counts is 1 - forgetting
    elif not logarithmic:
        ax.set_ylim(0.0, 1.12 * top if top > 0 else 1.0)
