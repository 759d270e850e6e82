"""The runs of an ensemble: a few arrays with one row per realization, each row a Run when it is looked at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from gainsched.kernels.ensemble import together
from gainsched.run import Run, Status
from gainsched.signals import check_finite, vouched

if TYPE_CHECKING:
    from threading import Event

    from numpy.typing import NDArray

    from gainsched.filters import Filter
    from gainsched.kernels.engine import Engine


TURN = 1 << 18           # samples between two looks for an interruption, as long as rows are no longer


class Runs(Sequence[Run]):
    """M runs of equal length; making all M objects at once took longer than running 1000 samples of 8 taps.

    Attributes
    ----------
    y, e : (M, T) arrays
        Outputs and errors; of a run that stopped, what follows the stop is anything.
    w : (M, ...) array
        Weights at the end.
    done : (M,) int array
        Samples of each run.
    stopped : (M,) uint8 array
        Whether its last sample stopped it.
    start : int
        The clock at the first sample.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> X = np.random.default_rng(0).standard_normal((3, 500))
    >>> runs = gs.Loop(gs.NLMS(4)).run_many(X, X)
    >>> len(runs), runs[-1].n, [str(run.status) for run in runs]
    (3, 500, ['done', 'done', 'done'])
    """

    def __init__(self, y: NDArray[Any], e: NDArray[Any], w: NDArray[Any], start: int, filter: Filter) -> None:
        self.y, self.e, self.w, self.start, self.filter = y, e, w, start, filter
        self.done: NDArray[np.int64] = np.zeros(len(y), np.int64)
        self.stopped: NDArray[np.uint8] = np.zeros(len(y), np.uint8)
        self._made: dict[int, Run] = {}

    def fill(self, part: slice, engines: list[Engine], before: bytes, x: NDArray[Any], d: NDArray[Any] | None,
             interrupted: Event) -> None:
        """Check and run the rows of `part`, each from the state `before`, on an engine of nobody else's."""
        self._check(part, x, d)
        step = max(1, TURN // max(self.y.shape[1], 1))
        with engines[0] as engine:
            for m in range(part.start, part.stop, step):
                if interrupted.is_set():
                    return
                some = slice(m, min(m + step, part.stop))
                engine.rows(before, numbers(x[some]), None if d is None else numbers(d[some]), numbers(self.y[some]),
                            numbers(self.e[some]), numbers(self.w[some]), self.done[some], self.stopped[some])

    def fill_together(self, part: slice, engines: list[Engine], before: bytes, x: NDArray[Any],
                      d: NDArray[Any] | None, interrupted: Event) -> None:
        """`fill` for rows that go side by side, as many at a time as there are engines."""
        self._check(part, x, d)
        assert d is not None
        for m in range(part.start, part.stop, len(engines)):
            if interrupted.is_set():
                return
            rows = range(m, min(m + len(engines), part.stop))
            for engine in engines:
                engine.rewind(before)
            together(engines[:len(rows)], [x[i].reshape(-1) for i in rows], *([a[i] for i in rows]
                                                                             for a in (d, self.y, self.e)))
            for i, engine in zip(rows, engines, strict=False):
                self.w[i] = engine.weights()
                self.done[i], self.stopped[i] = int(engine.record["n"]) - self.start, engine.stopped

    def _check(self, part: slice, x: NDArray[Any], d: NDArray[Any] | None) -> None:
        signals = {"x": x[part]} if d is None else {"x": x[part], "d": d[part]}
        if not all(vouched(signal) for signal in signals.values()):
            for m, row in enumerate(zip(*signals.values(), strict=True), part.start):
                for name, signal in zip(signals, row, strict=True):
                    check_finite(f"{name} of row {m}", signal, self.start)

    def __len__(self) -> int:
        return len(self.y)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> list[Run]: ...
    def __getitem__(self, index: int | slice) -> Run | list[Run]:
        if isinstance(index, slice):
            return [self[m] for m in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"run {index} of {len(self)}: the index must lie within [{-len(self)}, {len(self)}).")
        m = index % len(self)
        if m not in self._made:
            n, stopped = int(self.done[m]), bool(self.stopped[m])
            self._made[m] = Run(
                y=self.y[m, :n], e=self.e[m, :n], w=self.w[m], start=self.start, filter=self.filter,
                status=Status.DIVERGED if stopped else Status.DONE,
                stopped_at=self.start + n - 1 if stopped else None)
        return self._made[m]

    def __repr__(self) -> str:
        stopped = f", {int(self.stopped.sum())} diverged" if self.stopped.any() else ""
        return f"<{len(self)} runs of {self.filter!r}, {self.y.shape[1]} samples from {self.start}{stopped}>"


def hands(work: int) -> int:
    """Threads that pay for so many weights times samples: starting one takes as long as 2^17 of them."""
    return os.cpu_count() or 1 if work > 1 << 18 else 1


def numbers(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Rows as the doubles that the engine reads, in place."""
    return rows.reshape(len(rows), -1).view(np.float64)
