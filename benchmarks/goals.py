"""The ratios we hold ourselves to: time of the peer over our own, in one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from timing import Timing


@dataclass(frozen=True)
class Goal:
    """`peer` takes at least `ratio` times as long as we do."""

    algorithm: str
    n: int
    peer: str
    ratio: float
    required: bool = False


def each(algorithm: str, peer: str, ratios: dict[int, float]) -> list[Goal]:
    return [Goal(algorithm, n, peer, ratio) for n, ratio in ratios.items()]


GOALS = [
    Goal("LMS", 32, "padasip", 100, required=True),
    Goal("NLMS step", 8, "pyroomacoustics", 30, required=True),
    *each("LMS", "padasip", {8: 300, 32: 300, 128: 300, 512: 100, 2048: 60}),
    *each("LMS", "pydaptivefiltering", {8: 300, 32: 300, 128: 300, 512: 100, 2048: 60}),
    *each("LMS", "numba", {8: 2.5, 32: 4, 128: 6, 512: 8, 2048: 8}),
    *each("LMS", "numba fastmath", {8: 1.5, 32: 1.5, 128: 1.5, 512: 1.5, 2048: 1.5}),
    *each("LMS", "scipy lfilter (no adaptation)", {32: 1, 128: 1, 512: 1, 2048: 1}),
    *each("RLS", "pyroomacoustics", {8: 100, 32: 40, 128: 12, 512: 8}),
    *each("RLS", "numba", {32: 3, 128: 3, 512: 3}),
    *each("NLMS step", "pyroomacoustics", {8: 50}),
    *each("NLMS step", "numba", {8: 8}),
]


def reached(goal: Goal, timings: list[Timing]) -> float | None:
    """The ratio measured, None where one of the two was not timed."""
    cells = {t.contender: t.ns for t in timings if (t.algorithm, t.n) == (goal.algorithm, goal.n)}
    ours, theirs = cells.get("gainsched"), cells.get(goal.peer)
    return theirs / ours if ours and theirs else None
