"""What one gain is worth on a record: its a-priori error on samples that come after settling."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.run import Status

if TYPE_CHECKING:
    from gainsched.loop import Loop
    from gainsched.run import Run

PIECES = 16                 # of the validation part: after each, a hopeless gain may stop
_HUBER = 1.345 * 1.4826     # times the median error: 95 % efficient for Gaussian errors (Huber 1981)


@dataclass(frozen=True, eq=False)
class Segment:
    """A part of a record: the loop settles before `begin`, its errors count from there to the end.

    Parameters
    ----------
    x, d : arrays
        The record up to the end of the part; d None where the filter makes its own.
    begin : int
        First sample whose error counts.
    robust : {None, "mad", "huber"}
        How errors become one number, see `measure`.
    """

    x: Any = field(repr=False)
    d: Any = field(repr=False)
    begin: int
    robust: str | None = None


@dataclass(frozen=True)
class Score:
    """What a loop reached on a segment.

    Attributes
    ----------
    error : float
        Unit of d; inf where the loop diverged; of a stopped loop, a lower bound.
    status : str
        "done", "stopped", "diverged" or "refused".
    samples : int
        Samples run.
    weight : float
        Root mean square of the weights at the end.
    note : str
        What was refused.
    """

    error: float
    status: str
    samples: int
    weight: float = math.nan
    note: str = ""


def sound_errors(run: Run) -> Any:
    """The errors of samples that were not skipped, magnitudes."""
    sound = np.isfinite(run.e)
    if run.skipped is not None:
        sound &= ~run.skipped
    return np.abs(run.e[sound])


def measure(errors: Any, robust: str | None = None) -> float:
    r"""One number out of error magnitudes, in their unit.

    None: :math:`\sqrt{\mathrm{mean}\, e^2}`. "mad": the median. "huber": the root of the mean of Huber's function,
    :math:`e^2` up to c and :math:`2 c |e| - c^2` above, c = 1.99 times the median.

    Examples
    --------
    >>> import numpy as np
    >>> e = np.array([1.0, 1.0, 1.0, 1.0, 100.0])
    >>> round(measure(e), 1), measure(e, "mad"), round(measure(e, "huber"), 1)
    (44.7, 1.0, 8.9)
    """
    if not len(errors):
        return math.nan
    if robust == "mad":
        return float(np.median(errors))
    if robust == "huber":
        c = _HUBER * float(np.median(errors))
        return math.sqrt(float(np.mean(np.where(errors <= c, errors**2, 2.0 * c * errors - c * c))))
    return math.sqrt(float(np.mean(errors**2)))


def evaluate(loop: Loop, segment: Segment, bound: float = math.inf) -> Score:
    """Run a loop over a segment: the unit of work, a function of its arguments alone.

    After each of `PIECES` pieces the loop stops if it is certain that its error will pass `bound`: the squares so far
    already make up a mean above bound^2 ("mad": more than half of all errors lie above it; "huber" is never certain).
    What may still reach the bound is never stopped, so the bound changes the cost of a search and not its choice.

    Parameters
    ----------
    loop : Loop
        Fresh, with ``on_divergence="stop"``; it is run.
    segment : Segment
    bound : float
        In the unit of d.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(2000)
    >>> loop = gs.Loop(gs.NLMS(4), 0.5, on_divergence="stop")
    >>> score = evaluate(loop, Segment(x, np.convolve(x, [1, 0.5])[:2000], begin=1000))
    >>> score.status, score.error < 1e-6
    ('done', True)
    """
    try:
        return _evaluated(loop, segment, bound)
    except ValueError as refused:              # a schedule that leaves the port's range on the way, say
        return Score(math.inf, "refused", loop.n, note=" ".join(str(refused).split()))


def _evaluated(loop: Loop, segment: Segment, bound: float) -> Score:
    total = len(segment.x)
    if _part(loop, segment, 0, segment.begin).status is Status.DIVERGED:
        return Score(math.inf, "diverged", loop.n)
    edges = np.linspace(segment.begin, total, PIECES + 1).astype(int)
    found: list[Any] = []
    squares, above, count = 0.0, 0, total - segment.begin
    for first, last in itertools.pairwise(edges):
        run = _part(loop, segment, int(first), int(last))
        if run.status is Status.DIVERGED:
            return Score(math.inf, "diverged", loop.n)
        errors = sound_errors(run)
        found.append(errors)
        squares += float(np.sum(errors**2))
        above += int(np.sum(errors > bound))
        if segment.robust is None and squares > bound * bound * count and last < total:
            return Score(math.sqrt(squares / count), "stopped", loop.n)
        if segment.robust == "mad" and above > count / 2 and last < total:
            return Score(float(np.nextafter(bound, math.inf)), "stopped", loop.n)
    error = measure(np.concatenate(found), segment.robust)
    weight = math.sqrt(float(np.mean(np.abs(loop.w) ** 2)))
    if not math.isfinite(error):
        return Score(math.inf, "diverged", loop.n)
    return Score(error, "done", loop.n, weight)


def _part(loop: Loop, segment: Segment, first: int, last: int) -> Run:
    return loop.run(segment.x[first:last], None if segment.d is None else segment.d[first:last])
