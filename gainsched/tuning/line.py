"""Search along one parameter: a logarithmic grid, then ever finer points around its best."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.tuning.trials import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from gainsched.tuning.space import Dimension
    from gainsched.tuning.trials import Bench, Candidate, Trial

COARSE = 5                  # batches of the grid, at most; three fifths of what is allowed
FINE = 1e-3                 # relative width of the bracket that is left alone


def line(dimension: Dimension, candidate: Callable[[float], Candidate], bench: Bench, budget: int,
         seen: dict[float, float] | None = None) -> list[Trial]:
    """Evaluate a grid over a dimension's coordinate and refine it, `budget` evaluations at most.

    The first refinement looks between the neighbors of the two lowest local minima, each later one between those of
    the lowest point: a batch of 8 makes the bracket 5 times narrower.

    Parameters
    ----------
    dimension : Dimension
    candidate : callable
        Coordinate -> Candidate.
    bench : Bench
    budget : int
    seen : dict, optional
        Scores by coordinate that are known already: the default gain's.
    """
    scores = {z: s for z, s in (seen or {}).items() if dimension.low <= z <= dimension.high}
    trials: list[Trial] = []

    def run(points: list[float]) -> None:
        for first in range(0, len(points), BATCH):
            part = points[first:first + BATCH]
            made = bench.run([candidate(z) for z in part])
            trials.extend(made)
            scores.update({z: t.score for z, t in zip(part, made, strict=True)})

    coarse = min(budget, BATCH * max(1, min(COARSE, budget * 3 // 5 // BATCH)))
    if coarse > 0:
        run([float(z) for z in np.geomspace(dimension.low, dimension.high, coarse)])
    centers = 2
    while len(trials) < budget:
        room = min(BATCH, budget - len(trials))
        points = _between(scores, centers, room)
        if not points:
            break
        run(points)
        centers = 1
    return trials


def _between(scores: dict[float, float], centers: int, room: int) -> list[float]:
    """Up to `room` new coordinates around the lowest local minima, evenly spread on the logarithm."""
    order = sorted(scores)
    value = [scores[z] for z in order]
    last = len(order) - 1
    dips = [i for i in range(len(order)) if math.isfinite(value[i]) and value[i] <= value[max(i - 1, 0)]
            and value[i] <= value[min(i + 1, last)]]
    points: set[float] = set()
    for i in sorted(dips, key=lambda i: value[i])[:centers]:
        sides = [(order[i], order[j]) for j in (i - 1, i + 1) if 0 <= j <= last
                 and abs(math.log(order[j] / order[i])) > FINE]
        each = max(1, room // max(1, min(centers, len(dips)) * len(sides)))
        for here, there in sides:
            points.update(float(z) for z in np.geomspace(here, there, each + 2)[1:-1])
    return sorted(points - set(order))[:room]
