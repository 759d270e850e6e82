"""The trace of a run, and what to keep of it."""

from __future__ import annotations

import dataclasses
import numbers
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gainsched.filters import Filter


class Status(StrEnum):
    """How a run ended."""

    DONE = "done"
    DIVERGED = "diverged"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Record:
    """What a run keeps besides y, e and the final weights.

    Parameters
    ----------
    gain : int
        Keep every gain-th gain (0: none). Rows are the samples after which the loop's clock is a multiple of it.
    weights : int
        Keep the weights after every weights-th sample (0: none): the first row is w after `weights` samples.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(1000)
    >>> gs.NLMS(4).run(x, x, record=gs.Record(gain=1, weights=100)).weights.shape
    (10, 4)
    """

    gain: int = 0
    weights: int = 0

    def __post_init__(self) -> None:
        for name in ("gain", "weights"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 0:
                raise ValueError(refusal(f"Record: {name}", value, "must be an integer >= 0 (0 keeps nothing)"))
            object.__setattr__(self, name, int(value))


@dataclass(frozen=True, eq=False)
class Run:
    """What one run of a loop gave: ``y, e = run``.

    Attributes
    ----------
    y, e : (T,) arrays
        A-priori output and error. e is NaN where d was missing.
    w : array
        Weights at the end.
    average : array or None
        Averaged weights at the end, where the compensator averages.
    n : int
        Samples in this run.
    status : Status
        "done", "diverged" or "interrupted".
    stopped_at : int or None
        Clock of the sample at which the loop diverged.
    gain, weights : arrays or None
        Recorded gains (``(rows,)`` or ``(rows, *w.shape)``) and weights, at samples `gain_at`, `weights_at`.
    skipped : (T,) bool array or None
        Samples without an update, where missing values are allowed.
    start : int
        The loop's clock at the first sample.
    d : (T,) array
        The desired signal, y + e; NaN where it was missing.
    """

    y: NDArray[Any]
    e: NDArray[Any]
    w: NDArray[Any]
    status: Status = Status.DONE
    stopped_at: int | None = None
    start: int = 0
    given: NDArray[Any] | None = None
    skipped: NDArray[np.bool_] | None = None
    gain: NDArray[Any] | None = None
    weights: NDArray[Any] | None = None
    record: Record = Record()
    filter: Filter | None = None
    average: NDArray[Any] | None = None

    @property
    def d(self) -> NDArray[Any]:
        """The desired signal, y + e but for filters whose error is not that of y (a copy was then kept)."""
        return self.y + self.e if self.given is None else self.given

    @property
    def n(self) -> int:
        """Samples in this run."""
        return len(self.y)

    @property
    def gain_at(self) -> NDArray[np.int64]:
        """Clock of each recorded gain."""
        return self._rows(self.record.gain)

    @property
    def weights_at(self) -> NDArray[np.int64]:
        """Clock of each recorded weight vector: the sample after whose update it was taken."""
        return self._rows(self.record.weights)

    def _rows(self, every: int) -> NDArray[np.int64]:
        if not every:
            return np.zeros(0, dtype=np.int64)
        return np.arange(self.start // every + 1, (self.start + self.n) // every + 1) * every - 1

    @property
    def fit(self) -> float:
        """Percentage of the desired signal's variation that the one-step predictions explain.

        100 (1 - norm(e) / norm(d - mean d)) over the samples where both exist and none was skipped (a missing input
        counts as 0 there, which says nothing of the weights); nan for an empty run.
        """
        d = self.y + self.e if self.d is None else np.asarray(self.d)
        sound = np.isfinite(self.e) & np.isfinite(d)
        if self.skipped is not None:
            sound &= ~self.skipped
        if not sound.any():
            return float("nan")
        spread = np.linalg.norm(d[sound] - d[sound].mean())
        return float(100.0 * (1.0 - np.linalg.norm(self.e[sound]) / spread)) if spread > 0 else float("nan")

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return iter((self.y, self.e))

    def __repr__(self) -> str:
        at = f" at sample {self.stopped_at}" if self.stopped_at is not None else ""
        missing = f", {int(self.skipped.sum())} skipped" if self.skipped is not None and self.skipped.any() else ""
        name = "" if self.filter is None else f"{self.filter!r}, "
        return f"<Run {name}{self.n} samples from {self.start}, {self.status}{at}{missing}>"

    def __add__(self, other: Run) -> Run:
        """Join two runs of one loop; refused where the second does not continue the first."""
        if not isinstance(other, Run):
            return NotImplemented
        if other.start != self.start + self.n or other.filter != self.filter:
            raise ValueError(f"these runs do not join: the first ends before sample {self.start + self.n}, the second "
                             f"begins at {other.start} ({self.filter!r} and {other.filter!r}).")
        if self.record != other.record:
            raise ValueError(f"these runs do not join: they recorded {self.record!r} and {other.record!r}.")
        joined = {name: _joined(getattr(self, name), getattr(other, name))
                  for name in ("y", "e", "given", "skipped", "gain", "weights")}
        return dataclasses.replace(other, start=self.start, **joined)

    def response(self) -> Any:
        """As a python-control TimeResponseData: outputs y and e, weights as states where every one was recorded."""
        import control

        states = None
        if self.weights is not None and self.record.weights == 1:
            states = self.weights.reshape(len(self.weights), int(np.prod(self.w.shape))).T
        labels = None if states is None else [f"w[{i}]" for i in range(len(states))]
        time = np.arange(self.start, self.start + self.n, dtype=np.float64)
        return control.TimeResponseData(time, np.stack([self.y, self.e]), states=states, output_labels=["y", "e"],
                                        state_labels=labels, issiso=False, title="adaptation run")

    def plot(self, *, ax: Any = None) -> Any:
        """Draw the learning curve (smoothed squared error in dB); returns the matplotlib Axes."""
        from gainsched.plot.learning import learning_curve

        return learning_curve(self, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, ready for strict JSON (NaN becomes None)."""
        out: dict[str, Any] = {"n": self.n, "start": self.start, "status": str(self.status),
                               "stopped_at": self.stopped_at, "fit": _plain(self.fit), "w": _plain(self.w),
                               "y": _plain(self.y), "e": _plain(self.e)}
        if self.average is not None:
            out["average"] = _plain(self.average)
        for name in ("gain", "weights"):
            if getattr(self, name) is not None:
                out[name] = _plain(getattr(self, name))
                out[f"{name}_at"] = getattr(self, f"{name}_at").tolist()
        if self.skipped is not None:
            out["skipped"] = np.flatnonzero(self.skipped).tolist()
        return out


def _joined(a: Any, b: Any) -> Any:
    return None if a is None or b is None else np.concatenate([a, b])


def _plain(value: Any) -> Any:
    array = np.asarray(value)
    if array.dtype.kind == "c":
        return {"real": _plain(array.real), "imag": _plain(array.imag)}
    if array.ndim == 0:
        return float(array) if np.isfinite(array) else None
    out = array.astype(object)
    out[~np.isfinite(array)] = None
    return out.tolist()
