"""From the trials of a search to its result: baselines, the tail, what to be warned of."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.run import Status
from gainsched.tuning.objective import measure, sound_errors
from gainsched.tuning.result import Tuning, reported
from gainsched.tuning.space import CONSTANT
from gainsched.tuning.trials import best_of

if TYPE_CHECKING:
    from gainsched.filters import Filter
    from gainsched.tuning.job import Job
    from gainsched.tuning.trials import Trial

WINDOWS = 200               # of a learning curve
_EDGE = 1.01                # a best gain this near to the end of its range stands at its edge


def finish(job: Job, named: dict[Filter, tuple[str, ...]], status: str, seed: int) -> Tuning:
    """Choose, look at the tail, and say what there is to say."""
    trials = job.bench.trials
    best = best_of(trials)
    if best is None:
        reasons = "; ".join(sorted({t.note or t.status for t in trials}))
        raise ValueError(f"tune: none of {len(trials)} trials ran to the end of the validation part ({reasons}).")
    default = best_of([t for t in trials if t.phase == "default"])
    constant = best_of([t for t in trials if t.family == CONSTANT])
    courses = {name: _course(job, t) for name, t in (("best", best), ("default", default), ("constant", constant))
               if t is not None}
    ports = named[best.filter]
    loop = job.bench.loop(best.filter, best.ports, "raise")
    baseline = {name: None if t is None else {"value": _values(t), "filter": repr(t.filter), "error": t.error,
                                              "tail": courses[name][0]}
                for name, t in (("default", default), ("constant", constant))}
    return Tuning(
        loop=loop, report=reported(loop, job.parts.x, job.parts.d), best=best.row(), baseline=baseline,
        tail=courses["best"][0], status=status, seed=seed, target=job.robust or "rms", ports=ports,
        warnings=tuple(_warnings(job, best, default, courses)),
        curves={name: course[1] for name, course in courses.items()}, rows=tuple(t.row() for t in trials))


def _course(job: Job, t: Trial) -> tuple[float, dict[str, Any]]:
    """Error on the tail, and the error power in windows over the whole record."""
    parts = job.parts
    loop = job.bench.loop(t.filter, t.ports)
    begin = None if parts.d is None else parts.d[:parts.tail]
    run = loop.run(parts.x[:parts.tail], begin)
    tail = loop.run(parts.x[parts.tail:], None if parts.d is None else parts.d[parts.tail:])
    errors = sound_errors(tail)
    lost = tail.status is not Status.DONE
    e = np.abs(np.concatenate([run.e, tail.e]))
    edges = np.unique(np.linspace(0, len(e), min(WINDOWS, len(e)) + 1).astype(int))
    power = [float(np.mean(part[np.isfinite(part)] ** 2)) if np.isfinite(part := e[a:b]).any() else math.nan
             for a, b in itertools.pairwise(edges)]
    return math.inf if lost else measure(errors, job.robust), {"k": edges[1:].tolist(), "power": power}


def _warnings(job: Job, best: Trial, default: Trial | None, courses: dict[str, tuple[float, Any]]) -> list[str]:
    out = []
    if courses["best"][0] == math.inf:
        out.append("on the held-out tail the choice diverges")
    elif default is not None and courses["best"][0] > courses["default"][0]:
        more = courses["best"][0] / courses["default"][0] - 1
        out.append(f"on the held-out tail the choice is {more:.2%} worse than the default {_values(default)}: what "
                   "suits the validation part does not suit the tail")
    sizes = job.sizes(best.filter)
    for port, value in best.ports.items():
        if not isinstance(value, float | int) or best.phase == "default":
            continue
        low, high = sizes.level(port)
        z = job.coordinate(best, port)
        if z <= low * _EDGE or z >= high / _EDGE:
            what = "gain" if port == "gain" else "memory, in samples,"
            out.append(f"the best {what} stands at the edge of what was searched, {low:.4g} to {high:.4g}"
                       + (f" ({sizes.source})" if port == "gain" else ""))
    if job.margin_db is not None:
        if math.isnan(best.margin_db):
            out.append("the gain margin of the choice is unknown: no theory")
        elif best.margin_db < job.margin_db:
            out.append(f"the gain margin of the choice is {best.margin_db:.3g} dB, below the {job.margin_db:g} dB "
                       "asked for")
    return out


def _values(t: Trial) -> str:
    return ", ".join(f"{value:.6g}" if isinstance(value, float | int) else repr(value) for value in t.ports.values())
