"""One job: read a recording, build the loop, adapt over it, and let theory judge it."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import math
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from gainsched.analysis import Monitor, analyze
from gainsched.cli import console, specs
from gainsched.errors import NoTheory
from gainsched.io import read
from gainsched.loop import Loop
from gainsched.run import Record, Run, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gainsched.analysis import Agreement, Event, Report
    from gainsched.filters import Filter
    from gainsched.io import Signals

GAINS, WEIGHTS = 20_000, 2_000_000        # numbers kept of a long record's gains, and of its weights
PIECES, LEAST = 64, 4096                  # a watched run goes in so many pieces, of so many samples at least
DOUBT_DB = 3.0                            # between prediction and measurement, from which the prediction is doubted
STRETCHES, SHORTEST = 10, 100             # in which prediction and measurement are compared, and samples of one
EVENTS = 8                                # told one by one
PATIENCE = 0.5                            # seconds before a bar is worth looking at


@dataclass(frozen=True)
class Job:
    """What the user asked for, checked and built."""

    data: str
    signals: Signals
    loop: Loop
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a job: the run, and what theory says of its loop (None where nothing could be said)."""

    job: Job
    run: Run
    report: Report | None
    notes: tuple[str, ...] = field(default=())
    cut_short: bool = False            # Ctrl-C met the analysis, after the run was done
    events: tuple[Event, ...] = ()     # what the monitor noticed during the run
    agreement: Agreement | None = None # predicted against measured, where there is a prediction

    @property
    def exit_code(self) -> int:
        """0 done, 3 diverged, 130 interrupted."""
        return console.INTERRUPTED if self.cut_short else {Status.DONE: 0, Status.DIVERGED: console.DIVERGED,
                Status.INTERRUPTED: console.INTERRUPTED}[self.run.status]

    def to_dict(self) -> dict[str, Any]:
        """The result as numbers, for strict JSON."""
        run, loop = self.run, self.job.loop
        return {
            "data": self.job.data, "signals": list(self.job.signals.names), "filter": repr(loop.filter),
            "gain": repr(loop.gain), "forgetting": repr(loop.forgetting) if "forgetting" in loop.filter.ports else None,
            "compensator": None if loop.compensator is None else repr(loop.compensator),
            "n": run.n, "status": str(run.status), "stopped_at": run.stopped_at, "fit": run.fit,
            "rms": rms(run), "rms_last_quarter": rms(run, from_=0.75), "skipped": skipped(run), "w": run.w,
            **({} if run.average is None else {"average": run.average}),
            "verdict": None if self.report is None else self.report.verdict,
            "report": None if self.report is None else self.report.to_dict(), "notes": list(self.notes),
            "agreement": None if self.agreement is None else self.agreement.to_dict(),
            "events": [event.to_dict() for event in self.events],
        }


def prepare(data: Path, inputs: Sequence[str], output: str | None, *, filter: str, gain: str | None,
            forgetting: str | None, nonfinite: str, compensator: str | None = None) -> Job:
    """Read the recording and build the loop; whatever is wrong is refused in one line that names the option."""
    with console.refusing():
        signals = read(data, list(inputs), output)
    with console.refusing("--filter"):
        built = specs.filter_from(filter, signals.channels)
        plain = specs.filter_from(filter)
    with console.refusing("--gain"):
        mu = None if gain is None else specs.gain_from(gain)
    with console.refusing("--forgetting"):
        memory = None if forgetting is None else specs.gain_from(forgetting)
    with console.refusing("--compensator"):
        between = None if compensator is None else specs.compensator_from(compensator)
    _fits(built, signals, gain)
    notes = []
    if built != plain:
        notes.append(f"{filter} took its number of channels from the {signals.channels} inputs: {built!r}.")
    with console.refusing():
        loop = Loop(built, mu, memory, compensator=between, nonfinite=str(nonfinite), on_divergence="stop")
    if nonfinite == "raise":
        complete(data, signals)
    return Job(str(data), signals, loop, tuple(notes))


def _fits(built: Filter, signals: Signals, gain: str | None) -> None:
    """Refuse what filter and data do not have in common, in the words of the command line."""
    name = type(built).__name__
    if signals.d is None and built.needs_d:
        raise console.Refused(f"{name} needs the desired signal: name its column with --output.")
    if built.model.channels != signals.channels:
        raise console.Refused(f"--filter {built!r} takes {built.model.channels} inputs, --input names "
                              f"{signals.channels}.")
    if gain is None and built.default_gain is None:
        raise console.Refused(f"{name} has no default gain, the safe range depends on the signal: pass --gain. "
                              "gainsched design finds one from what you ask of it.")


def complete(data: Path, signals: Signals) -> None:
    """Refuse missing values, in the words of the command line."""
    x = signals.x.reshape(len(signals.x), -1)
    columns = x if signals.d is None else np.column_stack([x, signals.d])
    gaps = np.argwhere(~np.isfinite(columns))
    if len(gaps):
        rows = len(np.unique(gaps[:, 0]))
        raise console.Refused(
            f"{data}: {'a row has' if rows == 1 else f'{console.counted(rows)} rows have'} missing or infinite values, "
            f"the first is row {gaps[0, 0] + 1} "
            f"({signals.names[gaps[0, 1]]}). Pass --nonfinite skip to pass over them, or --nonfinite hold.")


def carry_out(job: Job) -> Outcome:
    """Adapt over the record, and judge a twin of the loop that stands before the first sample.

    The run comes first: it is quick, and Ctrl-C during the analysis then leaves it whole.
    """
    twin = copy.deepcopy(job.loop)
    every = max(1, len(job.signals.x) // GAINS)
    rows = max(1, WEIGHTS // job.loop.filter.model.n)
    record = Record(gain=every, weights=max(1, len(job.signals.x) // min(rows, GAINS)))
    monitor = Monitor(job.loop)
    run = adapt(job.loop, job.signals.x, job.signals.d, record)
    monitor.watch(run, job.signals.x)
    if run.status is Status.INTERRUPTED:
        return Outcome(job, run, None, (*job.notes, "no analysis: interrupted."), events=monitor.events)
    try:
        report, notes = judge(twin, job.signals)
    except KeyboardInterrupt:
        return Outcome(job, run, None, (*job.notes, "no analysis: interrupted."), cut_short=True, events=monitor.events)
    doubt = mismatch(run, report) if run.status is Status.DONE else ""
    return Outcome(job, run, report, (*job.notes, *notes, *([doubt + "."] if doubt else [])),
                   events=monitor.events, agreement=compared(run, report))


def judge(loop: Loop, signals: Signals) -> tuple[Report | None, tuple[str, ...]]:
    """What theory says of the loop on this record; a record that theory cannot use is a note, no failure."""
    terminal = console.err()
    waiting = terminal.status("analyzing") if terminal.is_terminal else contextlib.nullcontext()
    try:
        with waiting:
            return analyze(loop, x=signals.x, d=signals.d), ()
    except (ValueError, TypeError, MemoryError) as error:
        return None, (f"no analysis: {' '.join(str(error).split())}",)


def adapt(loop: Loop, x: NDArray[Any], d: NDArray[Any] | None, record: Record) -> Run:
    """Run over a record; at a terminal a long one shows its progress. Ctrl-C keeps what is done."""
    total = len(x)
    piece = max(LEAST, -(-total // PIECES)) if sys.stderr.isatty() else max(total, 1)
    runs: list[Run] = []
    began = time.monotonic()
    bar = Progress(TextColumn("adapting"), BarColumn(), TextColumn("{task.percentage:3.0f} %"),
                   TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=console.err(), transient=True)
    task = bar.add_task("adapting", total=total, rate="")
    try:
        for start in range(0, max(total, 1), piece):
            stop = start + piece
            with console.refusing():
                runs.append(loop.run(x[start:stop], None if d is None else d[start:stop], record))
            if runs[-1].status is not Status.DONE:
                break
            done, elapsed = min(stop, total), time.monotonic() - began
            if elapsed > PATIENCE and done < total and not bar.live.is_started:
                bar.start()
            bar.update(task, completed=done, rate=f"{done / max(elapsed, 1e-9) / 1e6:.2f} million samples/s")
    except KeyboardInterrupt as stopped:
        part = getattr(stopped, "run", None)
        runs += [part] if part is not None else []
        if not runs:
            raise
        return dataclasses.replace(joined(runs), status=Status.INTERRUPTED)
    finally:
        if bar.live.is_started:               # stopping one that never showed would print an empty line
            bar.stop()
    return joined(runs)


def compared(run: Run, report: Report | None) -> Agreement | None:
    """Predicted against measured in up to ten stretches; None without a prediction, or for a run too short for it."""
    windows = min(STRETCHES, run.n // SHORTEST)
    if report is None or run.status is not Status.DONE or not windows:
        return None
    try:
        found = report.compare(run, windows=windows)
    except (NoTheory, ValueError):                 # no curve; or nearly all of the errors are missing
        return None
    return found if np.isfinite(found.predicted).all() and (found.predicted > 0).all() else None


def mismatch(run: Run, report: Report | None) -> str:
    """A sentence where measured and predicted error power disagree over the last quarter, which theory cannot know."""
    quarter = run.n // 4
    measured = rms(run, from_=0.75)
    if report is None or quarter < 100 or not measured > 0:
        return ""
    try:
        curve = report.learning_curve(run.n, every=max(1, run.n // 1000))
    except NoTheory:
        return ""
    predicted = float(np.mean(curve[-len(curve) // 4:]))
    if not (math.isfinite(predicted) and predicted > 0):
        return ""
    gap = 10 * math.log10(predicted / measured**2)
    if abs(gap) < DOUBT_DB:
        return ""
    side = "above" if gap > 0 else "below"
    return (f"over the last quarter theory predicts an error power {abs(gap):.0f} dB {side} the measured one: its "
            "statistics (one stationary, Gaussian regressor with noise) do not describe this record. Go by the "
            "range and by the measured curve")


def noticed(outcome: Outcome) -> list[str]:
    """The monitor's events as sentences, the first few; that the run diverged is told elsewhere."""
    told = [f"sample {console.counted(event.k)}: {event.message} ({console.sized(event.value)}, limit "
            f"{console.sized(event.limit)})" for event in outcome.events if event.kind != "diverged"]
    return told if len(told) <= EVENTS else [*told[:EVENTS], f"and {len(told) - EVENTS} more, see report.json"]


def joined(runs: list[Run]) -> Run:
    """Consecutive runs as one; neighbors pair up, so that nothing is copied more than log2 of their number times."""
    while len(runs) > 1:
        pairs = [a + b for a, b in zip(runs[::2], runs[1::2], strict=False)]
        runs = pairs + (runs[-1:] if len(runs) % 2 else [])
    return runs[0]


def rms(run: Run, from_: float = 0.0, to: float = 1.0) -> float:
    """Root mean square of the one-step error over a part of the record, samples without an update left out."""
    sound = np.isfinite(run.e)
    if run.skipped is not None:
        sound &= ~run.skipped
    part = slice(int(from_ * run.n), int(np.ceil(to * run.n)))
    errors = np.abs(run.e[part][sound[part]])
    return float(np.sqrt(np.mean(errors**2))) if errors.size else float("nan")


def skipped(run: Run) -> int:
    """Samples without an update."""
    return 0 if run.skipped is None else int(run.skipped.sum())
