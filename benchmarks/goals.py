"""What we hold ourselves to, as ratios within one run; each goal reads its numbers by (job, n, who)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Numbers = dict[tuple[str, int, str], float]
Found = tuple[float, str] | None                # what was reached, and by whom where the worst of several counts

PEERS = ("padasip", "pydaptivefiltering")
ROWS = {8: 300, 32: 300, 128: 300, 512: 100, 2048: 60}
WALL = "64 trials, on the wall"
LFILTER, PEAK, OURS = "scipy lfilter (no adaptation)", "FMA limit", "gainsched"


@dataclass(frozen=True)
class Goal:
    """`find` gives what was reached, None where it was not measured; a floor or a ceiling, in `unit`."""

    what: str
    n: int
    find: Callable[[Numbers], Found]
    floor: float | None = None
    ceiling: float | None = None
    unit: str = "x"

    def met(self, value: float) -> bool:
        return value >= self.floor if self.floor is not None else value <= self.ceiling

    def row(self, numbers: Numbers) -> tuple[str, str, str, str, str]:
        """What, where, the goal, what was reached, and whether that is enough."""
        found = self.find(numbers)
        bound = f"≥ {self.floor:g}" if self.floor is not None else f"≤ {self.ceiling:g}"
        where = f"{self.n}" if self.n else ""
        if found is None:
            return self.what, where, f"{bound} {self.unit}".strip(), "-", "not measured"
        value, who = found
        reached = f"{value:.3g} ({who})" if who not in ("", OURS) else f"{value:.3g}"
        return self.what, where, f"{bound} {self.unit}".strip(), reached, "met" if self.met(value) else "not met"


def ratio(over: tuple[str, str], under: tuple[str, str], n: int) -> Callable[[Numbers], Found]:
    """One number over another, each by (job, who)."""
    def find(numbers: Numbers) -> Found:
        a, b = numbers.get((over[0], n, over[1])), numbers.get((under[0], n, under[1]))
        return (a / b, "") if a and b else None
    return find


def worst(job: str, n: int) -> Callable[[Numbers], Found]:
    """The largest number of a job, whoever has it, or of all jobs whose name begins so."""
    def find(numbers: Numbers) -> Found:
        found = [(value, who) for (name, taps, who), value in numbers.items() if name.startswith(job) and taps == n]
        return max(found) if found else None
    return find


def against(algorithm: str, peer: str, ratios: dict[int, float]) -> list[Goal]:
    """The peer's time over ours, by number of taps."""
    return [Goal(f"{algorithm} against {peer}", n, ratio((algorithm, peer), (algorithm, OURS), n), floor=least)
            for n, least in ratios.items()]


GOALS = [
    *(goal for peer in PEERS for goal in against("LMS", peer, ROWS)),
    *against("LMS", "numba", {8: 2.5, 32: 4, 128: 6, 512: 8, 2048: 8}),
    *against("LMS", "numba fastmath", dict.fromkeys(ROWS, 1.5)),
    *against("LMS", LFILTER, dict.fromkeys((32, 128, 512, 2048), 1)),
    *(Goal("LMS, share of the FMA peak", n, ratio(("LMS", PEAK), ("LMS", OURS), n), floor=0.6, unit="")
      for n in (512, 2048)),
    *(Goal("NLMS over LMS", n, ratio(("NLMS", OURS), ("LMS", OURS), n), ceiling=1.3) for n in ROWS),
    *(Goal("worst scalar law over the constant gain", n, worst("scalar law", n), ceiling=1.5) for n in (8, 32, 128)),
    *(Goal("array of gains over the constant gain", n, worst("array", n), ceiling=1.05) for n in (8, 32, 128)),
    *(Goal("worst schedule, evaluation per sample", n, worst("schedule", n), ceiling=10, unit="ns") for n in (8, 32)),
    *against("RLS", "pyroomacoustics", {8: 100, 32: 40, 128: 12, 512: 8}),
    *against("RLS", "numba", {32: 3, 128: 3, 512: 3}),
    Goal("RLS .99, burst and silence: error over noise", 8, worst("RLS, forgetting 0.99", 8), ceiling=1.05),
    Goal("RLS .95, burst and silence: error over noise", 8, worst("RLS, forgetting 0.95", 8), ceiling=1.25),
    Goal("run_many, 64 trials, against a run per trial", 8,
         ratio(("64 trials", "a run per trial"), ("64 trials", "run_many"), 8), floor=3),
    *(Goal("run_many, 64 trials, two threads against one", n,
           ratio((WALL, "run_many"), (WALL, "run_many, 2 threads"), n), floor=1.7)
      for n in (8, 32)),
    *against("NLMS step", "pyroomacoustics", {8: 50}),
    *against("NLMS step", "numba", {8: 8}),
    Goal("memory of its own over a memory-mapped record", 8, worst("memory", 8), ceiling=200, unit="MB"),
    Goal("import gainsched", 0, worst("import", 0), ceiling=0.3, unit="s"),
]
REQUIRED = [*against("LMS", "padasip", {32: 100}), *against("NLMS step", "pyroomacoustics", {8: 30})]
