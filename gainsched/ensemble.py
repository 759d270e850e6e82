"""Rows of `run_many` side by side in the vector lanes, where the loop allows it: see `kernels/ensemble.pyx`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gainsched import state as states
from gainsched.kernels.ensemble import TAPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.filters import Filter
    from gainsched.gains.port import Port


def side_by_side(filter: Filter, gain: Port, state: NDArray[Any]) -> bool:
    """Whether plain records from this state on can share vectors: a short filter, a gain known beforehand."""
    return (filter.model.n <= TAPS and filter.model.channels == 1 and bool(filter.kernel.linear) and gain.law is None
            and "ahead_w" in states.names(state) and state["w"].dtype.kind == "f"
            and not state["stale"] and not state["tainted"])
