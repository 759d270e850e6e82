"""The same work on many items, side by side: this thread, several, processes or a Dask cluster; same answers."""

from __future__ import annotations

import contextlib
import itertools
import numbers
from typing import TYPE_CHECKING, Any, TypeAlias

from gainsched.errors import refusal
from gainsched.extras import extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Workers: TypeAlias = int | str | None
Work: TypeAlias = "Callable[[Callable[..., Any], Iterable[tuple[Any, ...]]], Iterator[Any]]"


@contextlib.contextmanager
def hired(workers: Workers, *, threads: bool = False, shared: Sequence[Any] = ()) -> Iterator[Work]:
    """Yield ``work(function, items)``: function(*item) of every item, in order, each as soon as it is there.

    The function must be picklable and a function of its arguments alone: then answers do not depend on `workers`.
    Whoever is hired stays for all calls within the ``with`` block; a cluster of its own is closed at its end.

    Parameters
    ----------
    workers : int, "dask" or None
        None or 1: here, one after the other. N: so many of joblib's. "dask": the Dask client of this process if there
        is one, else a local cluster.
    threads : bool
        N are threads, for work that is done outside the interpreter lock; else processes.
    shared : sequence
        Large arguments of many items: sent once to every worker of a cluster.

    Examples
    --------
    >>> with hired(None) as work:
    ...     list(work(pow, [(2, 3), (3, 2)]))
    [8, 9]
    """
    if checked(workers) in (None, 1):
        yield itertools.starmap
        return
    name = "cluster" if workers == "dask" else "tune"
    joblib = extra("joblib", name, f"workers={workers!r}")
    with contextlib.ExitStack() as stack:
        place: dict[str, Any] = {"n_jobs": workers, "prefer": "threads" if threads else "processes"}
        if workers == "dask":
            client = stack.enter_context(_client())
            stack.enter_context(joblib.parallel_config("dask", client=client, scatter=list(shared) or None))
            place = {}
        parallel = stack.enter_context(joblib.Parallel(return_as="generator", **place))
        yield lambda function, items: parallel(joblib.delayed(function)(*item) for item in items)


def checked(workers: Workers) -> Workers:
    """`workers` if it says who should work; refused otherwise, here and not in the midst of the work.

    Examples
    --------
    >>> checked(2)
    2
    """
    whole = isinstance(workers, numbers.Integral) and not isinstance(workers, bool) and workers >= 1
    if workers is not None and workers != "dask" and not whole:
        raise ValueError(refusal("workers", workers, 'must be an integer >= 1, "dask" or None'))
    return workers


@contextlib.contextmanager
def _client() -> Iterator[Any]:
    """The Dask client of this process, else one of a local cluster that lives as long as the work."""
    distributed = extra("distributed", "cluster", 'workers="dask"')
    try:
        present = distributed.default_client()
    except ValueError:
        with (distributed.LocalCluster(dashboard_address=":0", threads_per_worker=1) as cluster,
              distributed.Client(cluster) as client):
            yield client
    else:
        yield present
