"""Learning curves: error power over time, measured and predicted."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis import Report
from gainsched.errors import NoTheory, refusal
from gainsched.plot.figure import LIMIT, MEASURED, POINTS, PREDICTED, check, decibels, dress, extremes, new_axes
from gainsched.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


def learning_curve(subject: Run | Report, n: int | None = None, *, report: Report | None = None,
                   window: int | None = None, label: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw error power over time in dB: what a run measured, what a report predicts, or both.

    Parameters
    ----------
    subject : Run or Report
        A run gives its squared a-priori errors, smoothed; a report its predicted E e^2, smoothed alike, and a band.
    n : int, optional
        Samples drawn. Default: the run's, or the report's `Report.horizon`.
    report : Report, optional
        Adds the prediction to a run. Analyze the loop before it runs: the prediction begins where it stood.
    window : int, optional
        Samples averaged around each point. Default: 1/200 of those drawn, 25 of few; the legend states it.
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

    Notes
    -----
    The band is where 95 % of the points of one run's smoothed curve lie: means of `window` squares of Gaussian errors
    that are independent from sample to sample, which is chi-square over its degrees of freedom. It is no band for the
    expectation, which the line gives. Means scatter more than it says where errors resemble their neighbors (large
    gains, colored noise), and less where the error falls within the window: a large error lowers the next ones.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(2000)
    >>> loop = gs.Loop(gs.LMS(4), gain=0.01)
    >>> rep = gs.analyze(loop, gs.Excitation(1.0, noise=1e-4))
    >>> learning_curve(loop.run(x, np.convolve(x, [1, 0.5])[:2000]), report=rep).get_ylabel()
    'error power, dB'
    """
    check("learning_curve", subject, (Run, Report), n)
    if report is not None:
        check("learning_curve", report, (Report,))
    ax = new_axes(ax)
    if isinstance(subject, Run):
        count = subject.n if n is None else min(n, subject.n)
        span = _span(subject.n, window)
        error = subject.e[:count]
        power = decibels(smoothed(np.abs(error) ** 2, span))
        shown = extremes(power)
        name = "measured" if label is None else label
        name = f"{name} (mean of {span} samples)" if span > 1 else name
        color = None if label else MEASURED
        ax.plot(subject.start + shown, power[shown], color=color, linewidth=1.2, label=name)
        if report is not None and count:
            with contextlib.suppress(NoTheory):               # then the measured curve stands alone
                _predicted(ax, report, count, subject.start, span, 2 if np.iscomplexobj(error) else 1, alone=False)
    else:
        report, count = subject, subject.horizon if n is None else n
        _predicted(ax, subject, count, 0, _span(count, window), 2 if subject.is_complex else 1, alone=True)
    if report is not None and report.emse is not None and report.noise > 0:
        ax.axhline(10 * np.log10(report.noise), color=LIMIT, linewidth=0.9, linestyle=":", label="noise")
    return dress(ax, "sample k", "error power, dB", "Learning curve")


def _span(n: int, window: int | None) -> int:
    """Samples averaged around each point."""
    span = max(n // 200, min(n // 40, 25), 1) if window is None else window
    if span < 1:
        raise ValueError(refusal("learning_curve: window", window, "must be an integer >= 1"))
    return span


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


def _predicted(ax: Axes, report: Report, n: int, start: int, span: int, each: int, alone: bool) -> None:
    """The expected mean of `span` squared errors, `each` so many squares of numbers, and the band of such means."""
    from scipy.stats import chi2

    every = max(1, n // POINTS)
    curve = report.learning_curve(n, every=every)
    width = max(1, span // every)
    mean = smoothed(curve, width)
    at = every * np.arange(len(curve))
    samples = np.minimum(at, (span - 1) // 2) + np.minimum(n - 1 - at, span // 2) + 1             # fewer at the ends
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):       # a diverging curve has no band
        degrees = each * samples * mean**2 / smoothed(curve**2, width)     # Satterthwaite: fewer where the power falls
    k = start + at
    low, high = (chi2.ppf(part, degrees) / degrees for part in (0.025, 0.975))
    ax.fill_between(k, decibels(low * mean), decibels(high * mean), color=PREDICTED, alpha=0.15, linewidth=0)
    of = f" of means of {span} samples" if alone else ""
    ax.plot(k, decibels(mean), color=PREDICTED, linewidth=1.6, label=f"predicted, 95 % band{of}")
