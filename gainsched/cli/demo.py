"""`gainsched demo`: a real glucose sensor, calibrated online."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from gainsched.cli import calibration, console, document, story
from gainsched.cli.options import Json  # noqa: TC001 - typer reads annotations at run time
from gainsched.cli.output import write_arrays, write_json

Folder = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write the report page and its data.")]


def demo(out: Folder = Path("gainsched-demo"), json: Json = False) -> None:
    """Calibrate a real glucose sensor online: too low lags, too high rings, an adaptive gain needs no tuning."""
    signals = calibration.recording()
    experiment = calibration.experiment(signals)
    with console.refusing("--out"):
        write(experiment, out)
    if json:
        console.print_json(to_dict(experiment))
        return
    tell(experiment)
    console.out().print(f"\nThe report page is {out / 'report.html'}", soft_wrap=True)


def tell(experiment: calibration.Experiment) -> None:
    """Table and story for people."""
    terminal = console.out()
    signals = experiment.signals
    terminal.print("[bold]A glucose sensor, calibrated online[/bold]")
    terminal.print(f"{console.counted(len(signals.x))} readings, one every five minutes; "
                   f"{console.counted(signals.missing)} incomplete ones are skipped. NLMS over "
                   f"({', '.join(signals.names[:-1])}) -> {signals.names[-1]}.\n")
    table = Table(box=None, pad_edge=False, header_style="cyan", padding=(0, 1, 0, 0))
    for i, name in enumerate(story.HEADER):
        table.add_column(name, justify="left" if i in (0, len(story.HEADER) - 1) else "right", vertical="bottom",
                         no_wrap=i in (0, 1))
    for row in story.table(experiment):
        table.add_row(*row, style="bold" if row[0] == "adaptive" else None)
    terminal.print(table)
    terminal.print("mg/dL, one step ahead; fixed: calibrated once, in the first week; steady: the last quarter",
                   style="dim")
    for text in story.sentences(experiment):
        terminal.print(f"\n{text}", markup=False)
    terminal.print(f"\n{story.DISCLAIMER}", markup=False, style="dim")


def write(experiment: calibration.Experiment, folder: Path) -> None:
    """The folder: report page, its numbers, the adaptive run's arrays, plots."""
    folder.mkdir(parents=True, exist_ok=True)
    write_arrays(folder / "result.npz", experiment.adaptive.run)
    write_json(folder / "report.json", to_dict(experiment))
    document.write(folder, *story.told(experiment, story.pictures(experiment)))


def to_dict(experiment: calibration.Experiment) -> dict[str, Any]:
    """The demo's numbers, for strict JSON."""
    law = experiment.adaptive
    return {
        "n": law.run.n, "status": str(law.run.status), "fit": law.run.fit, "w": law.run.w,
        "verdict": law.report.verdict,
        "calibrated_once": experiment.once, "missing": experiment.signals.missing,
        "trials": [{"name": t.name, "gain": repr(t.gain), "rms": t.rms, "predicted": t.predicted, "steady": t.steady,
                    "echo": t.echo, "range": t.report.range, "gain_margin_db": t.margin_db, "verdict": t.report.verdict,
                    "report": t.report.to_dict()} for t in experiment.trials],
        "scan": {"gain": calibration.SCAN, "rms": experiment.scan, "predicted": experiment.predicted},
        "law_for_other_limits": {f"{limit:g} mg/dL": value for limit, value in experiment.other.items()},
        "story": story.sentences(experiment), "disclaimer": story.DISCLAIMER,
    }
