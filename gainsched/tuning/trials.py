"""Trials: candidates, what they scored, and the bench on which batches of them run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gainsched.analysis import analyze
from gainsched.errors import NoTheory
from gainsched.loop import Loop
from gainsched.tuning.objective import Score, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gainsched.filters import Filter
    from gainsched.tuning.objective import Segment
    from gainsched.tuning.workers import Work

BATCH = 8                   # candidates whose bound is the same: fixed, so that workers do not change it
SLACK = 2.0                 # times the best score: what is certainly worse than that stops
STEEP = 2.0                 # dB of score for each dB of margin that is missing


@dataclass(frozen=True)
class Candidate:
    """Ports and filter to try: by name in `params`, as a loop takes them in `ports`."""

    filter: Filter
    family: str
    phase: str
    params: dict[str, Any]
    ports: dict[str, Any]
    key: str = ""
    note: str = ""                     # why it cannot be built


@dataclass(frozen=True)
class Trial:
    """One candidate and what it scored.

    Attributes
    ----------
    number, batch : int
    phase : str
        "default", "line" (grid and refinement) or "sample".
    filter : Filter
    family : str
    params, ports : dict
        The searched parameters; the ports' values they make.
    error : float
        Unit of d, on the validation part; inf for what diverged.
    score : float
        The error, made worse where margin is missing: what the choice goes by.
    margin_db : float
        Gain margin, dB; nan where theory has none, or nobody asked.
    status : str
        "done", "stopped", "diverged" or "refused".
    samples : int
    weight : float
    note : str
    """

    number: int
    batch: int
    phase: str
    filter: Filter = field(repr=False)
    family: str
    params: dict[str, Any]
    ports: dict[str, Any] = field(repr=False)
    error: float
    score: float
    margin_db: float
    status: str
    samples: int
    weight: float = field(default=math.nan, repr=False)
    note: str = ""
    key: str = field(default="", repr=False)

    def row(self) -> dict[str, Any]:
        """One row of the table."""
        return {"number": self.number, "batch": self.batch, "phase": self.phase, "filter": repr(self.filter),
                "family": self.family, "params": dict(self.params), "error": self.error, "score": self.score,
                "margin_db": self.margin_db, "status": self.status, "samples": self.samples, "note": self.note}


class Bench:
    """Runs candidates in batches and keeps what they scored.

    Parameters
    ----------
    segment : Segment
    work : callable
        As `workers.hired` yields it.
    options : dict
        Of every loop: nonfinite, compensator, w0, limit.
    margin_db : float, optional
        Gain margin asked for. A loop that misses it by m dB scores 2 m dB worse: twice, since an error never rises
        faster than in proportion as a gain falls, so that the choice moves to where the margin is met.
    margins : bool
        The margin is an objective of its own: it is worked out for every trial, and none stops early.
    excitation : callable
        Filter -> Excitation, for margins.
    known : dict
        Scores by key, from a storage: not run again.
    learned : callable
        Told of each batch that ran.
    """

    def __init__(self, segment: Segment, work: Work, options: dict[str, Any], *, margin_db: float | None,
                 margins: bool, excitation: Callable[[Filter], Any], known: dict[str, Score],
                 learned: Callable[[list[Trial]], None]) -> None:
        self.segment, self.work, self.options = segment, work, options
        self.margin_db, self.margins, self.excitation = margin_db, margins, excitation
        self.known, self.learned = known, learned
        self.trials: list[Trial] = []
        self.batches = 0

    def loop(self, filter: Filter, ports: dict[str, Any], on_divergence: str = "stop") -> Loop:
        """A fresh loop with every option of this job."""
        return Loop(filter, **ports, on_divergence=on_divergence, **self.options)

    def run(self, candidates: Sequence[Candidate]) -> list[Trial]:
        """Evaluate up to `BATCH` candidates; the bound is the best score of the batches before."""
        best = best_of(self.trials)
        bound = math.inf if self.margins or best is None else SLACK * best.score
        scores: list[Score | None] = [self.known.get(c.key) for c in candidates]
        loops: list[tuple[int, Loop]] = []
        for i, candidate in enumerate(candidates):
            if scores[i] is None:
                try:
                    if candidate.note:
                        raise ValueError(candidate.note)
                    loops.append((i, self.loop(candidate.filter, candidate.ports)))
                except ValueError as refused:
                    scores[i] = Score(math.inf, "refused", 0, note=" ".join(str(refused).split()))
        found = self.work(evaluate, [(loop, self.segment, bound) for _, loop in loops])
        for (i, _), score in zip(loops, found, strict=True):
            scores[i] = score
        made = [self._trial(c, s, len(self.trials) + i)
                for i, (c, s) in enumerate(zip(candidates, scores, strict=True)) if s is not None]
        self.trials += made
        self.batches += 1
        self.learned(made)
        return made

    def _trial(self, c: Candidate, s: Score, number: int) -> Trial:
        wanted = self.margins or self.margin_db is not None
        margin = self._margin(c) if wanted and s.status == "done" else math.nan
        score = s.error
        if self.margin_db is not None and margin < self.margin_db:
            score *= 10.0 ** (STEEP * (self.margin_db - margin) / 20.0)
        return Trial(number, self.batches, c.phase, c.filter, c.family, c.params, c.ports, s.error, score, margin,
                     s.status, s.samples, s.weight, s.note, c.key)

    def _margin(self, c: Candidate) -> float:
        try:
            margins = analyze(self.loop(c.filter, c.ports), self.excitation(c.filter)).margins
        except (NoTheory, ValueError):
            return math.nan
        return math.nan if margins is None or not margins.gain > 0 else 20.0 * math.log10(margins.gain)


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The lowest score among those that ran to the end; the earliest of equals."""
    done = [t for t in trials if t.status == "done"]
    return min(done, key=lambda t: (t.score, t.number)) if done else None
