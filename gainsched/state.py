"""The state of a loop as one NumPy structured record, aligned for the kernels."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gainsched.gains import Compensator

HEADER = (("n", "i8"), ("stale", "i8"), ("tainted", "i8"), ("pending", "i8"),
          ("peak", "f8"), ("feedback", "f8"), ("y_re", "f8"), ("y_im", "f8"))
ALIGN = 64
LARGEST = 1 << 31        # bytes in a NumPy record type
LAGS = 3                 # samples by which the correlations of a lookahead block reach beyond its window


def lookahead(n: int, complex_: bool) -> dict[str, NDArray[Any]]:
    """The fields of a lookahead block, as the kernels' `ahead_t`: its weights, and what waits to reach them."""
    number: type = np.complex128 if complex_ else np.float64
    return {"w": np.zeros(n, number), "top": np.zeros(1), "left": np.zeros(1), "filled": np.zeros(1),
            "scale": np.ones(1), "steps": np.zeros(LAGS + 1, number), "lags": np.zeros(LAGS + 1, number)}


def blank(layout: dict[str, int], shape: tuple[int, ...], groups: dict[str, dict[str, NDArray[Any]]],
          complex_: bool) -> NDArray[Any]:
    """A record before the first sample: header, weights, delay lines, then the private fields of each part.

    Fields of a group lie one behind the other, in the order given: that is what a kernel's state
    pointer sees.
    """
    number = "c16" if complex_ else "f8"
    fields: list[tuple[str, str, tuple[int, ...]]] = [(name, kind, ()) for name, kind in HEADER]
    fields += [("w", number, shape), ("line", number, (layout["depth"], layout["channels"]))]
    if layout["past"]:
        fields.append(("past", "f8", (layout["past"], layout["n"])))
    for group, parts in groups.items():
        fields += [(f"{group}_{name}", value.dtype.str[1:], value.shape) for name, value in parts.items()]
    fields.append(("marks", "u1", (layout["depth"],)))
    starts = {"w", "line", "past"} | {f"{group}_{next(iter(parts))}" for group, parts in groups.items() if parts}
    record = aligned(_laid(tuple(fields), frozenset(starts), layout["n"]))
    for group, parts in groups.items():
        for name, value in parts.items():
            record[f"{group}_{name}"] = value
    return record


@functools.lru_cache(64)
def _laid(fields: tuple[tuple[str, str, tuple[int, ...]], ...], starts: frozenset[str], n: int) -> np.dtype[Any]:
    """Fields one behind the other, those of `starts` at multiples of 64 bytes; NumPy takes 15 us to make the type."""
    offsets: list[int] = []
    offset = 0
    for name, kind, size in fields:
        if name in starts:
            offset = -(-offset // ALIGN) * ALIGN
        offsets.append(offset)
        offset += np.dtype(kind).itemsize * math.prod(size)
    total = -(-max(offset, 1) // ALIGN) * ALIGN
    if total >= LARGEST:
        raise ValueError(f"the state of {n} weights would take {total / 2**30:.3g} GiB, at most 2 GiB fit in "
                         "a record; take fewer taps.")
    return np.dtype({"names": [f[0] for f in fields], "formats": [(f[1], f[2]) for f in fields],
                     "offsets": offsets, "itemsize": total})


def aligned(dtype: np.dtype[Any]) -> NDArray[Any]:
    """A zeroed record of this type at a multiple of 64 bytes: 16-byte alignment was 1.5 times slower at 32 taps."""
    raw = np.zeros(dtype.itemsize + ALIGN, dtype=np.uint8)
    start = -raw.ctypes.data % ALIGN
    return raw[start : start + dtype.itemsize].view(dtype).reshape(())


def averaged(record: NDArray[Any], w: NDArray[Any], compensator: Compensator | None) -> NDArray[Any]:
    """The averaged weights that a compensator keeps as its first numbers (a copy); else the weights."""
    if compensator is None or not compensator.averages:
        return w
    numbers: NDArray[Any] = record["compensator_average"].copy()
    return numbers.view(w.dtype).reshape(w.shape)


def names(record: NDArray[Any]) -> tuple[str, ...]:
    """Field names of a record; none for an ordinary array."""
    return record.dtype.names or ()


def copy_fields(target: NDArray[Any], source: NDArray[Any], *, skip: tuple[str, ...] = ()) -> None:
    """Copy the fields both records have in the same shape, but for those named."""
    for name in names(source):
        if name in names(target) and name not in skip and target[name].shape == source[name].shape:
            target[name] = source[name]


def fill(record: NDArray[Any], fields: Mapping[str, NDArray[Any]], who: str) -> None:
    """Take a state given field by field into a fresh record, or refuse it by field, value and limit."""
    differing = sorted(set(fields) ^ set(names(record)))
    if differing:
        raise ValueError(f"{who}: the fields {differing} are not in both states; this one belongs to another filter, "
                         "gain or version.")
    for name in names(record):
        value, own = np.asarray(fields[name]), record[name]
        if value.dtype.kind not in "iufcb" or (value.dtype.kind == "c" and own.dtype.kind != "c"):
            raise TypeError(refusal(f"{who}: {name}", str(value.dtype), f"must hold numbers of type {own.dtype}"))
        if value.shape != own.shape:
            raise ValueError(refusal(f"{who}: {name}", value.shape, f"must have shape {own.shape}"))
        record[name] = value
    for name, high in (("n", np.inf), ("stale", np.inf), ("tainted", 1), ("pending", 1), ("peak", np.inf)):
        if not 0 <= record[name] <= high:
            raise ValueError(refusal(f"{who}: {name}", record[name].item(), f"must be >= 0 and <= {high:g}"))
