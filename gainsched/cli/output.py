"""The folder of results: result.npz, report.json, report.html, and one PNG per plot."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.cli import console, document, page, session, words
from gainsched.cli.document import Picture
from gainsched.errors import NoTheory
from gainsched.plot import gain, learning_curve, nyquist, weights
from gainsched.plot.figure import new_figure
from gainsched.plot.weights import NAMED
from gainsched.strict import strict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gainsched.analysis import Agreement, Report
    from gainsched.run import Run

SQUARE = (4.6, 4.6)


def write(outcome: session.Outcome, folder: Path) -> None:
    """Write everything; files of an earlier result are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    write_arrays(folder / "result.npz", outcome.run)
    write_json(folder / "report.json", outcome.to_dict())
    document.write(folder, *told(outcome, drawn(outcome)))


def write_arrays(path: Path, run: Run) -> None:
    """The run's arrays and histories."""
    kept = {"y": run.y, "e": run.e, "w": run.w, "average": run.average, "d": run.d, "skipped": run.skipped,
            "gain": run.gain, "weights": run.weights, "gain_at": run.gain_at, "weights_at": run.weights_at,
            "start": np.array(run.start), "status": np.array(str(run.status))}
    arrays: dict[str, Any] = {name: value for name, value in kept.items() if value is not None}
    np.savez(path, **arrays)


def write_json(path: Path, data: dict[str, Any]) -> None:
    """One strict JSON object, laid out for reading."""
    path.write_text(json.dumps(strict(data), indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")


def drawn(outcome: session.Outcome) -> list[Picture]:
    """Every plot that this outcome has the data for."""
    run, report = sound(outcome.run), outcome.report
    if not run.n:
        return []
    *inputs, _ = (*outcome.job.signals.names, "") if outcome.job.signals.d is None else outcome.job.signals.names
    labels = [f"weight of {name}" for name in inputs] if len(inputs) == run.w.size > 1 else None
    goal = None if report is None or report.w_opt is None or report.w_opt.size > NAMED else report.w_opt
    gain_unit = f", in {report.unit}" if report is not None and report.unit else ""
    captions = {
        "learning-curve": "Squared one-step error, smoothed, and what theory predicts for this gain; dB above 1 (unit "
                          "of the output)². About 95 % of the measured points should lie in the band.",
        "gain": f"The gain that every sample was given{gain_unit}; shaded, the range in which the loop is stable.",
        "weights": "The weights as they moved." + (
            "" if goal is None else " Dotted: the best constant weights for the whole record (least squares)."),
        "nyquist": "The adaptation loop of the worst mode, over frequency (both axes without unit): how far it stays "
                   "from -1 is how robust the gain is. The curve may move by the radius of the shaded disk unharmed."}
    plans: dict[str, Callable[[Any], Any]] = {
        "learning-curve": lambda ax: learning_curve(run, report=report, ax=ax),
        "gain": lambda ax: gain(run, report=report, ax=ax),
        "weights": lambda ax: weights(run, w_opt=goal, labels=labels, ax=ax),
        "nyquist": lambda ax: nyquist(report, ax=ax)}
    pictures = []
    for name, draw in plans.items():
        if (square := name == "nyquist") and (report is None or report.margins is None):
            continue
        figure = new_figure(SQUARE) if square else new_figure()
        ax = figure.add_subplot()
        try:
            draw(ax)
        except NoTheory:
            continue
        if name == "learning-curve" and not ax.collections:                     # no band: nothing was predicted
            captions[name] = ("Squared one-step error, smoothed; dB above 1 (unit of the output)². For this filter and "
                              "gain theory predicts no curve.")
        pictures.append(Picture(name, figure, captions[name], square))
    return pictures


def sound(run: Run) -> Run:
    """The run with the errors of skipped samples left out: a missing input counts as 0 there and says nothing."""
    return run if run.skipped is None else dataclasses.replace(run, e=np.where(run.skipped, np.nan, run.e))


def told(outcome: session.Outcome, pictures: list[Picture]) -> tuple[str, str, list[str | Picture]]:
    """The report page of one run: title, lead, blocks."""
    job, run, report = outcome.job, outcome.run, outcome.report
    *inputs, goal = (*job.signals.names, "its own reference") if job.signals.d is None else job.signals.names
    lead = f"{', '.join(inputs)} → {goal}: {console.counted(run.n)} samples of {job.data}"
    blocks: list[str | Picture] = [] if report is None else [page.verdict(report.verdict, f"{report.sentence}.")]
    if run.stopped_at is not None:
        blocks.append(page.verdict("diverged", f"The run stopped at sample {run.stopped_at}."))
    blocks += [page.heading("What was run"), page.facts(ran(outcome), code=("filter", "gain", "forgetting", "weights"))]
    if todo := advice(outcome):
        blocks += [page.heading("Warnings, and what to do"), page.bullets(todo)]
    if events := session.noticed(outcome):
        blocks += [page.heading("Noticed during the run"), page.bullets(events)]
    if report is not None:
        blocks += [page.heading("Range and margins"), page.facts(numbers(report))]
    titles = {"learning-curve": "Error power over time", "gain": "The gain used", "weights": "Weights over time",
              "nyquist": "The loop"}
    for picture in pictures:
        blocks += [page.heading(titles[picture.name]), picture]
        if picture.name == "learning-curve" and outcome.agreement is not None:
            blocks += against(outcome.agreement)
    if report is not None and report.assumptions:
        blocks += [page.heading("What is assumed"), page.bullets(report.assumptions)]
    if report is not None and report.references:
        blocks += [page.heading("References"), page.bullets(report.references)]
    if report is not None and (meanings := words.meanings(report)):
        blocks += [page.heading("What the words mean"), page.terms(meanings)]
    title = f"{type(job.loop.filter).__name__} on {PurePath(job.data).name}"
    return title, lead, blocks


def against(found: Agreement) -> list[str]:
    """Predicted and measured error power, stretch by stretch."""
    rows = [(f"{console.counted(first)} – {console.counted(last - 1)}", console.sized(expected), console.sized(power),
             f"{apart:+.2f} dB", "yes" if near else "no")
            for first, last, expected, power, apart, near in zip(
                found.start.tolist(), found.stop.tolist(), found.predicted, found.measured, found.difference_db,
                found.agrees, strict=True)]
    sentence = found.sentence
    head = ("samples", "predicted", "measured", "difference", "agrees")
    return [page.heading("Measured against predicted"), page.grid(head, rows),
            page.paragraph(f"{sentence[:1].upper()}{sentence[1:]}. Means of the squared one-step error, in the unit of "
                           "the output squared; they agree where they are at most three standard errors, or 0.3 dB, "
                           "apart.")]


def numbers(report: Report) -> list[tuple[str, str]]:
    """The report's rows of numbers; its lists stand elsewhere on the page."""
    rows = [(label, text.strip()) for label, text in report.rows()
            if label.strip() not in ("loop", "warnings", "assumptions", "references", "")]
    rows = [(f"bound, {label.strip().replace('_', ' ')}" if label.strip() in report.bounds else label, text)
            for label, text in rows]
    told = [(label, "unbounded" if text.startswith("inf") else text) for label, text in rows]
    return [(label, re.sub(" {2,}", " \u00b7 ", text)) for label, text in told]


def ran(outcome: session.Outcome) -> list[tuple[str, str]]:
    """What was run and what came out, as labels and values."""
    job, run = outcome.job, outcome.run
    rows = [("filter", repr(job.loop.filter))]
    rows += [(port, repr(getattr(job.loop, port))) for port in job.loop.filter.ports]
    if job.loop.compensator is not None:
        rows.append(("compensator", repr(job.loop.compensator)))
    first, last = session.rms(run, to=0.25), session.rms(run, from_=0.75)
    error = (f"{console.sized(session.rms(run))}; first quarter {console.sized(first)}, "
             f"last quarter {console.sized(last)}")
    rows += [("samples", console.counted(run.n)), ("status", str(run.status)), ("one-step rms error", error),
             ("fit", f"{console.sized(run.fit)} %")]
    w = np.asarray(run.w).reshape(-1)
    more = f" and {len(w) - 16} more" if len(w) > 16 else ""
    rows.append(("weights", ", ".join(f"{v:.5g}" for v in w[:16]) + more))
    return rows


def advice(outcome: session.Outcome) -> list[str]:
    """Warnings of theory and of the run, each with what to do."""
    job, run, report = outcome.job, outcome.run, outcome.report
    out = [] if report is None else [text[:1].upper() + text[1:] + "." for text in report.warnings]
    if report is not None and report.verdict == "unstable" and report.range is not None:
        low, high = (console.sized(end) for end in report.range)
        out.append(f"The {report.port} leaves the stable range: keep it well within {low} to {high}.")
    if run.stopped_at is not None:
        out.append(f"The run diverged at sample {run.stopped_at}; what is shown ends there. Lower the gain, or look "
                   "for an outlier in the data at that row.")
    if str(run.status) == "interrupted":
        out.append(f"The run was interrupted after {console.counted(run.n)} samples; what is shown ends there.")
    if gaps := session.skipped(run):
        out.append(f"{console.counted(gaps)} samples were skipped (--nonfinite {job.loop.nonfinite}): a value is "
                   "missing there, or was a few samples before. Their errors are left out of every figure.")
    return [*out, *outcome.notes]
