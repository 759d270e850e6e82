"""The door of a loop's ports: number, array, Schedule or Law become one kind of thing, checked once."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.base import Law, Schedule
from gainsched.gains.scheduled import ScheduledLaw
from gainsched.gains.schedules import Constant

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

FOREVER = 1 << 62
VANISHED = 1e-100        # a law that took such a gain over would sleep for good
_LARGEST = float(np.finfo(np.float64).max)
_KINDS = "must be a number, an array, a Schedule or a Law"


class Sampled:
    """An array of gains: one value per sample (T,), per weight (N, 1), or both (N, T); behaves like a schedule.

    ``values`` keeps the samples along axis 0, so a row is what one sample uses.
    """

    def __init__(self, array: ArrayLike, n: int, who: str = "gain") -> None:
        try:
            seen = np.asarray(array)
        except ValueError:
            raise ValueError(refusal(who, "rows of unequal length", f"must be (T,), ({n}, 1) or ({n}, T)")) from None
        if seen.dtype.kind not in "iuf":
            raise TypeError(refusal(who, str(seen.dtype), "must be an array of real numbers"))
        given = np.array(seen, dtype=np.float64)       # one copy: a loop's gains do not change under its feet
        if given.ndim == 1:
            self.values: NDArray[np.float64] = given
        elif given.ndim == 2 and given.shape[0] == n:
            self.values = np.ascontiguousarray(given.T)
        else:
            raise ValueError(refusal(f"{who}: shape", given.shape,
                                     f"must be (T,), ({n}, 1) or ({n}, T) for {n} weights"))
        if not given.size:
            raise ValueError(refusal(who, "an empty array", "must hold at least one value"))
        self.values.flags.writeable = False
        self.constant = given.ndim == 2 and given.shape[1] == 1

    @property
    def per_weight(self) -> bool:
        """Whether every weight has its own gain."""
        return self.values.ndim == 2

    @property
    def length(self) -> int:
        """Samples covered."""
        return FOREVER if self.constant else len(self.values)

    def __call__(self, k: Any) -> NDArray[np.float64]:
        """The gains at sample numbers k, rows (T, N) where per weight."""
        index = np.asarray(k, dtype=np.int64)
        return self.values[np.zeros_like(index) if self.constant else index]

    @property
    def limit(self) -> Any:
        """The last value."""
        last = self.values[-1]
        return last if self.per_weight else float(last)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sampled) and np.array_equal(self.values, other.values)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shape = self.values.T.shape
        return f"array of gains {shape}, {self.values.min():g} to {self.values.max():g}"


class Port:
    """A port of a loop ("gain", "forgetting", "beta") with what drives it; the engine asks it for blocks of values."""

    def __init__(self, name: str, source: Schedule | Law | ScheduledLaw | Sampled, n: int, low: float, high: float,
                 exclusive: bool, who: str) -> None:
        self.name, self.source, self.n, self.who = name, source, n, who
        self.floor, self.ceiling, self.exclusive = low, high, exclusive
        if isinstance(source, Sampled):
            self._check(source.values, 0)
        elif isinstance(source, Constant) and not (low < source.value <= min(high, _LARGEST)):
            self._check(np.array([source.value]), 0)             # the limit itself, or the words of the refusal

    @property
    def law(self) -> Law | None:
        """The law, if a law drives the port, alone or multiplied by a schedule."""
        inner = self.source.law if isinstance(self.source, ScheduledLaw) else self.source
        return inner if isinstance(inner, Law) else None

    @property
    def width(self) -> int:
        """Numbers per sample: 1, or one per weight."""
        return self.n if self.per_weight else 1

    @property
    def per_weight(self) -> bool:
        """Whether every weight has its own gain."""
        return not isinstance(self.source, Schedule) and self.source.per_weight

    @property
    def lasts(self) -> int:
        """The first sample that it does not cover."""
        return self.source.length if isinstance(self.source, Sampled) else FOREVER

    def handed_over(self, gain: Any, k: int) -> Any:
        """The law's own gain at which the port gives `gain` at sample k; what has all but vanished is no gain."""
        gain = np.where(np.asarray(gain) > VANISHED, gain, 0.0)
        if not isinstance(self.source, ScheduledLaw):
            return gain
        factor = self.source.schedule(k)
        return gain / factor if factor > VANISHED else gain

    # -- what the engine reads ---------------------------------------------------------------------------------

    @property
    def kernel(self) -> Any:
        """The law's kernel, or None."""
        return None if self.law is None else self.law.kernel

    @property
    def tabulates(self) -> bool:
        """Whether there are values known beforehand: all but a law's own."""
        return not isinstance(self.source, Law)

    @property
    def low(self) -> float:
        """Saturation: the law's, within the port's own range."""
        return max(self.floor, getattr(self.law, "low", self.floor))

    @property
    def high(self) -> float:
        """Saturation: the law's, within the port's own range."""
        return min(self.ceiling, getattr(self.law, "high", self.ceiling))

    @property
    def rate_limit(self) -> float:
        """The law's largest change per sample."""
        return float(getattr(self.law, "rate_limit", np.inf))

    @property
    def saturate(self) -> bool:
        """Whether the law's steps are bounded by the error."""
        return self.name == "gain" and bool(getattr(self.law, "saturate", False))

    @property
    def calls_python(self) -> bool:
        """Whether the law's hook runs Python."""
        return self.law is not None and self.law.calls_python

    def constants(self) -> tuple[float, ...]:
        """The law's numbers."""
        return () if self.law is None else self.law.constants()

    def bound(self, memory: NDArray[np.float64] | None) -> Any:
        """What a law of the user's own stands on."""
        return None if self.law is None else self.law.bound(memory)

    def block(self, first: int, last: int) -> tuple[NDArray[np.float64], int, int]:
        """Values from clock `first`, their stride in numbers, and the first clock they do not cover."""
        source = self.source.schedule if isinstance(self.source, ScheduledLaw) else self.source
        if isinstance(source, Constant):
            return np.full(1, source.value), 0, FOREVER
        if isinstance(source, Sampled):
            if source.constant:
                return source.values, 0, FOREVER
            return source.values[first:], self.width, source.length
        if isinstance(source, Law):
            raise TypeError(f"{self.who}: a law has no table of values")
        values = np.ascontiguousarray(source.between(first, last))
        self._check(values, first)
        return values, 1, last

    def covers(self, first: int, last: int) -> None:
        """Refuse a record that goes on after an array of gains has ended."""
        if isinstance(self.source, Sampled) and first < last and last > self.source.length:
            raise ValueError(
                f"{self.who}: the array ends after {self.source.length} samples, but this record needs the gain of "
                f"sample {max(first, self.source.length)} (it covers samples {first} to {last - 1} of the loop's "
                "clock). Give a longer array, or a Schedule, which never ends.")

    def _check(self, values: NDArray[np.float64], first: int) -> None:
        low, high = float(values.min()), float(values.max())        # nan, where there is one
        if (low > self.floor if self.exclusive else low >= self.floor) and high <= min(self.ceiling, _LARGEST):
            return
        low_ok = values > self.floor if self.exclusive else values >= self.floor
        bad = ~(low_ok & (values <= self.ceiling) & np.isfinite(values))
        at = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(refusal(f"{self.who} at sample {first + at[0]}", float(values[at]),
                                 limits(self.floor, self.ceiling, self.exclusive)))


def limits(low: float, high: float, exclusive: bool) -> str:
    """The admissible values of a port in words."""
    top = "" if high == float("inf") else f" and <= {high:g}"
    return f"must be finite and {'>' if exclusive else '>='} {low:g}{top}"


def as_port(name: str, value: Any, *, n: int, who: str, high: float = float("inf"),
            plain_high: float | None = None, exclusive: bool = False, advice: str = "") -> Port:
    """Normalize whatever a user gives for a port; plain numbers may have a tighter limit than schedules."""
    label = f"{who} {name}"
    source: Schedule | Law | ScheduledLaw | Sampled
    if isinstance(value, Schedule | Law | ScheduledLaw | Sampled):
        source = value
    elif isinstance(value, bool) or value is None or isinstance(value, str):
        raise TypeError(refusal(label, value, _KINDS))
    elif isinstance(value, numbers.Real) or (isinstance(value, np.ndarray) and value.ndim == 0):
        if isinstance(value, np.ndarray) and value.dtype.kind not in "iuf":
            raise TypeError(refusal(label, value, _KINDS))
        number = float(value)
        top = high if plain_high is None else plain_high
        if not (np.isfinite(number) and number <= top and (number > 0 if exclusive else number >= 0)):
            raise ValueError(refusal(label, number, limits(0.0, top, exclusive), advice))
        source = Constant(number)
    elif isinstance(value, np.ndarray | list | tuple):
        source = Sampled(value, n, label)
    else:
        raise TypeError(refusal(label, value, _KINDS, _callable_advice(value)))
    port = Port(name, source, n, 0.0, high, exclusive, label)
    if port.law is not None and name not in port.law.ports:
        raise ValueError(refusal(label, source, f"must be a law for the {name}",
                                 f"{type(port.law).__name__} drives the {port.law.ports[0]}."))
    if name == "forgetting" and port.per_weight:
        raise ValueError(refusal(label, source, "must be one number per sample"))
    return port


def _callable_advice(value: Callable[..., Any] | Any) -> str:
    if isinstance(value, type):
        return f"Make one: {value.__name__}(...)."
    return "A function of k is gs.Function(f), one of the error gs.PythonLaw(f)." if callable(value) else ""
