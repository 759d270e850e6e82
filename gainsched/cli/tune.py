"""`gainsched tune DATA` or `gainsched tune study.toml`: the gain that predicts a recording best."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from gainsched.cli import console, session, specs, tuned
from gainsched.cli.options import Json, Nonfinite, NonfiniteOption, Output
from gainsched.cli.run import COLORS, claim
from gainsched.cli.study import Study, Target, load
from gainsched.io import read

if TYPE_CHECKING:
    from gainsched.tuning import Tuning

TOLD = 5                    # trials shown
Source = Annotated[Path, typer.Argument(
    metavar="DATA", show_default=False, help="Recording, or a study file: .toml with these options as fields.")]
Folder = Annotated[Path | None, typer.Option(
    "--out", metavar="DIR", show_default=False, help="Write report.html, tuning.json, trials.csv and plots there.")]


def tune(
    data: Source,
    input: Annotated[list[str] | None, typer.Option("--input", "-i", metavar="NAME", show_default=False,
                                                    help="Input columns; 1 is a column of ones.")] = None,
    output: Output = None,
    filter: Annotated[list[str] | None, typer.Option(
        "--filter", "-f", metavar="SPEC", show_default=False,
        help="Update rule: nlms:32, rls:arx(na=2,nb=2,nk=3); repeated: a choice. Default: nlms:32.")] = None,
    family: Annotated[list[str] | None, typer.Option(
        "--family", metavar="NAME", show_default=False,
        help="constant, exponential, kwong-johnston ...; repeated: a choice. Default: constant.")] = None,
    port: Annotated[list[str] | None, typer.Option(
        "--port", metavar="NAME", show_default=False, help="gain, forgetting. Default: forgetting of RLS, else gain."),
    ] = None,
    target: Annotated[Target, typer.Option(
        "--target", help="Root mean square, median, or Huber's mean of the validation errors.")] = Target.RMS,
    validation: Annotated[float, typer.Option(
        "--validation", help="Fraction of the record that errors count on.")] = Study.validation,
    tail: Annotated[float, typer.Option("--tail", help="Fraction held out at the end.")] = Study.tail,
    trials: Annotated[int, typer.Option("--trials", help="Evaluations at most.")] = Study.trials,
    seed: Annotated[int, typer.Option("--seed", help="Of the sampler.")] = Study.seed,
    margin_db: Annotated[float | None, typer.Option(
        "--margin-db", show_default=False, help="Gain margin wanted, dB.")] = None,
    storage: Annotated[str | None, typer.Option(
        "--storage", metavar="FILE", show_default=False, help="sqlite file or database URL to go on from.")] = None,
    workers: Annotated[str | None, typer.Option(
        "--workers", metavar="N|dask", show_default=False, help="Threads, or a Dask cluster. The answer is the same."),
    ] = None,
    nonfinite: NonfiniteOption = Nonfinite.RAISE,
    out: Folder = None,
    json: Json = False,
) -> None:
    """Find the gain, schedule or law that predicts a recording best."""
    if data.suffix == ".toml":
        _only_the_file(data, {
            "input": input, "output": output, "filter": filter, "family": family, "ports": port,
            "target": target != Target.RMS, "validation": validation != Study.validation,
            "tail": tail != Study.tail, "trials": trials != Study.trials, "seed": seed != Study.seed,
            "margin_db": margin_db, "storage": storage, "workers": workers,
            "nonfinite": nonfinite != Nonfinite.RAISE})
        study = load(data)
        if out is not None:
            study = dataclasses.replace(study, out=out)
    else:
        if not input:
            raise console.Refused("tune needs --input: the names of the input columns.")
        study = Study(
            data, tuple(input), output, tuple(filter or Study.filter), tuple(family or Study.family),
            tuple(port) if port else None, str(target), validation, tail, trials, seed, margin_db,
            nonfinite=str(nonfinite), storage=storage, workers=_workers(workers), out=out)
    claim(study.out)
    tuning = carry_out(study)
    if json:
        console.print_json({"data": str(study.data), **tuning.to_dict()})
    else:
        tell(study, tuning)
    if study.out is not None:
        with console.refusing("--out"):
            tuned.write(study, tuning, study.out)
        if not json:
            console.note(f"wrote {study.out / 'report.html'} and beside it tuning.json, trials.csv and the plots")
    console.leave(console.INTERRUPTED if tuning.status == "interrupted" else 0)


def carry_out(study: Study) -> Tuning:
    """Read, build, search; whatever is wrong is one line."""
    from gainsched.tuning import tune as search

    with console.refusing():
        signals = read(study.data, list(study.input), study.output)
    with console.refusing("filter"):
        filters = [specs.filter_from(text, signals.channels) for text in study.filter]
    for text, made in zip(study.filter, filters, strict=True):
        if signals.d is None and made.needs_d:
            raise console.Refused(f"filter {text!r} needs the desired signal: name its column with --output.")
    if study.nonfinite == "raise":
        session.complete(study.data, signals)
    with console.refusing():
        return search(filters, signals.x, signals.d, study.ports, list(study.family), study.validation, study.trials,
                      study.workers, study.storage, study.seed, tail=study.tail,
                      robust=None if study.target == "rms" else study.target, margin_db=study.margin_db,
                      objectives=study.objectives, taps=study.taps, orders=study.orders, nonfinite=study.nonfinite,
                      study=study.study)


def tell(study: Study, tuning: Tuning) -> None:
    """The result for people, and the best trials."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("what", style="cyan", no_wrap=True)
    table.add_column("value")
    table.add_row("data", escape(str(study.data)))
    for name, value in tuning.lines():
        color = COLORS.get(tuning.report.verdict, "yellow") if name == "verdict" and tuning.report else ""
        table.add_row(name, f"[{color}]{escape(value)}[/{color}]" if color else escape(value))
    console.out().print(table)
    trials = Table(box=None, pad_edge=False)
    headings, rows = tuned.ranked(tuning, TOLD)
    for name in headings:
        trials.add_column(name, style="cyan" if name == "trial" else "")
    for row in rows:
        trials.add_row(*map(escape, row))
    console.out().print(trials)


def _only_the_file(path: Path, options: dict[str, Any]) -> None:
    """Refuse options, by the names of their fields, beside a study file: it would not be what was run."""
    given = [name for name, value in options.items() if value]
    if given:
        raise console.Refused(f"{path}: a study file says it all; write {given[0]} into it. Only --out and --json may "
                              "stand beside it.")


def _workers(text: str | None) -> int | str | None:
    if text is None or text == "dask":
        return text
    if not text.isdigit():
        raise console.Refused(f"--workers must be an integer or 'dask', got {text!r}.")
    return int(text)
