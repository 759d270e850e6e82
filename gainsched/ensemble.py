"""Rows of `run_many` side by side in the vector lanes, where the loop allows it: see `kernels/ensemble.pyx`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched import state as states
from gainsched.execute import PIECE, flat, in_memory_order
from gainsched.kernels.ensemble import TAPS, TOGETHER, together
from gainsched.run import Record, Run, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.filters import Filter
    from gainsched.gains.port import Port
    from gainsched.kernels.engine import Engine

__all__ = ["TOGETHER", "execute_together", "side_by_side"]


def side_by_side(filter: Filter, gain: Port, policy: str, state: NDArray[Any], record: Record) -> bool:
    """Whether records from this state on can share vectors: a short filter, a gain known beforehand, no gaps."""
    return (filter.model.n <= TAPS and filter.model.channels == 1 and filter.kernel.linear
            and "ahead_w" in states.names(state) and gain.law is None and policy == "raise"
            and not state["stale"] and not state["tainted"] and not record.gain and not record.weights)


def execute_together(engines: list[Engine], filter: Filter, signals: list[tuple[NDArray[Any], NDArray[Any]]],
                     record: Record, room: NDArray[np.float64]) -> list[Run]:
    """Run checked records of one length, one per engine, from the state that all are in; y and e lie in `room`."""
    x, d = [pair[0] for pair in signals], [pair[1] for pair in signals]
    total, begin = len(d[0]), int(engines[0].record["n"])
    y, e = room
    status = [Status.DONE] * len(x)
    ready = all(in_memory_order(signal, np.float64) for signal in [*x, *d])
    piece = max(total, 1) if ready else PIECE
    try:
        for first in range(0, total, piece):
            part = slice(first, first + piece)
            going = [i for i in range(len(x)) if status[i] is Status.DONE]
            if going:
                together([engines[i] for i in going], [flat(engines[i], x[i][part]) for i in going],
                         [flat(engines[i], d[i][part]) for i in going], [y[i][part] for i in going],
                         [e[i][part] for i in going])
            status = [Status.DIVERGED if engine.stopped else Status.DONE for engine in engines]
    except KeyboardInterrupt:
        status = [Status.DIVERGED if engine.stopped else Status.INTERRUPTED for engine in engines]
    done = [int(engine.record["n"]) - begin for engine in engines]
    return [Run(y=y[i, :done[i]], e=e[i, :done[i]], w=engine.weights(), status=status[i], start=begin,
                stopped_at=begin + done[i] - 1 if status[i] is Status.DIVERGED else None, record=record, filter=filter)
            for i, engine in enumerate(engines)]
