"""One record through one engine: memory for the outputs, conversion piece by piece, and a state that is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched import state as states
from gainsched.room import room
from gainsched.run import Record, Run, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.filters import Filter
    from gainsched.gains import Compensator
    from gainsched.kernels.engine import Engine

PIECE = 1 << 16          # samples converted at a time where the user's array is not float64 in memory order


def is_complex(engine: Engine) -> bool:
    """Whether this realization carries complex weights."""
    return bool(engine.record["w"].dtype.kind == "c")


def flat(engine: Engine, signal: NDArray[Any]) -> NDArray[np.float64]:
    """A signal as the doubles that the engine reads, copied only where it is not that already."""
    return np.ascontiguousarray(signal, dtype=number(engine)).reshape(-1).view(np.float64)


def rewind(engine: Engine, before: NDArray[Any]) -> None:
    """Put an engine back into a state it was in."""
    engine.rewind(before.tobytes())


def number(engine: Engine) -> type:
    """The type of this realization's outputs."""
    return np.complex128 if is_complex(engine) else np.float64


def execute(engine: Engine, filter: Filter, x: NDArray[Any], d: NDArray[Any] | None, record: Record, *,
            per_weight: bool, compensator: Compensator | None = None,
            out: tuple[NDArray[Any], NDArray[Any]] | None = None) -> Run:
    """Run checked signals through an engine whose lock is held.

    A gain refused on the way (a schedule that turns NaN, a law in Python that fails) leaves the state as it was. An
    interruption ends the run at a block's end, with status "interrupted". `out` is where y and e go, as checked.
    """
    total, kind = len(x), number(engine)
    begin = int(engine.record["n"])
    y, e = (room((total,), kind), room((total,), kind)) if out is None else out
    skipped = np.zeros(total, np.bool_) if engine.policy in ("skip", "hold") else None
    gains = weights = None
    if record.gain:
        gains = room((rows(begin, total, record.gain), filter.model.n if per_weight else 1), np.float64)
    if record.weights:
        parts = 2 if kind is np.complex128 else 1
        weights = room((rows(begin, total, record.weights), filter.model.n * parts), np.float64)
    before = engine.snapshot()
    done, status = 0, Status.DONE
    ready = in_memory_order(x, kind) and (d is None or in_memory_order(d, kind))
    piece = max(total, 1) if ready else PIECE
    try:
        while done < total and status is Status.DONE:
            last = min(done + piece, total)
            done += engine.advance(
                flat(engine, x[done:last]), None if d is None else flat(engine, d[done:last]),
                y[done:last].view(np.float64), e[done:last].view(np.float64),
                skipped=None if skipped is None else skipped[done:last].view(np.uint8),
                gain=None if gains is None else gains[rows(begin, done, record.gain):].reshape(-1),
                gain_every=record.gain,
                weights=None if weights is None else weights[rows(begin, done, record.weights):].reshape(-1),
                weights_every=record.weights)
            status = Status.DIVERGED if engine.stopped else Status.DONE
    except KeyboardInterrupt:
        done, status = int(engine.record["n"]) - begin, Status.INTERRUPTED
    except BaseException:              # a law in Python may raise anything
        engine.rewind(before)
        raise
    shape = filter.model.shape
    w = engine.weights()
    averages = compensator is not None and compensator.averages
    if gains is not None:
        gains = gains[: rows(begin, done, record.gain)]
        gains = gains.reshape(-1, *shape) if per_weight else gains[:, 0]
    if weights is not None:
        weights = weights[: rows(begin, done, record.weights)].view(kind).reshape(-1, *shape)
    if done < total:
        y, e = y[:done], e[:done]
    return Run(
        y=y, e=e, w=w, status=status, start=begin,
        stopped_at=begin + done - 1 if status is Status.DIVERGED else None,
        given=None if filter.error_of_output or d is None else np.array(d[:done]) if out is None else d[:done],
        skipped=None if skipped is None else skipped[:done],
        gain=gains, weights=weights, record=record, filter=filter,
        average=states.averaged(engine.record, w, compensator) if averages else None)


def outputs(engine: Engine, x: NDArray[Any], d: NDArray[Any]) -> NDArray[Any]:
    """Outputs of a frozen engine; a large error is no divergence while nothing adapts."""
    y = room((len(x),), number(engine))
    scratch, done = room(y.shape, number(engine)), 0
    while done < len(y):
        done += engine.advance(flat(engine, x[done:]), flat(engine, d[done:]), y[done:].view(np.float64),
                               scratch[done:].view(np.float64))
    return y


def rows(begin: int, count: int, every: int) -> int:
    """Rows kept of `count` samples from clock `begin` when every `every`-th is kept."""
    return (begin + count) // every - begin // every if every else 0


def in_memory_order(signal: NDArray[Any], kind: type) -> bool:
    """Whether the engine can read this array as it lies."""
    return bool(signal.dtype == kind and signal.flags.c_contiguous)
