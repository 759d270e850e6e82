"""monte_carlo: one loop over many trials of a scenario, batch by batch."""

from __future__ import annotations

import copy
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.filters import FxLMS
from gainsched.loop import Loop
from gainsched.models import FIR
from gainsched.run import Record, Status
from gainsched.tuning.arguments import whole
from gainsched.tuning.ensemble import KINDS, Ensemble
from gainsched.tuning.progress import watched
from gainsched.tuning.scenarios import Scenario, Trial
from gainsched.tuning.workers import Workers, checked, hired

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.run import Run

    Array = NDArray[np.float64]

_MEMORY = 1 << 26            # bytes of a batch's signals
_BATCHES = 8                 # at least so many, for workers to share
_POINTS = 400                # of a learning curve
_LEAST = 2                   # trials: one says nothing of how sure it is
LAST = 0.25                  # of a trial: its steady state


@dataclass(frozen=True, eq=False)
class Batch:
    """What is kept of some trials: a row each, made of nothing but that trial."""

    curves: dict[str, Array]
    steady: dict[str, Array]
    stopped_at: NDArray[np.int64]
    at: dict[str, Array]


def monte_carlo(loop: Loop, scenario: Scenario, trials: int = 100, seed: int = 0,
                workers: Workers = None, *, batch: int | None = None, progress: bool | None = None) -> Ensemble:
    r"""Run a loop over many trials of a scenario: what it does on average, how sure that is, how often it diverges.

    .. math::
        \widehat{E e_k^2} = \frac1M \sum_m e_{m,k}^2, \qquad
        \widehat{\zeta}_k = \frac1M \sum_m (e_{m,k} - n_{m,k})^2, \qquad
        \frac1M \sum_m |w_{o,m,k} - w_{m,k}|^2

    Parameters
    ----------
    loop : Loop
        Every trial starts from its present state; it is not changed.
    scenario : Scenario
        Of ``gs.scenarios``, or one of your own.
    trials : int
        M, at least 2: one trial says nothing of how sure it is.
    seed : int
        Trial i of a seed is the same whatever else is drawn.
    workers : int, "dask" or None
        None or 1: this process, with `Loop.run_many`'s own threads. N: so many processes (extra ``tune``). "dask": the
        present Dask client, else a local cluster (extra ``cluster``). The result is the same to the last bit.
    batch : int, optional
        Trials held in memory at once by each worker. Default: what 64 MB hold, at most an eighth of all.
    progress : bool, optional
        A bar on stderr; default: where that is a terminal.

    Returns
    -------
    Ensemble
        Mean curves with confidence bands, every trial's steady state, the number that diverged. After Ctrl-C of the
        trials so far, with status "interrupted".

    Raises
    ------
    ValueError, TypeError
        For arguments out of range, or a scenario whose trials the loop cannot take.
    ImportError
        When joblib or Dask is not there; the message has the line to type.

    Notes
    -----
    Trials that diverge are counted and left out of every mean. Curves are means over at most 400 stretches of samples.
    Trials are independent, whatever is drawn beside them; intervals are Student's, see `Ensemble`. Cost: trials x
    samples of `Loop.run_many`, and the drawing.
    A script that asks for processes or a cluster needs the usual ``if __name__ == "__main__":`` around its work.

    References
    ----------
    S. Asmussen, P. W. Glynn, *Stochastic Simulation* (2007), chapter III.

    Examples
    --------
    >>> import gainsched as gs
    >>> scenario = gs.scenarios.Identification(4, samples=2000, snr_db=20, regressors="independent")
    >>> loop = gs.Loop(gs.LMS(gs.FIR(taps=1, channels=4)), gain=0.05)
    >>> found = gs.monte_carlo(loop, scenario, trials=100)
    >>> report = gs.analyze(loop, scenario.excitation(4))
    >>> found.diverged, found.steady.covers(report.emse), found.agrees(report)
    (0, True, True)
    """
    _sound(loop, scenario, trials, seed, batch)
    checked(workers)
    trials, seed = int(trials), int(seed)
    first = scenario.trial(0, seed)
    _fits(loop, scenario, first)
    every = max(1, -(-scenario.samples // _POINTS))
    if batch is None:
        batch = max(1, min(_MEMORY // _size(loop, first, every), -(-trials // _BATCHES)))
    parts = [range(begin, min(begin + batch, trials)) for begin in range(0, trials, batch)]
    threads = None if workers in (None, 1) else 1
    run = functools.partial(run_trials, copy.deepcopy(loop), scenario, seed, every, threads)
    batches: list[Batch] = []
    status = "done"
    with hired(workers) as work, watched("trials", trials, progress) as told:
        try:
            for found in work(run, [(part,) for part in parts]):
                batches.append(found)
                told(len(found.stopped_at), "")
        except KeyboardInterrupt:
            if sum(len(b.stopped_at) for b in batches) < _LEAST:
                raise
            status = "interrupted"
    return Ensemble(
        loop=copy.deepcopy(loop), scenario=scenario, seed=seed, every=every,
        curves={kind: np.vstack([b.curves[kind] for b in batches]) for kind in batches[0].curves},
        trial_steady={kind: np.concatenate([b.steady[kind] for b in batches]) for kind in batches[0].steady},
        stopped_at=np.concatenate([b.stopped_at for b in batches]), at=batches[0].at, status=status)


def run_trials(loop: Loop, scenario: Scenario, seed: int, every: int, threads: int | None, indices: range) -> Batch:
    """The unit of work: these trials, from nothing but what is handed over."""
    drawn = [scenario.trial(index, seed) for index in indices]
    walks = _comparable(loop, drawn[0])
    runs = loop.run_many(np.stack([t.x for t in drawn]), np.stack([t.d for t in drawn]), workers=threads,
                         record=Record(weights=every) if walks else None)
    kinds = [kind for kind in KINDS if kind == "mse" or (kind == "emse" and drawn[0].noise is not None)
             or (kind == "msd" and walks)]
    rows = [_reduced(run, trial, kinds, every) for run, trial in zip(runs, drawn, strict=True)]
    count = scenario.samples // every
    middles: Array = every * np.arange(0.5, count) - 0.5
    at: dict[str, Array] = {kind: middles for kind in kinds if kind != "msd"}
    if walks:
        begin = loop.n
        clock = np.arange(begin // every + 1, (begin + scenario.samples) // every + 1) * every
        at["msd"] = (clock - begin).astype(np.float64)
    curves: dict[str, Array] = {kind: np.stack([_filled(row[kind], len(at[kind])) for row in rows]) for kind in kinds}
    steady = {kind: np.array([_last(row[kind], run, scenario.samples, at[kind])
                              for row, run in zip(rows, runs, strict=True)]) for kind in kinds}
    stopped = np.array([-1 if run.stopped_at is None else run.stopped_at for run in runs])
    return Batch(curves, steady, stopped, at)


def _reduced(run: Run, trial: Trial, kinds: list[str], every: int) -> dict[str, Array]:
    """One trial's curves: means over stretches; of the weights, their distance at the end of each."""
    found = {"mse": _stretches(run.e, every)}
    if "emse" in kinds:
        assert trial.noise is not None
        found["emse"] = _stretches(run.e - trial.noise[:run.n], every)
    if "msd" in kinds:
        assert run.weights is not None
        truth = np.asarray(trial.weights)
        goal = truth if truth.ndim == 1 else truth[run.weights_at - run.start + 1]
        found["msd"] = np.sum(np.abs(goal - run.weights.reshape(len(run.weights), -1)) ** 2, axis=1)
    return found


def _stretches(error: NDArray[Any], every: int) -> Array:
    whole = error[:len(error) // every * every].reshape(-1, every)
    with np.errstate(over="ignore", invalid="ignore"):                # of a trial that diverged
        return np.asarray(np.mean(np.abs(whole) ** 2, axis=1))


def _filled(row: Array, length: int) -> Array:
    """A curve at full length; what a run that stopped did not reach is unknown."""
    return np.concatenate([row, np.full(length - len(row), np.nan)])


def _last(row: Array, run: Run, samples: int, at: Array) -> float:
    """Mean over the last quarter of a trial; unknown where it stopped."""
    if run.status is not Status.DONE:
        return float("nan")
    late = row[at >= (1.0 - LAST) * samples]
    return float(np.mean(late if late.size else row[-1:]))


def _comparable(loop: Loop, trial: Trial) -> bool:
    """Whether loop and truth have the same weights: those of FxLMS stand before a path."""
    filter = loop.filter
    plain = isinstance(filter.model, FIR) and not isinstance(filter, FxLMS)
    return plain and trial.weights is not None and trial.weights.shape[-1] == filter.model.n


def _size(loop: Loop, trial: Trial, every: int) -> int:
    """Bytes of one trial: signals, their place in the batch, outputs, truth, recorded weights."""
    kept = [trial.x, trial.d, trial.noise, trial.weights]
    signals = sum(part.nbytes for part in kept if part is not None)
    return int(signals + trial.x.nbytes + 3 * trial.d.nbytes + 8 * loop.filter.model.n * (len(trial.d) // every))


def _sound(loop: Any, scenario: Any, trials: Any, seed: Any, batch: Any) -> None:
    if not isinstance(loop, Loop):
        raise TypeError(refusal("monte_carlo: loop", loop, "must be a Loop", "Try gs.Loop(gs.NLMS(8))."))
    if not isinstance(scenario, Scenario):
        raise TypeError(refusal("monte_carlo: scenario", scenario, "must be a Scenario",
                                "Try gs.scenarios.Identification(8)."))
    whole("monte_carlo: trials", trials, _LEAST)
    whole("monte_carlo: seed", seed, 0)
    whole("monte_carlo: batch", 1 if batch is None else batch, 1)


def _fits(loop: Loop, scenario: Scenario, first: Trial) -> None:
    channels, width = loop.filter.model.channels, 1 if first.x.ndim == 1 else first.x.shape[1]
    if channels != width:
        raise ValueError(refusal("monte_carlo: channels of the filter", channels, f"must be {width}, those of "
                                 f"{type(scenario).__name__}'s input", f"Try gs.FIR(taps=1, channels={width})."))
