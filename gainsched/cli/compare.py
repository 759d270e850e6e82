"""`gainsched compare DATA`: many filters and gains on one recording, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gainsched.cli import console, document, page, session, specs
from gainsched.cli.document import Picture
from gainsched.cli.options import Data, Input, Json, Nonfinite, NonfiniteOption, Output
from gainsched.cli.output import write_json
from gainsched.cli.run import claim
from gainsched.io import read
from gainsched.plot.figure import new_figure
from gainsched.tuning import Comparison
from gainsched.tuning import compare as compared

if TYPE_CHECKING:
    from gainsched.io import Signals

CAPTION = ("Squared one-step errors, smoothed; dB above 1 (unit of the output)². The legend begins with the smallest "
           "steady error.")
TALL = (7.2, 4.6)

Loops = Annotated[list[str], typer.Option(
    "--loop", "-l", metavar="SPEC", show_default=False,
    help="A filter, and what it runs with: 'nlms:32 gain=.5', 'rls:8 forgetting=.999', 'lms:8 gain=.01 "
         "compensator=heavy-ball:0.9'. Repeat for every loop.")]
Out = Annotated[Path | None, typer.Option(
    "--out", metavar="DIR", show_default=False, help="Write report.json, report.html and learning-curves.png there.")]
Timing = Annotated[bool, typer.Option(
    "--timing/--no-timing", help="Measure nanoseconds per sample; without, results depend on the data alone.")]


@dataclass(frozen=True)
class Outcome:
    """What was compared on which record."""

    data: str
    signals: Signals
    loops: tuple[str, ...]
    found: Comparison

    def to_dict(self) -> dict[str, Any]:
        """The result as numbers, for strict JSON."""
        return {"data": self.data, "signals": list(self.signals.names), "n": len(self.signals.x),
                "loops": list(self.loops), **self.found.to_dict()}


def compare(
    data: Data, input: Input, loop: Loops, output: Output = None, nonfinite: NonfiniteOption = Nonfinite.RAISE,
    timing: Timing = True, out: Out = None, json: Json = False,
) -> None:
    """Compare filters and gains on a recording: error, settling, margins, verdict, time per sample."""
    with console.refusing():
        signals = read(data, list(input), output)
    built = {}
    for text in loop:
        name = " ".join(text.split())
        if name in built:
            raise console.Refused(f"--loop {text!r} is given twice.")
        with console.refusing(f"--loop {text!r}"):
            built[name] = specs.loop_from(text, signals.channels, str(nonfinite))
            if signals.d is None and built[name].filter.needs_d:
                raise console.Refused(f"--loop {text!r} needs the desired signal: name its column with --output.")
    if nonfinite == "raise":
        session.complete(data, signals)
    claim(out)
    with console.refusing():
        found = compared(built, signals.x, signals.d, timing=timing)
    outcome = Outcome(str(data), signals, tuple(loop), found)
    if json:
        console.print_json(outcome.to_dict())
    else:
        console.out().print(str(found), markup=False)
        for name, note in found.notes.items():
            if note:
                console.note(f"{name}: no analysis: {note}")
    if out is not None:
        with console.refusing("--out"):
            write(outcome, out)
        if not json:
            console.note(f"wrote {out / 'report.html'} and beside it report.json and learning-curves.png")
    console.leave(console.DIVERGED if found.best is None else 0)


def write(outcome: Outcome, folder: Path) -> None:
    """Write the page, the numbers and the picture; files of an earlier result are replaced."""
    figure = new_figure(TALL)
    outcome.found.plot(ax=figure.add_subplot())
    write_json(folder / "report.json", outcome.to_dict())
    document.write(folder, *blocks_of(outcome, Picture("learning-curves", figure, CAPTION)))


def blocks_of(outcome: Outcome, picture: Picture) -> tuple[str, str, list[str | Picture]]:
    """The report page of a comparison: title, lead, blocks."""
    found, signals = outcome.found, outcome.signals
    *inputs, goal = (*signals.names, "its own reference") if signals.d is None else signals.names
    lead = f"{', '.join(inputs)} → {goal}: {console.counted(len(signals.x))} samples of {outcome.data}"
    reports = {name: report for name, report in found.reports.items() if report is not None}
    titles, rows = found.cells()
    blocks: list[str | Picture] = [
        page.heading("The loops, the smallest steady error first"), page.grid(titles, rows),
        page.paragraph(f"{found.meaning[:1].upper()}{found.meaning[1:]}"),
        page.heading("Error power over time"), picture,
        page.heading("What theory says of each")]
    blocks += [page.verdict(*told(found, str(name))) for name in found.table.index]
    if warnings := [f"{name}: {text}." for name, report in reports.items() for text in report.warnings]:
        blocks += [page.heading("Warnings"), page.bullets(warnings)]
    if assumed := sorted({text for report in reports.values() for text in report.assumptions}):
        blocks += [page.heading("What is assumed"), page.bullets(assumed)]
    return f"{len(rows)} loops on {PurePath(outcome.data).name}", lead, blocks


def told(found: Comparison, name: str) -> tuple[str, str]:
    """(verdict, sentence) of one loop."""
    report = found.reports[name]
    stopped = found.runs[name].stopped_at
    end = "" if stopped is None else f"; the run diverged at sample {console.counted(stopped)}"
    if report is None:
        return "unknown", f"“{name}”: no analysis: {found.notes[name]}{end}"
    return report.verdict, f"“{name}”: {report.sentence}{end}."
