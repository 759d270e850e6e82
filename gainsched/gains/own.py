"""What a law of the user's own has, whatever it is written in: a memory, a first gain, one gain or many."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MEMORY = "must be a count >= 0, or an array of finite first values"


class OwnLaw(Law, abstract=True):
    """A law around a function of the user's: outside the registry, since names and numbers do not describe it.

    Its memory lies in the loop's state, so that chunks, copies, threads and refused records all see their own.
    """

    kernels: ClassVar[tuple[Any, Any]] = (None, None)          # of one gain, and of one gain per weight

    memory: Any = param(0, kind="count or array", unit="numbers", doc="what it remembers: a count, or first values")
    start: float = param(0.01, low=0, doc="first gain")
    per_weight: bool = param(False, kind="flag", doc="whether every weight has its own gain")  # type: ignore[misc]

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "memory", _memory(f"{type(self).__name__}: memory", self.memory))

    @property
    def kernel(self) -> Any:
        """The hook that fits the shape of the gain."""
        return self.kernels[self.per_weight]

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, then the memory: zeros, one row per count where gains are per weight, or as given."""
        first = np.asarray(self.start if start is None else start, dtype=np.float64)
        now = np.broadcast_to(first, (n,)).copy() if self.per_weight else np.full(1, float(np.max(first)))
        if isinstance(self.memory, int):
            memory = np.zeros((self.memory, n) if self.per_weight else self.memory)
        else:
            memory = np.array(self.memory)
        return {"now": now, "memory": memory} if memory.size else {"now": now}


def _memory(who: str, value: Any) -> Any:
    """A count, or first values as nested tuples: a frozen law holds no array."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        if value < 0:
            raise ValueError(refusal(who, int(value), _MEMORY))
        return int(value)
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(refusal(who, value, _MEMORY)) from None
    if array.dtype.kind not in "iuf" or array.ndim == 0:
        raise TypeError(refusal(who, value, _MEMORY))
    if not np.isfinite(array).all():
        raise ValueError(refusal(who, value, _MEMORY))
    return _frozen(array.astype(np.float64).tolist())


def _frozen(value: Any) -> Any:
    return tuple(_frozen(v) for v in value) if isinstance(value, list) else value
