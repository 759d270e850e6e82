"""The monitor: a running loop's health, from what its runs hold anyway; events with sample numbers."""

from __future__ import annotations

import math
import numbers
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.analyze import analyze
from gainsched.analysis.blocks import Blocks
from gainsched.analysis.drive import Drive
from gainsched.errors import DivergedError, refusal
from gainsched.filters import APA, LMS, NLMS, RLS
from gainsched.loop import Loop
from gainsched.run import Record, Run, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from gainsched.excitation import Excitation

    Array = NDArray[Any]

_QUIET = 1e-6                # of the largest power so far: excitation is lost
_ALLOWED, _ALARM = 0.5, 4.0  # CUSUM of ln(power over reference): slack per block, and threshold
_BEST = 8                    # blocks whose mean is the reference where no theory gives one
_MOVED = 10.0                # times the usual step of the weights
_WINDUP = 1e3                # times the initial trace of the covariance
_CONDITION = 1e12            # of the covariance
_TRACE = 2.0 / 3.0           # of gain times regressor power: sufficient in the mean square, independent Gaussian


@dataclass(frozen=True)
class Event:
    """Something that a monitor noticed.

    Attributes
    ----------
    k : int
        Sample on the loop's clock: the end of the block in which it was noticed.
    kind : str
        "gain", "excitation", "covariance", "weights", "error" or "diverged".
    message : str
    value, limit : float
        What was read, and what it passed.

    Examples
    --------
    >>> import gainsched as gs
    >>> print(gs.Event(4095, "excitation", "the input is silent", 0.0, 1e-6))
    4095  excitation  the input is silent (0, limit 1e-06)
    """

    k: int
    kind: str
    message: str
    value: float
    limit: float

    def __str__(self) -> str:
        return f"{self.k}  {self.kind}  {self.message} ({self.value:.4g}, limit {self.limit:.4g})"

    def to_dict(self) -> dict[str, Any]:
        """Strict JSON: what is infinite is None."""
        return {name: None if isinstance(value, float) and not math.isfinite(value) else value
                for name, value in asdict(self).items()}


class Monitor:
    """Watch a loop while it runs: gain, excitation, covariance, weights, error.

    ==========  ====================================================================================================
    gain        effective gain against its bound: the gain itself for normalized filters (limit 2); for LMS the gain
                times the regressor's power in the block (limit: that of theory for `exc`, else 2/3)
    excitation  power of the input in a block below 1e-6 of the largest so far
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
    Cost: some 60 us per run of 10000 samples, and 0.15 ms per look: about a tenth of a loop of 32 taps in such chunks,
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

    def __init__(self, loop: Loop, exc: Excitation | None = None, *, block: int = 1024, latency: int = 131_072) -> None:
        if not isinstance(loop, Loop):
            raise TypeError(refusal("Monitor: loop", loop, "must be a Loop", "Try gs.Loop(gs.NLMS(32), gain=.5)."))
        for name, value in (("block", block), ("latency", latency)):
            if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
                raise ValueError(refusal(f"Monitor: {name}", value, "must be an integer >= 1"))
        self.loop, self.block, self.latency = loop, int(block), int(latency)
        n, filter = loop.filter.model.n, loop.filter
        self._limit, self._reference = math.inf, math.nan
        if isinstance(filter, NLMS | APA):
            self._limit = float(filter.gain_high)
        elif type(filter) is LMS:
            self._limit = _TRACE
        if exc is not None:
            report = analyze(loop, exc)
            if report.emse is not None and math.isfinite(report.emse):
                self._reference = report.noise + report.emse
            if type(filter) is LMS and report.range is not None:
                self._limit = report.range[1] * float(np.trace(np.atleast_2d(exc.sized(n).R)).real)
        self._predicted = math.isfinite(self._reference)
        self._events: list[Event] = []
        self._on: set[str] = set()                     # what holds at present
        self._errors, self._inputs = Blocks(self.block), Blocks(self.block * loop.filter.model.channels)
        self._at = self._next = loop.n                 # where the next block begins, and the next run
        self._seen = loop.n                            # up to where it was looked at
        self._w, self._w_at = loop.w, loop.n
        self._moved: list[tuple[Array, int]] = []
        self._usual = math.nan
        self._peak = self._sum = 0.0
        self._settled = False
        self._recent: Array = np.zeros(0)
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
        self._inputs.add(self.loop.filter.model.columns(x)[: run.n].reshape(-1))
        self._next += run.n
        self._moved.append((run.w, self._next))
        if self._next - self._seen >= self.latency:
            self._look()
        if run.status is Status.DIVERGED and run.stopped_at is not None:
            self._look()
            self._tell("diverged", True, run.stopped_at, "the loop stopped", float(np.abs(run.e[-1])), math.inf)

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything noticed so far, in order."""
        self._look()
        return tuple(self._events)

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

    def _tell(self, kind: str, holds: bool, k: int, message: str, value: float, limit: float) -> None:
        """An event where something begins to hold; silence while it goes on."""
        if holds and message not in self._on:
            self._events.append(Event(int(k), kind, message, float(value), float(limit)))
            self._on.add(message)
        elif not holds:
            self._on.discard(message)

    def _see_excitation(self, ends: Array, powers: Array) -> None:
        peaks = np.maximum.accumulate(np.fmax(powers, self._peak))
        quiet = powers <= _QUIET * peaks
        quiet &= peaks > 0
        for at in _changes(quiet):
            self._tell("excitation", bool(quiet[at]), ends[at], "the input has lost its power", powers[at],
                       _QUIET * peaks[at])
        self._peak = float(peaks[-1])
        self.readings["power"] = float(powers[-1])

    def _see_gain(self, ends: Array, powers: Array) -> None:
        if not math.isfinite(self._limit):
            return
        drive = Drive(self.loop)
        if drive.law is not None or drive.per_weight:
            gains = np.full(len(ends), float(np.max(self.loop._in_force("gain"))))
        else:
            gains = drive(ends)
        plain = type(self.loop.filter) is LMS
        effective = gains * powers * self.loop.filter.model.taps if plain else gains
        over = effective > self._limit
        what = "gain times regressor power" if plain else "gain"
        for at in _changes(over):
            self._tell("gain", bool(over[at]), ends[at], f"{what} passes its bound", effective[at], self._limit)
        self.readings["gain"], self.readings["gain_limit"] = float(effective[-1]), self._limit

    def _see_error(self, ends: Array, powers: Array) -> None:
        seen = np.flatnonzero(powers > 0)              # elsewhere nothing is there, or all of it is missing
        if not len(seen):
            return
        ends, powers = ends[seen], powers[seen]
        references = self._references(powers)
        with np.errstate(invalid="ignore"):
            excess = np.where(np.isfinite(powers), np.log(powers / references) - _ALLOWED, _ALARM)
        if self._settled and self._sum == 0 and not (excess > 0).any():
            pass                                       # the sum stays at zero: nothing to add up
        else:
            self._add_up(ends, powers, references, excess)
        self._reference = float(references[-1])
        self.readings["error"], self.readings["error_reference"] = float(powers[-1]), self._reference

    def _references(self, powers: Array) -> Array:
        """Theory's error power, or the smallest mean of 8 blocks up to each; nan before there are so many."""
        if self._predicted:
            return np.full(len(powers), self._reference)
        recent = np.concatenate([self._recent, powers])
        self._recent = recent[1 - _BEST :]
        means = np.full(len(powers), np.nan)
        if len(recent) >= _BEST:
            found = np.convolve(recent, np.ones(_BEST) / _BEST, mode="valid")
            means[len(powers) - len(found) :] = found
        return np.asarray(np.fmin.accumulate(np.fmin(means, self._reference)))

    def _add_up(self, ends: Array, powers: Array, references: Array, excess: Array) -> None:
        """The cumulative sum, block by block."""
        for i, (k, more) in enumerate(zip(ends.tolist(), excess.tolist(), strict=True)):
            self._settled = self._settled or more <= 0
            if not self._settled or math.isnan(more):
                continue
            self._sum = max(0.0, min(self._sum + more, 2.0 * _ALARM))
            if self._sum > _ALARM or self._sum == 0:
                self._tell("error", self._sum > 0, k, "the error is larger than predicted" if self._predicted else
                           "the error is larger than it was", float(powers[i]), float(references[i]))

    def _see_weights(self, w: Array, end: int) -> None:
        moved = (w - self._w).reshape(-1)
        step = math.sqrt(float(np.vdot(moved, moved).real)) / math.sqrt(end - self._w_at)
        if math.isfinite(self._usual) and step > 0:
            self._tell("weights", step > _MOVED * self._usual > 0, end - 1, "the weights move faster than usual", step,
                       _MOVED * self._usual)
        self._usual = step if math.isnan(self._usual) else math.sqrt(0.8 * self._usual**2 + 0.2 * step**2)
        self._w, self._w_at = w, end
        self.readings["weight_step"] = step

    def _see_covariance(self, k: int) -> None:
        filter = self.loop.filter
        if not isinstance(filter, RLS):
            return
        state = self.loop.state
        upper = np.triu(state["filter_P"].reshape(filter.model.n, -1))
        values = np.linalg.eigvalsh(upper + np.triu(upper, 1).T)
        growth = float(values.sum() / (filter.delta * filter.model.n))
        condition = float(values[-1] / values[0]) if values[0] > 0 else math.inf
        self._tell("covariance", growth > _WINDUP, k, "windup: the trace of the covariance over its start", growth,
                   _WINDUP)
        self._tell("covariance", condition > _CONDITION, k, "condition of the covariance", condition, _CONDITION)
        self.readings["covariance_trace"], self.readings["covariance_condition"] = growth, condition


def _changes(holds: Array) -> list[int]:
    """The first index, and those at which it begins or ceases to hold."""
    return [0, *(np.flatnonzero(holds[1:] != holds[:-1]) + 1).tolist()]
