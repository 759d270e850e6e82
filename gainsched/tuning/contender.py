"""One loop on a recording: its run, what theory says of it, and the figures by which it is compared."""

from __future__ import annotations

import copy
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import Report, analyze
from gainsched.errors import DivergedError, NoTheory
from gainsched.gains import Constant
from gainsched.run import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.loop import Loop
    from gainsched.run import Run

LAST = 0.25                  # of the record: the steady error
STRETCHES, SHORTEST = 200, 25     # of the record, in which the error power is averaged to find when it settled
IN_A_ROW = 3                 # stretches at most twice the steady power
LONGEST = 200_000            # samples for which a predicted curve is followed
TIMED, TIMINGS = 20_000, 3   # samples of one timing, and timings of which the best counts


@dataclass(frozen=True, eq=False)
class Contender:
    """What one loop did. `note` says why there is no report, where there is none."""

    run: Run
    report: Report | None
    note: str
    ns_per_sample: float | None

    def row(self) -> dict[str, Any]:
        """Its line of the table, made anew; nan is what is unknown."""
        run, report = self.run, self.report
        margins = None if report is None else report.margins
        row: dict[str, Any] = {
            "fit": run.fit if run.status is Status.DONE else math.nan,
            "steady_error": steady_error(run), "settling": settling(run), "settling_predicted": predicted(report),
            "gain_margin_db": math.nan, "phase_margin_deg": math.nan, "delay_margin": math.nan,
            "verdict": "unknown" if report is None else report.verdict, "status": str(run.status)}
        if margins is not None:
            row["gain_margin_db"] = 20.0 * math.log10(margins.gain) if margins.gain > 0 else math.nan
            row["phase_margin_deg"], row["delay_margin"] = margins.phase_deg, margins.delay
        if self.ns_per_sample is not None:
            row["ns_per_sample"] = self.ns_per_sample
        return row


def enter(loop: Loop, x: NDArray[Any], d: NDArray[Any] | None, *, timing: bool) -> Contender:
    """Run a copy of the loop over the record, and ask theory."""
    twin = copy.deepcopy(loop)
    try:
        run = twin.run(x, d)
    except DivergedError as error:
        if error.run is None:
            raise
        run = error.run
    report, note = None, ""
    try:
        report = analyze(loop, x=x, d=d)
    except (ValueError, TypeError, NoTheory) as error:
        note = " ".join(str(error).split())
    if timing:
        return Contender(run, report, note, _timed(loop, x, d) if run.status is Status.DONE else math.nan)
    return Contender(run, report, note, None)


def label(loop: Loop) -> str:
    """Filter and gains, as short as they can be told apart.

    Examples
    --------
    >>> import gainsched as gs
    >>> label(gs.Loop(gs.NLMS(8), gain=0.5)), label(gs.Loop(gs.RLS(4), forgetting=0.99))
    ('NLMS(FIR(8)), gain 0.5', 'RLS(FIR(4)), forgetting 0.99')
    """
    parts = [repr(loop.filter)]
    for port in loop.filter.ports:
        source = getattr(loop, port)
        if port == "gain" and isinstance(source, Constant) and source.value == loop.filter.default_gain == 1:
            continue                                       # that of RLS is not chosen
        shown = f"{source.value:g}" if isinstance(source, Constant) else repr(source)
        parts.append(f"{port} {shown}")
    if loop.compensator is not None:
        parts.append(repr(loop.compensator))
    return ", ".join(parts)


def steady_error(run: Run) -> float:
    """Root mean square a-priori error over the last quarter; nan for a loop that diverged.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> steady_error(gs.Run(y=np.zeros(8), e=np.array([9.0, 9, 9, 9, 9, 9, 3, 1]), w=np.zeros(1)))
    2.23606797749979
    """
    if run.status is not Status.DONE:
        return math.nan
    late = _power(run)[run.n - run.n // 4:]
    late = late[np.isfinite(late)]
    return float(np.sqrt(np.mean(late))) if late.size else math.nan


def settling(run: Run) -> float:
    """First sample from which three stretches in a row have at most twice the steady error power; nan: none do.

    A stretch is 1/200 of the record, at least 25 samples.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> e = np.concatenate([np.full(100, 10.0), np.ones(900)])
    >>> settling(gs.Run(y=np.zeros(1000), e=e, w=np.zeros(1)))
    100.0
    """
    steady, span = steady_error(run), max(run.n // STRETCHES, SHORTEST)
    power = _power(run)[:run.n // span * span].reshape(-1, span)
    there = np.isfinite(power)
    count = np.maximum(there.sum(axis=1), 1)
    low = np.sum(np.where(there, power, 0.0), axis=1) / count <= 2.0 * steady**2
    if not math.isfinite(steady) or len(low) < IN_A_ROW:
        return math.nan
    rows = np.flatnonzero(np.convolve(low, np.ones(IN_A_ROW), mode="valid") == IN_A_ROW)
    return float(span * rows[0]) if rows.size else math.nan


def predicted(report: Report | None) -> float:
    """Samples until the predicted error power is at most twice its steady value, and stays; nan: it is unknown."""
    if report is None or report.emse is None or not math.isfinite(report.emse):
        return math.nan
    level = 2.0 * (report.noise + report.emse)
    if not level > 0:
        return math.nan
    try:
        found = report.time_to(level, longest=LONGEST)
    except NoTheory:
        return math.nan
    return math.nan if found is None else float(found)


def _power(run: Run) -> NDArray[np.float64]:
    """Squared errors; nan where a sample was skipped."""
    with np.errstate(over="ignore"):
        power = np.abs(run.e) ** 2
    return power if run.skipped is None else np.where(run.skipped, np.nan, power)


def _timed(loop: Loop, x: NDArray[Any], d: NDArray[Any] | None) -> float:
    """Nanoseconds per sample, the best of a few short runs."""
    x, d = x[:TIMED], None if d is None else d[:TIMED]
    best = math.inf
    for _ in range(TIMINGS):
        twin = copy.deepcopy(loop)
        begin = time.perf_counter_ns()
        twin.run(x, d)
        best = min(best, (time.perf_counter_ns() - begin) / max(len(x), 1))
    return best
