"""Who evaluates a batch: this thread, joblib's threads, or a Dask cluster; the answers are the same."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import math
import numbers
from typing import TYPE_CHECKING, Any

from gainsched.errors import refusal
from gainsched.runs import hands
from gainsched.tuning.objective import Score, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gainsched.loop import Loop
    from gainsched.tuning.objective import Segment


class Crew:
    """Evaluates loops on a segment.

    Parameters
    ----------
    workers : None, int or "dask"
        None: one per processor where a loop's work pays for it and joblib is there. "dask": joblib's backend, on the
        client of this process if there is one, else on a local cluster for as long as the search takes.
    """

    def __init__(self, workers: int | str | None) -> None:
        whole = isinstance(workers, numbers.Integral) and not isinstance(workers, bool) and int(workers) >= 1
        if not (workers is None or workers == "dask" or whole):
            raise ValueError(refusal("tune: workers", workers, "must be an integer >= 1, 'dask' or None"))
        self.workers = workers if workers is None or isinstance(workers, str) else int(workers)
        if self.workers not in (None, 1):
            needed("joblib", "tune")
        if self.workers == "dask":
            needed("distributed", "cluster")

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Around the whole search: a cluster of its own is closed at the end."""
        if self.workers != "dask":
            yield
            return
        distributed = importlib.import_module("distributed")

        with contextlib.ExitStack() as stack:
            try:
                distributed.get_client()
            except ValueError:
                cluster = stack.enter_context(distributed.LocalCluster(
                    n_workers=2, threads_per_worker=1, dashboard_address=":0"))
                stack.enter_context(distributed.Client(cluster))
            yield

    def evaluate(self, loops: list[Loop], segment: Segment, bound: float = math.inf) -> list[Score]:
        """The score of every loop, in order."""
        count = self.workers
        if count is None:
            work = len(segment.x) * loops[0].filter.model.n if loops else 0
            count = hands(work) if importlib.util.find_spec("joblib") else 1
        if count == 1 or not loops:
            return [evaluate(loop, segment, bound) for loop in loops]
        joblib: Any = importlib.import_module("joblib")
        jobs = [joblib.delayed(evaluate)(loop, segment, bound) for loop in loops]
        if count == "dask":
            with joblib.parallel_config(backend="dask", scatter=[segment]):
                return list(joblib.Parallel()(jobs))
        # the compiled loops run outside the interpreter lock: threads share the record
        return list(joblib.Parallel(n_jobs=count, prefer="threads")(jobs))


def needed(module: str, extra: str) -> None:
    """Refuse an absent extra with the line to type."""
    if importlib.util.find_spec(module) is None:
        raise ModuleNotFoundError(f'tune needs {module} for this: pip install "gainsched[{extra}]"')
