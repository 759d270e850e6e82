"""The same work on many items, side by side: in this process, in several, or on a Dask cluster."""

from __future__ import annotations

import contextlib
import importlib
import numbers
from typing import TYPE_CHECKING, Any, TypeVar

from gainsched.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from joblib import Parallel

    Workers = int | str | None

Item = TypeVar("Item")
Result = TypeVar("Result")

_LINE = 'Install it: pip install "gainsched[{extra}]"'


def mapped(function: Callable[[Item], Result], items: Sequence[Item], workers: Workers = None) -> list[Result]:
    """Return [function(item) for item in items], worked on by several processes; the order of items stays.

    Parameters
    ----------
    function : callable
        Picklable, without state that calls share: then the results do not depend on `workers`.
    items : sequence
        Picklable.
    workers : int, "dask" or None
        None or 1: here, one after the other. N: so many processes (joblib). "dask": the Dask client of this process if
        there is one, else a local cluster that is closed at the end.

    Examples
    --------
    >>> mapped(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    if check(workers) in (None, 1) or len(items) < 1:
        return [function(item) for item in items]
    with _crew(workers) as parallel:
        from joblib import delayed

        return list(parallel(delayed(function)(item) for item in items))


def check(workers: Workers) -> Workers:
    """`workers` if it says who should work; refused otherwise, here and not in the midst of the work.

    Examples
    --------
    >>> check(2)
    2
    """
    whole = isinstance(workers, numbers.Integral) and not isinstance(workers, bool) and workers >= 1
    if workers is not None and workers != "dask" and not whole:
        raise ValueError(refusal("workers", workers, 'must be an integer >= 1, "dask" or None'))
    return workers


@contextlib.contextmanager
def _crew(workers: Workers) -> Iterator[Parallel]:
    """joblib's Parallel over processes, or over the workers of a cluster."""
    extra = "cluster" if workers == "dask" else "tune"
    try:
        import joblib
    except ImportError:
        raise ImportError(refusal("workers", workers, "needs joblib", _LINE.format(extra=extra))) from None
    if workers != "dask":
        with joblib.Parallel(n_jobs=workers) as parallel:
            yield parallel
        return
    with _client() as client, joblib.parallel_config("dask", client=client), joblib.Parallel() as parallel:
        yield parallel


@contextlib.contextmanager
def _client() -> Iterator[Any]:
    """The Dask client of this process, else one of a local cluster that lives as long as the work."""
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise ImportError(refusal("workers", "dask", "needs dask.distributed", _LINE.format(extra="cluster"))) from None
    try:
        present = distributed.default_client()
    except ValueError:
        with (distributed.LocalCluster(dashboard_address=":0", threads_per_worker=1) as cluster,
              distributed.Client(cluster) as client):
            yield client
    else:
        yield present
