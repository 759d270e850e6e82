"""tune: from a recording to the gain that predicts it best."""

from __future__ import annotations

import importlib.util
import math
import numbers
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.runs import hands
from gainsched.tuning.arguments import whole
from gainsched.tuning.finish import finish
from gainsched.tuning.job import Job
from gainsched.tuning.ledger import Ledger, fingerprint
from gainsched.tuning.line import line
from gainsched.tuning.objective import Segment
from gainsched.tuning.progress import watched
from gainsched.tuning.sampling import Choice, sample
from gainsched.tuning.space import CONSTANT, family_class
from gainsched.tuning.split import split
from gainsched.tuning.structures import structures
from gainsched.tuning.trials import BATCH, best_of
from gainsched.tuning.workers import Workers, checked, hired

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike

    from gainsched.filters import Filter
    from gainsched.tuning.result import Tuning

TARGETS = (None, "mad", "huber")
_BASELINE = 24              # trials of a filter that its best constant gain takes, where more is searched


def tune(filter: Filter | Sequence[Filter], x: ArrayLike, d: ArrayLike | None = None,
         ports: Sequence[str] | None = None, family: Any = None, validation: float = 0.3, trials: int = 100,
         workers: Workers = None, storage: str | Path | None = None, seed: int = 0, *,
         tail: float = 0.15, robust: str | None = None, margin_db: float | None = None,
         objectives: Sequence[str] = ("error",), taps: Sequence[int] | None = None,
         orders: Sequence[Sequence[int]] | None = None, nonfinite: str = "raise", compensator: Any = None,
         w0: ArrayLike | None = None, limit: float = 1e8, study: str = "gainsched",
         progress: bool | None = None) -> Tuning:
    r"""Search the gain, schedule or law that predicts a recording best.

    .. math:: \min_\theta \sqrt{\operatorname{mean}_{k \in V} e_k^2(\theta)}, \qquad V = \text{validation part}

    The loop adapts over the whole record; it settles on the first part, its a-priori errors count on the validation
    part, and the tail takes no part in the choice: its error is reported. The default gain and the best constant are
    always among the trials, so the choice is never worse than they are on the validation part.

    Parameters
    ----------
    filter : Filter or sequence of Filter
        Several are a choice of structure.
    x : (T,) or (T, channels) array
        Input.
    d : (T,) array, optional
        Desired signal; MITRule needs none.
    ports : sequence of str, optional
        What is tuned. Default: the gain; for filters with a forgetting factor (RLS, whose gain is 1) the forgetting.
    family : None, str, class, or a list of them
        None or "constant": a number. A schedule or a law, by name or class. A list is a choice.
    validation : float
        Fraction of the record that errors count on.
    trials : int
        Evaluations at most.
    workers : int or "dask", optional
        Default: threads as they pay. Results do not depend on it.
    storage : str or Path, optional
        A sqlite file or database URL: the search is kept there, and goes on up to `trials`. More of them than before
        lay the grid of one parameter anew.
    seed : int
    tail : float
        Fraction held out at the end.
    robust : {None, "mad", "huber"}
        The root mean square; the median error; the root of Huber's mean (needs no outlier limit).
    margin_db : float, optional
        Gain margin wanted, dB: a loop that misses it by m dB scores 2 m dB worse.
    objectives : ("error",) or ("error", "margin")
        With the margin, `Tuning.pareto` is the front; the choice is the lowest error.
    taps : sequence of int, optional
        Lengths of FIR models to choose from.
    orders : sequence of tuples, optional
        (na, nb) or (na, nb, nk) of ARX models to choose from.
    nonfinite : str
        Missing values, as `Loop` takes it.
    compensator, w0, limit : optional
        As `Loop` takes them.
    study : str
        Name within the storage.
    progress : bool, optional
        A bar on stderr; default: where that is a terminal.

    Returns
    -------
    Tuning
        After Ctrl-C the best so far, with status "interrupted".

    Raises
    ------
    ValueError, TypeError
        For arguments out of range or of another kind, a record too short, a family without ranges, a storage that holds
        another search, and where no trial runs to its end.
    ModuleNotFoundError
        When a family of several parameters or a storage is asked for without the extra ``tune``, or workers without it
        or the extra ``cluster``.

    Notes
    -----
    One parameter: a logarithmic grid up to the stable range, and refinement around its best. The lower end is 1/T of
    the range: there the fastest mode moves once in the T samples before the tail. Where theory has no bound the grid
    ends at ten times 2 / tr R and begins a hundred times lower: what diverges is not chosen. Forgetting is searched as
    a memory 1/(1 - forgetting), from 2 samples to ten times the record. Several: Optuna's TPE (Bergstra et al., 2011),
    in batches of 8 whose pruning threshold and seed are fixed when they start. A loop stops early only when it is
    certain that it would end at more than twice the best score.

    Search ranges come from the declared parameters and the sizes of the record; parameters that are units or guards
    against zero keep their defaults. The validation error of the best of many trials is optimistic; the tail's is not.

    Cost: a run over the record per trial at most, an analysis of every filter's stable range, and one of the choice.

    References
    ----------
    J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl, "Algorithms for hyper-parameter optimization", NeurIPS 2011.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> rng = np.random.default_rng(1)
    >>> x, v = rng.standard_normal((2, 5000))
    >>> d = np.convolve(x, [1.0, -0.5, 0.25])[:5000] + 0.1 * v
    >>> tuning = gs.tune(gs.RLS(3), x, d, workers=1)              # nothing drifts: a long memory
    >>> tuning.gain > 0.995, len(tuning.trials) <= 100
    (True, True)
    """
    filters = structures(filter, taps, orders)
    _check(trials, seed, robust, objectives, margin_db)
    checked(workers)
    named = {f: _ports(f, ports) for f in filters}
    entries = list(family) if isinstance(family, list | tuple) else [family]
    families = {port: [family_class(entry, port) for entry in entries]
                for names in named.values() for port in names}
    parts = split(filters[0], x, d, validation, tail, nonfinite)
    for other in filters[1:]:
        split(other, x, d, validation, tail, nonfinite)
    options = {"nonfinite": nonfinite, "compensator": compensator, "w0": w0, "limit": limit}
    simple = all(names == [CONSTANT] for names in families.values()) and all(len(p) == 1 for p in named.values())
    if len(filters) * BATCH >= trials and not simple:
        raise ValueError(refusal("tune: trials", trials, f"must be > {len(filters) * BATCH}: every filter's best "
                                 "constant gain takes 8"))
    start = None if w0 is None else np.asarray(w0)             # by itself: the repr of long arrays leaves numbers out
    question = fingerprint(parts.x, parts.d, start, filters, named, families, validation, tail, robust, margin_db,
                           tuple(objectives), {**options, "w0": None}, seed)
    ledger = None if simple and storage is None else Ledger(storage, study, question, len(objectives))
    segment = Segment(parts.x[:parts.tail], None if parts.d is None else parts.d[:parts.tail], parts.begin, robust)
    if workers is None and importlib.util.find_spec("joblib"):
        workers = hands(len(segment.x) * max(f.model.n for f in filters))
    # the compiled loops run outside the interpreter lock: threads share the record
    with (hired(workers, threads=True, shared=[segment]) as work,
          watched("tuning", trials, progress) as told):
        job = Job(parts, segment, work, options, margin_db=margin_db, margins="margin" in objectives,
                  ledger=ledger, told=told)
        status = "done"
        try:
            _search(job, filters, named, families, trials, seed, simple)
        except KeyboardInterrupt:
            if best_of(job.bench.trials) is None:
                raise
            status = "interrupted"
    return finish(job, named, status, seed)


def _search(job: Job, filters: list[Filter], named: dict[Filter, tuple[str, ...]],
            families: dict[str, list[Any]], trials: int, seed: int, simple: bool) -> None:
    """The default gains, the best constants, and then the rest."""
    bench = job.bench
    for first in range(0, len(filters), BATCH):
        defaults = [job.default(f, named[f]) for f in filters[first:first + BATCH]]
        bench.run([c for c in defaults if c is not None][:trials - len(bench.trials)])
    choices = []
    left = trials - len(bench.trials)
    share = left // len(filters) if simple else max(BATCH, min(_BASELINE, trials // 2 // len(filters)))
    for f in filters:
        port = named[f][0]
        dimension, candidate, seen = job.constant(f, port)
        found = best_of(line(dimension, candidate, bench, share, seen))
        if simple:
            continue
        level = dimension.start if found is None else job.coordinate(found, port)
        sizes = job.informed(f, found)
        for combination in product(*(families[name] for name in named[f])):
            if len(named[f]) == 1 and combination == (CONSTANT,):
                continue
            label, dimensions, build = job.combined(f, dict(zip(named[f], combination, strict=True)), sizes, level)
            choices.append(Choice(label, dimensions, build))
    left = trials - len(bench.trials)
    if choices and job.ledger is not None and left > 0:
        whole_batches = left // BATCH * BATCH                 # so that more trials, later, go on from a batch's end
        sample(choices, job.ledger, bench, whole_batches or left, seed)


def _ports(filter: Filter, ports: Sequence[str] | None) -> tuple[str, ...]:
    if ports is None:
        return ("forgetting",) if "forgetting" in filter.ports else ("gain",)
    named = (ports,) if isinstance(ports, str) else tuple(ports)
    if not named or any(name not in filter.ports for name in named):
        raise ValueError(refusal("tune: ports", ports, f"must be among {filter.ports}, those of {filter!r}"))
    return named


def _check(trials: int, seed: int, robust: str | None, objectives: Sequence[str], margin_db: float | None) -> None:
    whole("tune: trials", trials, 2)
    whole("tune: seed", seed, 0)
    if robust not in TARGETS:
        raise ValueError(refusal("tune: robust", robust, "must be None, 'mad' or 'huber'"))
    if tuple(objectives) not in (("error",), ("error", "margin")):
        raise ValueError(refusal("tune: objectives", objectives, "must be ('error',) or ('error', 'margin')"))
    if margin_db is not None and not (isinstance(margin_db, numbers.Real) and 0 < float(margin_db) < math.inf):
        raise ValueError(refusal("tune: margin_db", margin_db, "must be a number > 0, in dB"))
