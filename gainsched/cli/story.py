"""The demo's words and pictures, made from its numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.cli import page, session
from gainsched.cli.calibration import ALLOWED, SCAN, WEEK, Experiment, Trial
from gainsched.cli.console import counted
from gainsched.cli.document import Picture
from gainsched.cli.output import numbers, sound
from gainsched.plot import gain, learning_curve, weights
from gainsched.plot.figure import decibels, dress, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MINUTES = 5                     # between samples
WINDOW = 8 * 60 // MINUTES      # samples of the close-up
HEADROOM = 60.0                 # mg/dL around its readings
COLORS = {"low": "#e08a1e", "high": "#d1495b", "adaptive": "#1f5a92", "hindsight": "#6b7683"}
HEADER = ("", "gain", "fixed rms", "online rms", "theory", "steady error", "stable range", "gain margin", "verdict")
DISCLAIMER = (
    "This is a calibration exercise, not a medical device: one person, one kind of sensor, 2010; every error is one "
    "step ahead, measured against the same readings that then correct the weights. Nothing here is fit to dose by.")


def table(experiment: Experiment) -> list[tuple[str, ...]]:
    """The rows under `HEADER`; errors in mg/dL."""
    before = f"{experiment.once:.1f}"
    return [(trial.name, _gain(trial), before, f"{trial.rms:.1f}", _number(trial.predicted), f"{trial.steady:.1f}",
             _range(trial), f"{trial.margin_db:.1f} dB", trial.report.verdict) for trial in experiment.trials]


def sentences(x: Experiment) -> list[str]:
    """The story in a few plain sentences."""
    low, high, law, best = x.trials
    least, most = law.quantiles()
    half, double = x.other.values()
    default = " That is NLMS's default, which this recording happens to like." if best.gain == 0.5 else ""
    return [
        (f"Calibrated once, on its first week, and left alone, the sensor is {x.once:.1f} mg/dL off (root mean "
         "square): its gain and offset wander, and jump when it is replaced. So they are identified online, a "
         "little at every sample."),
        (f"Too low lags. At gain {low.gain} nine tenths of a jump are corrected after {_settling(low)}; an error is "
         f"much like the one before (correlation {low.echo:+.2f}). Error {low.rms:.1f} mg/dL."),
        (f"Too high rings. At gain {high.gain}, which is stable, every correction overshoots by "
         f"{_overshoot(high):.0%}, an error comes back with the other sign (correlation {high.echo:+.2f}) and takes "
         f"{_settling(high)} to die down; noise is amplified all the while. Error {high.rms:.1f} mg/dL, with a gain "
         f"margin of {high.margin_db:.1f} dB."),
        (f"An adaptive gain turns itself up while the error is large and down while it is small: mostly between "
         f"{least:.2f} and {most:.2f}. Error {law.rms:.1f} mg/dL, {1 - law.rms / low.rms:.0%} below the low gain and "
         f"{1 - law.rms / high.rms:.0%} below the high one."),
        (f"The best constant, {best.gain}, found by trying {len(SCAN)} of them on the whole recording afterwards, "
         f"reaches {best.rms:.1f}: the law comes within {law.rms / best.rms - 1:.0%} without having seen it.{default}"),
        (f"Theory, from the statistics of the recording alone, predicts {low.predicted:.1f}, {high.predicted:.1f} and "
         f"{best.predicted:.1f} mg/dL for the three constants, and a best gain of {SCAN[np.argmin(x.predicted)]:g}; "
         "for the law it certifies the range and claims no error."),
        ("The law was not tuned. Its memory is the default; the one number with a unit says at which error the gain "
         f"becomes 1, and is set to {ALLOWED:g} mg/dL, which ISO 15197:2013 allows a meter to be off at low glucose. "
         f"Half of that gives {half:.1f}, twice that {double:.1f} mg/dL."),
    ]


def pictures(x: Experiment) -> list[Picture]:
    """What the page shows."""
    scan, close, curve, used, moved = (new_figure() for _ in range(5))
    _scan(scan.add_subplot(), x)
    _close_up(close.add_subplot(), x)
    ax = curve.add_subplot()
    for trial in (x.high, x.low, x.adaptive):
        learning_curve(sound(trial.run), label=trial.name, window=12 * 24, ax=ax)
        ax.lines[-1].set(color=COLORS[trial.name], label=trial.name)
    for trial in (x.high, x.low):
        every = max(1, trial.run.n // 500)
        expected = trial.report.learning_curve(trial.run.n, every=every)
        ax.plot(every * np.arange(len(expected)), decibels(expected), color=COLORS[trial.name], linewidth=1.2,
                linestyle="--", label=f"{trial.name}, predicted")
    ax.legend(frameon=False, fontsize="small", ncols=5, loc="lower left", bbox_to_anchor=(0.0, 1.0))
    gain(x.adaptive.run, report=x.adaptive.report, ax=used.add_subplot())
    weights(x.adaptive.run, labels=["mg/dL per 20 nA", "offset, mg/dL"], ax=moved.add_subplot())
    return [
        Picture("error-against-gain", scan, "One-step error of every constant gain, and of the adaptive one. Low gains "
                                            "lag, high ones ring; the adaptive gain did not know this curve."),
        Picture("close-up", close, "The eight hours in which the low gain lags most. Every prediction is made "
                                   "before its reading arrives."),
        Picture("learning-curve", curve, "Squared one-step error, mean over a day, and what theory predicts; dB "
                                         "above 1 (mg/dL)\u00b2."),
        Picture("gain", used, "The gain that the law chose, and the range in which any sequence of gains is stable."),
        Picture("weights", moved, "Sensitivity and offset as the adaptive loop identified them."),
    ]


def told(x: Experiment, drawn: list[Picture]) -> tuple[str, str, list[str | Picture]]:
    """The demo's report page: title, lead, blocks."""
    law = x.adaptive
    titles = ("Error against gain", "Close up", "Measured against predicted", "The gain used", "Weights over time")
    shown: list[str | Picture] = [block for title, picture in zip(titles, drawn, strict=True)
                                  for block in (page.heading(title), picture)]
    blocks = [
        page.verdict(law.report.verdict, f"{law.report.sentence}."),
        page.heading("Before and after"), page.grid(HEADER, table(x)),
        page.paragraph("Errors in mg/dL, root mean square, one step ahead. Fixed: calibrated once, by least squares "
                       "on the first week, and left alone. Online: identified at every sample. "
                       "Theory: predicted steady state. Steady: over the last quarter of the recording."),
        page.heading("What the numbers say"), *(page.paragraph(text) for text in sentences(x)),
        *shown,
        page.heading("Range and margins of the adaptive loop"), page.facts(numbers(law.report)),
        page.heading("Warnings, and what to do"), page.bullets(cautions(x)),
        page.heading("Assumptions and references"), page.bullets([*law.report.assumptions, *law.report.references]),
    ]
    lead = (f"Gain and offset of a continuous glucose monitor, identified online over {counted(len(x.signals.x))} "
            f"readings ({counted(x.signals.missing)} of them incomplete and skipped).")
    return "A glucose sensor, calibrated online", lead, blocks


def cautions(x: Experiment) -> list[str]:
    """What to keep in mind, with what to do."""
    doubt = session.mismatch(x.best.run, x.best.report).replace("over", "For the constant gains, over", 1)
    return [*(f"{text}." for text in x.adaptive.report.warnings), *([f"{doubt}."] if doubt else []), DISCLAIMER]


def _gain(trial: Trial) -> str:
    if isinstance(trial.gain, float):
        return f"{trial.gain:g}"
    low, high = trial.quantiles()
    return f"{low:.2f} to {high:.2f}"


def _number(value: float) -> str:
    return "\u2013" if math.isnan(value) else f"{value:.1f}"


def _range(trial: Trial) -> str:
    return "unknown" if trial.report.range is None else "{:g} to {:g}".format(*trial.report.range)


def _overshoot(trial: Trial) -> float:
    """Share of an error that comes back with the other sign: the loop's pole along the regressor is 1 - gain."""
    assert isinstance(trial.gain, float)
    return max(0.0, trial.gain - 1.0)


def _settling(trial: Trial) -> str:
    """Time until nine tenths of a jump are corrected, along the regressor."""
    assert isinstance(trial.gain, float)
    samples = math.ceil(math.log(0.1) / math.log(abs(1.0 - trial.gain)))
    return f"{samples} samples ({samples * MINUTES / 60:.1f} h)"


def _scan(ax: Axes, x: Experiment) -> None:
    ax.plot(SCAN, x.scan, color=COLORS["hindsight"], linewidth=1.6, label="constant gain, measured")
    ax.plot(SCAN, x.predicted, color=COLORS["hindsight"], linewidth=1.2, linestyle=":", label="constant gain, "
                                                                                              "predicted")
    for trial in (x.low, x.high):
        assert isinstance(trial.gain, float)
        ax.plot([trial.gain], [trial.rms], "o", color=COLORS[trial.name], label=f"{trial.name}, {trial.gain:g}")
    ax.axhline(x.adaptive.rms, color=COLORS["adaptive"], linewidth=1.6, linestyle="--", label="adaptive")
    ax.set_ylim(0, 1.15 * float(x.scan.max()))
    dress(ax, "constant gain", "one-step rms error, mg/dL", "Error against gain")


def _close_up(ax: Axes, x: Experiment) -> None:
    d = x.signals.d
    assert d is not None
    part = _worst_window(x)
    hours = np.arange(WINDOW) * MINUTES / 60
    for trial in (x.high, x.low, x.adaptive):
        ax.plot(hours, trial.run.y[part], color=COLORS[trial.name], linewidth=1.3, label=f"predicted, {trial.name}")
    ax.plot(hours, d[part], ".", color="black", markersize=3.5, label="measured")
    ax.set_ylim(d[part].min() - HEADROOM, d[part].max() + HEADROOM)           # the high gain swings far beyond
    dress(ax, "hours", "glucose, mg/dL", "Close up")


def _worst_window(x: Experiment) -> slice:
    """Where the low gain is worst, after the first week, among windows of readings that are all five minutes apart."""
    run = sound(x.low.run)
    ones = np.ones(WINDOW)
    power = np.convolve(np.nan_to_num(run.e**2), ones, mode="valid")
    assert x.signals.time is not None
    uneven = (np.diff(x.signals.time, append=np.nan) != 60 * MINUTES) | ~np.isfinite(run.e)
    power[np.convolve(uneven, ones, mode="valid") > 0] = 0.0
    start = int(np.argmax(power[WEEK:])) + WEEK
    return slice(start, start + WINDOW)
