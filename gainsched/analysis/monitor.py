"""The monitor: a running loop's health, from what its runs hold anyway; events with sample numbers."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.analyze import analyze
from gainsched.analysis.blocks import Blocks
from gainsched.analysis.effective import effective_gain, gain_limit
from gainsched.analysis.event import Event, Log
from gainsched.analysis.level import Level
from gainsched.analysis.persistence import FLAT, Persistence
from gainsched.analysis.windup import covariance
from gainsched.errors import DivergedError, refusal
from gainsched.filters import LMS, RLS
from gainsched.loop import Loop
from gainsched.run import Record, Run, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from gainsched.excitation import Excitation

    Array = NDArray[Any]

_QUIET = 1e-6                # of the largest power so far: excitation is lost
_MOVED = 10.0                # times the usual step of the weights
_WINDUP = 1e3                # times the initial trace of the covariance
_CONDITION = 1e12            # of the covariance


class Monitor:
    """Watch a loop while it runs: gain, excitation, covariance, weights, error.

    ==========  ====================================================================================================
    gain        effective gain against its bound: the gain itself for normalized filters (limit 2); for LMS the gain
                times the regressor's power in the block (limit: that of theory for `exc`, else 2/3)
    excitation  power of the input in a block below 1e-6 of the largest so far; or a direction of the weights that the
                newest samples do not excite: eigenvalue of their covariance below 1e-8 of the largest
    covariance  RLS: trace of P above 1000 times its start (windup), or its condition above 1e12
    weights     a step of the weights, per square root of samples, 10 times their usual one
    error       CUSUM of ln(error power over reference) with slack 1/2 per block above 4; the reference is theory's
                error power for `exc`, else the best mean of 8 blocks so far; it counts from the first block within it
    diverged    the loop stopped
    ==========  ====================================================================================================

    Each tells the sample at which it began to hold, once, and again only after it has ceased.

    Parameters
    ----------
    loop : Loop
        The loop to watch; `run` and `stream` run it.
    exc : Excitation, optional
        Its operating point, for theory's bound and error power.
    block : int
        Samples per reading.
    latency : int
        Samples that are gathered before they are looked at (`events` looks at once): this is what makes it cheap.

    Notes
    -----
    Cost: some 35 us per run of 50000 samples, and 0.1 ms per look: some 9 % of a loop of 32 taps in such chunks,
    less in longer ones or with more taps. Small chunks cost relatively more, some 30 us each.

    References
    ----------
    E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954): CUSUM.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal(20_000)
    >>> d = np.convolve(x, [1.0, -0.5])[:20_000] + 0.1 * rng.standard_normal(20_000)
    >>> d[12_000:] += 2.0 * rng.standard_normal(8_000)                # a noise that was not there before
    >>> monitor = gs.Monitor(gs.Loop(gs.NLMS(4), gain=0.1))
    >>> for run in monitor.stream((x[i:i + 1000], d[i:i + 1000]) for i in range(0, 20_000, 1000)):
    ...     pass
    >>> [event.kind for event in monitor.events if event.kind == "error"]
    ['error']
    >>> 12_000 <= next(event.k for event in monitor.events if event.kind == "error") < 13_000
    True
    """

    def __init__(self, loop: Loop, exc: Excitation | None = None, *, block: int = 1024, latency: int = 524_288) -> None:
        if not isinstance(loop, Loop):
            raise TypeError(refusal("Monitor: loop", loop, "must be a Loop", "Try gs.Loop(gs.NLMS(32), gain=.5)."))
        for name, value in (("block", block), ("latency", latency)):
            if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
                raise ValueError(refusal(f"Monitor: {name}", value, "must be an integer >= 1"))
        self.loop, self.block, self.latency = loop, int(block), int(latency)
        report = None if exc is None else analyze(loop, exc)
        self._limit, reference = gain_limit(loop, exc, report), math.nan
        if report is not None and report.emse is not None and math.isfinite(report.emse):
            reference = report.noise + report.emse
        self._level = Level(reference)
        self._log = Log()
        self._persistence = Persistence(loop.filter.model, loop.n, 4 * self.latency)
        self._errors, self._inputs = Blocks(self.block), Blocks(self.block * loop.filter.model.channels)
        self._at = self._next = loop.n                 # where the next block begins, and the next run
        self._seen = loop.n                            # up to where it was looked at
        self._w, self._w_at = loop.w, loop.n
        self._moved: list[tuple[Array, int]] = []
        self._usual = math.nan
        self._peak = 0.0
        self.readings: dict[str, float] = {}

    def run(self, x: ArrayLike, d: ArrayLike | None = None, record: Record | None = None) -> Run:
        """Run the loop over a record, and watch.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> monitor = gs.Monitor(gs.Loop(gs.NLMS(4), gain=0.5))
        >>> monitor.run(np.zeros(1000), np.zeros(1000)).n, monitor.events
        (1000, ())
        """
        try:
            run = self.loop.run(x, d, record)
        except DivergedError as stopped:
            if stopped.run is not None:
                self.watch(stopped.run, x)
            raise
        self.watch(run, x)
        return run

    def stream(self, chunks: Iterable[tuple[ArrayLike, ArrayLike]], record: Record | None = None) -> Iterator[Run]:
        """Run the loop over (x, d) chunks, one Run each, and watch."""
        for x, d in chunks:
            run = self.run(x, d, record)
            yield run
            if run.status is not Status.DONE:
                return

    def watch(self, run: Run, x: ArrayLike) -> None:
        """Take in a run of the loop that was made elsewhere; runs must follow each other.

        Parameters
        ----------
        run : Run
        x : array
            What it ran over.

        Raises
        ------
        ValueError
            When the run does not continue where the last one ended.
        """
        if run.start != self._next:
            raise ValueError(refusal("watch: start of the run", run.start, f"must be {self._next}, where the last "
                                     "ended"))
        if not run.n:
            return
        self._errors.add(run.e)
        columns = self.loop.filter.model.columns(x)[: run.n]
        self._inputs.add(columns.reshape(-1))
        for at, rank, level in self._persistence.take(columns):
            self._see_directions(at, rank, level)
        self._next += run.n
        self._moved.append((run.w, self._next))
        if self._next - self._seen >= self.latency:
            self._look()
        if run.status is Status.DIVERGED and run.stopped_at is not None:
            self._look()
            self._log.tell("diverged", True, run.stopped_at, "the loop stopped", float(np.abs(run.e[-1])), math.inf)

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything noticed so far, in order."""
        if self._seen != self._next:
            self._look()
            self._see_directions(self._next - 1, *self._persistence.now())
        return tuple(sorted(self._log.events, key=lambda event: event.k))

    def to_dict(self) -> dict[str, Any]:
        """Events and the last readings, for strict JSON."""
        events = [event.to_dict() for event in self.events]
        return {"events": events, "readings": {name: value if math.isfinite(value) else None
                                               for name, value in self.readings.items()}}

    def __repr__(self) -> str:
        return f"<Monitor of {self.loop!r}: {len(self.events)} events>"

    def __str__(self) -> str:
        return "\n".join(map(str, self.events)) or "nothing noticed"

    # -- looking -----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Judge all whole blocks that wait."""
        if self._seen == self._next:
            return
        errors, inputs = self._errors.take(), self._inputs.take() * self.loop.filter.model.channels
        if len(errors):
            ends = self._at + self.block * np.arange(1, len(errors) + 1) - 1
            self._see_excitation(ends, inputs)
            self._see_gain(ends, inputs)
            self._see_error(ends, errors)
            self._at += self.block * len(errors)
        for w, end in self._moved:
            self._see_weights(w, end)
        self._moved, self._seen = [], self._next
        self._see_covariance(self._next - 1)

    def _see_excitation(self, ends: Array, powers: Array) -> None:
        peaks = np.maximum.accumulate(np.fmax(powers, self._peak))
        quiet = powers <= _QUIET * peaks
        quiet &= peaks > 0
        self._log.follow("excitation", quiet, ends, "the input has lost its power", powers, _QUIET * peaks)
        self._peak = float(peaks[-1])
        self.readings["power"] = float(powers[-1])

    def _see_directions(self, k: int, rank: int, level: float) -> None:
        if not rank:                                   # not known
            return
        flat = rank < self._persistence.n
        self._log.tell("excitation", flat, k, "the input does not excite every weight", level, FLAT)
        self.readings["excited"], self.readings["excitation_level"] = float(rank), level

    def _see_gain(self, ends: Array, powers: Array) -> None:
        if not math.isfinite(self._limit):
            return
        found = effective_gain(self.loop, ends, powers)
        what = "gain times regressor power" if type(self.loop.filter) is LMS else "gain"
        self._log.follow("gain", found > self._limit, ends, f"{what} passes its bound", found, self._limit)
        self.readings["gain"], self.readings["gain_limit"] = float(found[-1]), self._limit

    def _see_error(self, ends: Array, powers: Array) -> None:
        seen = powers > 0                              # elsewhere nothing is there, or all of it is missing
        if not seen.all():
            ends, powers = ends[seen], powers[seen]
        if not len(powers):
            return
        known = "predicted" if self._level.predicted else "it was"
        for at, high, reference in self._level.judge(powers):
            self._log.tell("error", high, ends[at], f"the error is larger than {known}", powers[at], reference)
        self.readings["error"], self.readings["error_reference"] = float(powers[-1]), self._level.reference

    def _see_weights(self, w: Array, end: int) -> None:
        moved = (w - self._w).reshape(-1)
        step = math.sqrt(float(np.vdot(moved, moved).real)) / math.sqrt(end - self._w_at)
        if math.isfinite(self._usual) and step > 0:
            self._log.tell("weights", step > _MOVED * self._usual > 0, end - 1, "the weights move faster than usual",
                           step, _MOVED * self._usual)
        self._usual = step if math.isnan(self._usual) else math.sqrt(0.8 * self._usual**2 + 0.2 * step**2)
        self._w, self._w_at = w, end
        self.readings["weight_step"] = step

    def _see_covariance(self, k: int) -> None:
        if not isinstance(self.loop.filter, RLS):
            return
        growth, condition = covariance(self.loop, self.loop.filter.delta)
        windup = "windup: the trace of the covariance over its start"
        self._log.tell("covariance", growth > _WINDUP, k, windup, growth, _WINDUP)
        self._log.tell("covariance", condition > _CONDITION, k, "condition of the covariance", condition, _CONDITION)
        self.readings["covariance_trace"], self.readings["covariance_condition"] = growth, condition
