"""`gainsched run DATA`: adapt over a recording, judge the gain, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from gainsched.cli import console, session
from gainsched.cli.options import (
    Compensator,
    Data,
    Filter,
    Forgetting,
    Gain,
    Input,
    Json,
    Nonfinite,
    NonfiniteOption,
    Out,
    Output,
)
from gainsched.cli.output import write

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLORS = {"stable": "green", "unstable": "red", "not certified": "yellow"}
SHOWN = 8


def run(
    data: Data, input: Input, output: Output = None, filter: Filter = "nlms:32", gain: Gain = None,
    forgetting: Forgetting = None, compensator: Compensator = None, nonfinite: NonfiniteOption = Nonfinite.RAISE,
    out: Out = None, json: Json = False,
) -> None:
    """Adapt over a recording, judge the gain, report."""
    job = session.prepare(data, input, output, filter=filter, gain=gain, forgetting=forgetting,
                          compensator=compensator, nonfinite=nonfinite)
    claim(out)
    outcome = session.carry_out(job)
    if json:
        console.print_json(outcome.to_dict())
    else:
        tell(outcome)
    if out is not None:
        finish(outcome, out, quiet=json)
    console.leave(outcome.exit_code)


def claim(out: Out) -> None:
    """Make the folder before the work, not after: a place that cannot be written is told at once."""
    if out is not None:
        with console.refusing("--out"):
            out.mkdir(parents=True, exist_ok=True)


def finish(outcome: session.Outcome, out: Out, *, quiet: bool) -> None:
    """Write the folder and say so."""
    assert out is not None
    with console.refusing("--out"):
        write(outcome, out)
    if not quiet:
        console.note(f"wrote {out / 'report.html'} and beside it result.npz, report.json and the plots")


def tell(outcome: session.Outcome) -> None:
    """The result for people."""
    run, job, report = outcome.run, outcome.job, outcome.report
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("what", style="cyan", no_wrap=True)
    table.add_column("value")
    *inputs, goal = (*job.signals.names, "") if job.signals.d is None else job.signals.names
    table.add_row("data", escape(f"{job.data}: {', '.join(inputs)}{' -> ' + goal if goal else ''}"))
    table.add_row("filter", escape(repr(job.loop.filter)))
    for port in job.loop.filter.ports:
        table.add_row(port, escape(repr(getattr(job.loop, port))))
    if job.loop.compensator is not None:
        table.add_row("compensator", escape(repr(job.loop.compensator)))
    missing = f", {console.counted(session.skipped(run))} skipped" if session.skipped(run) else ""
    table.add_row("samples", f"{console.counted(run.n)}{missing}")
    at = "" if run.stopped_at is None else f" at sample {console.counted(run.stopped_at)}"
    style = "green" if outcome.exit_code == 0 else "red"
    table.add_row("status", f"[{style}]{run.status}{at}[/{style}]")
    table.add_row("one-step rms", f"{console.sized(session.rms(run))}, over the last quarter "
                                  f"{console.sized(session.rms(run, from_=0.75))}")
    table.add_row("fit", f"{console.sized(run.fit)} %")
    table.add_row("weights", _few(run.w))
    if run.average is not None:
        table.add_row("averaged weights", _few(run.average))
    for text in session.noticed(outcome):
        table.add_row("noticed", escape(text))
    if report is not None:
        color = COLORS.get(report.verdict, "yellow")
        table.add_row("verdict", f"[{color}]{report.verdict}[/{color}]: {escape(report.sentence)}")
        if report.range is not None:
            low, high = report.range
            table.add_row("stable range", f"{report.port} {console.sized(low)} to {console.sized(high)}")
        if outcome.agreement is not None:
            table.add_row("prediction", outcome.agreement.sentence)
        for warning in report.warnings:
            table.add_row("warning", escape(warning))
    console.out().print(table)
    for text in outcome.notes:
        console.note(text)


def _few(weights: NDArray[np.float64]) -> str:
    """The first weights, and how many more there are."""
    w = weights.reshape(-1)
    return ", ".join(f"{v:.4g}" for v in w[:SHOWN]) + (f" and {len(w) - SHOWN} more" if len(w) > SHOWN else "")
