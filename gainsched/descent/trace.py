"""What one run of a descent gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.execute import rows
from gainsched.run import Record, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class DescentRun:
    """The trace of `Descent.run`.

    Attributes
    ----------
    w : array
        Weights at the end.
    value : (n,) array or None
        The objective at the weights before each step, where it was given.
    slope : (n,) array
        Norm of the gradient before each step.
    gain, weights : arrays or None
        Recorded gains, ``(rows,)`` or ``(rows, *w.shape)``, and weights ``(rows, *w.shape)`` after their steps.
    status : Status
        "done", "diverged" or "interrupted".
    stopped_at : int or None
        The step at which the descent diverged; its update was not made.
    start : int
        The clock at the first step.
    record : Record
        Which gains and weights were kept.

    Examples
    --------
    >>> import gainsched as gs
    >>> run = gs.Descent(lambda w: 2 * w, 1.0, value=lambda w: w**2, gain=0.25).run(3)
    >>> run.value, float(run.w)
    (array([1.    , 0.25  , 0.0625]), 0.125)
    """

    w: NDArray[np.float64]
    slope: NDArray[np.float64]
    value: NDArray[np.float64] | None = None
    gain: NDArray[np.float64] | None = None
    weights: NDArray[np.float64] | None = None
    status: Status = Status.DONE
    stopped_at: int | None = None
    start: int = 0
    record: Record = field(default_factory=lambda: Record(gain=1))

    @property
    def n(self) -> int:
        """Steps in this run, a diverging one included."""
        return len(self.slope)

    def __repr__(self) -> str:
        at = f" at step {self.stopped_at}" if self.stopped_at is not None else ""
        last = "" if self.value is None or not self.n else f", value {self.value[-1]:.6g}"
        return f"<DescentRun {self.n} steps from {self.start}, {self.status}{at}{last}>"

    def plot(self, *, ax: Any = None) -> Any:
        """Draw the value (or the gradient's norm) over the steps; returns the matplotlib Axes."""
        from gainsched.plot.descent import descent

        return descent(self, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, ready for strict JSON (NaN and infinity become None)."""
        out: dict[str, Any] = {"n": self.n, "start": self.start, "status": str(self.status),
                               "stopped_at": self.stopped_at}
        for name in ("w", "value", "slope", "gain", "weights"):
            array = getattr(self, name)
            out[name] = None if array is None else _plain(array)
        return out


class Keeper:
    """What a run keeps, step by step, and the one-sample buffers that the engine reads and writes."""

    def __init__(self, w: NDArray[np.float64], begin: int, steps: int, record: Record, per_weight: bool) -> None:
        self.begin, self.record, self.per_weight, self.done = begin, record, per_weight, 0
        self.step = 1.0
        self.error, self.y, self.e = np.empty(1), np.empty(1), np.empty(1)
        self.applied = np.empty(w.size if per_weight else 1)
        self.value, self.slope = np.empty(steps), np.empty(steps)
        self.gain = np.empty((rows(begin, steps, record.gain), self.applied.size))
        self.weights = np.empty((rows(begin, steps, record.weights), *w.shape))

    def before(self, value: float, slope: float, step: float) -> None:
        """What is known before a step is made; `step` is what a line search found, else 1."""
        self.value[self.done], self.slope[self.done], self.step = value, slope, step

    def after(self, w: NDArray[np.float64]) -> None:
        """The step was made, or refused as divergence."""
        count = self.done + 1
        for name, rows_, entry in (("gain", self.gain, self.step * self.applied), ("weights", self.weights, w)):
            every = getattr(self.record, name)
            if every and (self.begin + count) % every == 0:
                rows_[rows(self.begin, count, every) - 1] = entry
        self.done = count

    def run(self, w: NDArray[np.float64], status: Status, valued: bool) -> DescentRun:
        """The steps that were done."""
        gain = self.gain[: rows(self.begin, self.done, self.record.gain)]
        weights = self.weights[: rows(self.begin, self.done, self.record.weights)]
        return DescentRun(
            w=w, slope=self.slope[: self.done], status=status, start=self.begin, record=self.record,
            value=self.value[: self.done] if valued else None,
            gain=(gain.reshape(-1, *w.shape) if self.per_weight else gain[:, 0]) if self.record.gain else None,
            weights=weights if self.record.weights else None,
            stopped_at=self.begin + self.done - 1 if status is Status.DIVERGED else None)


def _plain(array: NDArray[np.float64]) -> Any:
    """Nested lists, None for what is not finite."""
    out = array.astype(object)
    out[~np.isfinite(array)] = None
    return out.tolist()
