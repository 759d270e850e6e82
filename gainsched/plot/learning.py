"""Learning curves: error power over time, measured and predicted."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import NoTheory, refusal
from gainsched.plot.figure import LIMIT, MEASURED, POINTS, PREDICTED, decibels, dress, new_axes, thinned
from gainsched.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from gainsched.analysis import Report

SHORTEST, LONGEST = 100, 20_000      # samples drawn of a prediction that stands alone


def learning_curve(subject: Run | Report, n: int | None = None, *, report: Report | None = None,
                   window: int | None = None, label: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw error power over time in dB: what a run measured, what a report predicts, or both.

    Parameters
    ----------
    subject : Run or Report
        A run gives its squared a-priori errors, smoothed; a report its predicted E e^2.
    n : int, optional
        Samples drawn. Default: the run's, or ten of the report's slowest time constants.
    report : Report, optional
        Adds the prediction to a run, with the band in which 95 % of means of `window` squared Gaussian errors lie.
        Analyze the loop before it runs: the prediction begins where it stood.
    window : int, optional
        Samples averaged around each point of a measured curve. Default: 1/200 of the run, 25 for short ones; the
        legend states it.
    label : str, optional
        Name of the measured curve in the legend, where several share the axes.
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    NoTheory
        For a report alone whose filter has no predicted curve. Beside a run the prediction is left out.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(2000)
    >>> loop = gs.Loop(gs.LMS(4), gain=0.01)
    >>> rep = gs.analyze(loop, gs.Excitation(1.0, noise=1e-4))
    >>> learning_curve(loop.run(x, np.convolve(x, [1, 0.5])[:2000]), report=rep).get_ylabel()
    'error power, dB'
    """
    ax = new_axes(ax)
    if isinstance(subject, Run):
        count = subject.n if n is None else min(n, subject.n)
        span = max(subject.n // 200, min(subject.n // 40, 25), 1) if window is None else window
        if span < 1:
            raise ValueError(refusal("learning_curve: window", window, "must be an integer >= 1"))
        error = subject.e[:count]
        shown = thinned(count)
        power = smoothed(np.abs(error) ** 2, span)[shown]
        name = "measured" if label is None else label
        name = f"{name} (mean of {span} samples)" if span > 1 else name
        color = None if label else MEASURED
        ax.plot(subject.start + np.arange(count)[shown], decibels(power), color=color, linewidth=1.2, label=name)
        if report is not None and count:
            with contextlib.suppress(NoTheory):               # then the measured curve stands alone
                _predicted(ax, report, count, subject.start, span * (2 if np.iscomplexobj(error) else 1))
    else:
        report = subject
        _predicted(ax, subject, _length(subject) if n is None else n, 0)
    if report is not None and report.emse is not None and report.noise > 0:
        ax.axhline(10 * np.log10(report.noise), color=LIMIT, linewidth=0.9, linestyle=":", label="noise")
    return dress(ax, "sample k", "error power, dB", "Learning curve")


def smoothed(power: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Mean over `window` samples centered on each, over those that exist; NaN where none does.

    Examples
    --------
    >>> import numpy as np
    >>> smoothed(np.array([1.0, np.nan, 3.0, 5.0]), 3)
    array([1., 2., 4., 4.])
    """
    there = np.isfinite(power)
    edges = np.arange(len(power))
    low = np.maximum(edges - (window - 1) // 2, 0)
    high = np.minimum(edges + window // 2 + 1, len(power))
    scale = float(np.max(power, where=there, initial=0.0)) or 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.concatenate([[0.0], np.cumsum(np.where(there, power, 0.0) / scale)])
        count = np.concatenate([[0], np.cumsum(there)])
        mean = (total[high] - total[low]) / (count[high] - count[low]) * scale
    return np.asarray(np.maximum(mean, 0.0))                # a difference of sums may fall below zero by rounding


def _predicted(ax: Axes, report: Report, n: int, start: int, degrees: int = 0) -> None:
    """The curve, and the band of means over so many degrees of freedom (0: none)."""
    every = max(1, n // POINTS)
    curve = report.learning_curve(n, every=every)
    k = start + every * np.arange(len(curve))
    if degrees:
        from scipy.stats import chi2

        low, high = (float(chi2.ppf(part, degrees)) / degrees for part in (0.025, 0.975))
        ax.fill_between(k, decibels(low * curve), decibels(high * curve), color=PREDICTED, alpha=0.15, linewidth=0)
    name = "predicted, 95 % band" if degrees else "predicted"
    ax.plot(k, decibels(curve), color=PREDICTED, linewidth=1.6, label=name)


def _length(report: Report) -> int:
    tau: Any = report.time_constants
    finite = [] if tau is None else tau[np.isfinite(tau)]
    return int(np.clip(10 * max(finite), SHORTEST, LONGEST)) if len(finite) else LONGEST
