"""The folder of a search: tuning.json, trials.csv, report.html and its pictures."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from gainsched.cli import console, document, page
from gainsched.cli.document import Picture
from gainsched.plot.figure import new_figure
from gainsched.plot.tuned import numeric

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gainsched.cli.study import Study
    from gainsched.tuning import Tuning

SHOWN = 10                  # trials on the page; all of them are in trials.csv
HEADINGS = {"slice": "Error against {}", "learning": "Error power over time", "contour": "Two parameters",
            "parallel": "All parameters side by side", "pareto": "Error against gain margin"}
CAPTIONS = {
    "slice": "Error of every trial on the validation part, against the number that matters most.",
    "learning": "Error power over the whole record, of the gain found and of the baselines.",
    "contour": "Error of the trials, over the two numbers that matter most.",
    "parallel": "A line is a trial; dark lines have the smaller error.",
    "pareto": "Trials that no other beats in both error and gain margin: what a wider margin costs."}


def write(study: Study, tuning: Tuning, folder: Path) -> None:
    """Write everything; `Tuning.load` reads tuning.json."""
    tuning.save(folder / "tuning.json")
    tuning.trials.to_csv(folder / "trials.csv", index=False)
    document.write(folder, *told(study, tuning, drawn(tuning)))


def drawn(tuning: Tuning) -> list[Picture]:
    """The pictures that this search has the trials for."""
    kinds = ["slice", "learning"]
    if len(tuning.best["params"]) > 1:
        kinds += ["contour", "parallel"]
    if len(tuning.pareto) > 1:
        kinds.append("pareto")
    pictures = []
    for kind in kinds:
        figure = new_figure()
        tuning.plot(kind, ax=figure.add_subplot())
        pictures.append(Picture(kind, figure, CAPTIONS[kind]))
    return pictures


def told(study: Study, tuning: Tuning, pictures: list[Picture]) -> tuple[str, str, list[str | Picture]]:
    """The report page of a search: title, lead, blocks."""
    report = tuning.report
    blocks: list[str | Picture] = [] if report is None else [page.verdict(report.verdict, f"{report.sentence}.")]
    lines = [(name, value) for name, value in tuning.lines() if name not in ("verdict", "warning")]
    blocks += [page.heading("What was found"), page.facts(lines, code=("filter", *tuning.ports))]
    if tuning.warnings:
        blocks += [page.heading("Warnings"), page.bullets(tuning.warnings)]
    for picture in pictures:
        blocks += [page.heading(HEADINGS[picture.name].format(numeric(tuning)[0])), picture]
    if len(tuning.importance) > 1:
        shares = [(name, f"{100 * share:.0f} %") for name, share in tuning.importance.items()]
        blocks += [page.heading("What matters"), page.grid(("parameter", "share of the variance"), shares)]
    blocks += [page.heading("The best trials"), page.grid(*ranked(tuning, SHOWN))]
    if report is not None and report.assumptions:
        blocks += [page.heading("What is assumed"), page.bullets(report.assumptions)]
    name = " or ".join(dict.fromkeys(row["filter"].split("(")[0] for row in tuning.rows))
    goal = study.output or "its own reference"
    lead = f"{len(tuning.rows)} trials on {study.data}: {', '.join(study.input)} → {goal}"
    return f"{name} tuned on {PurePath(study.data).name}", lead, blocks


def ranked(tuning: Tuning, most: int) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Headings and rows of the best trials; the filter is told where there is a choice."""
    done = [row for row in tuning.rows if row["status"] == "done"]
    best = sorted(done, key=lambda row: (row["score"], row["number"]))[:most]
    rows = [(str(row["number"]), console.sized(row["error"], 5), named(row), row["filter"]) for row in best]
    columns = 4 if len({row["filter"] for row in tuning.rows}) > 1 else 3
    return ("trial", "error", "parameters", "filter")[:columns], [row[:columns] for row in rows]


def named(row: dict[str, Any]) -> str:
    """The parameters of a trial."""
    values = ", ".join(f"{name}={value:.5g}" if isinstance(value, float) else f"{name}={value}"
                       for name, value in row["params"].items())
    return values if row["family"] == "constant" else f"{row['family']}: {values}"
