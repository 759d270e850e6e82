"""Events: what a monitor noticed and at which sample, told once while it lasts."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass(frozen=True)
class Event:
    """Something that a monitor noticed.

    Attributes
    ----------
    k : int
        Sample on the loop's clock: the end of the block in which it was noticed.
    kind : str
        "gain", "excitation", "covariance", "weights", "error" or "diverged".
    message : str
    value, limit : float
        What was read, and what it passed.

    Examples
    --------
    >>> import gainsched as gs
    >>> print(gs.Event(4095, "excitation", "the input is silent", 0.0, 1e-6))
    4095  excitation  the input is silent (0, limit 1e-06)
    """

    k: int
    kind: str
    message: str
    value: float
    limit: float

    def __str__(self) -> str:
        return f"{self.k}  {self.kind}  {self.message} ({self.value:.4g}, limit {self.limit:.4g})"

    def to_dict(self) -> dict[str, Any]:
        """Strict JSON: what is infinite is None."""
        return {name: None if isinstance(value, float) and not math.isfinite(value) else value
                for name, value in asdict(self).items()}


class Log:
    """Events in the order in which they were told.

    Examples
    --------
    >>> log = Log()
    >>> for k, power in enumerate([1.0, 0.0, 0.0, 1.0, 0.0]):
    ...     log.tell("excitation", power == 0, k, "the input is silent", power, 1e-6)
    >>> [event.k for event in log.events]
    [1, 4]
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._on: set[str] = set()                     # what holds at present

    def tell(self, kind: str, holds: bool, k: int, message: str, value: float, limit: float) -> None:
        """An event where something begins to hold; silence while it goes on."""
        if holds and message not in self._on:
            self.events.append(Event(int(k), kind, message, float(value), float(limit)))
            self._on.add(message)
        elif not holds:
            self._on.discard(message)

    def follow(self, kind: str, holds: Array, ends: Array, message: str, values: Array,
               limits: Array | float) -> None:
        """Tell where something begins and ceases to hold, block by block."""
        if message not in self._on and not holds.any():
            return                                     # all is well, as nearly always
        bounds = np.broadcast_to(limits, len(holds))
        for at in (0, *(np.flatnonzero(holds[1:] != holds[:-1]) + 1).tolist()):
            self.tell(kind, bool(holds[at]), ends[at], message, values[at], bounds[at])
