"""What npz, mat and wav have in common: whole arrays by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.io.table import Table, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


def array_table(path: Path, names: Sequence[str], get: Callable[[str], Any]) -> Table:
    """A table over named arrays; `get` returns one of them."""

    def load(wanted: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        return {name: signal(path, name, get(name)) for name in wanted}

    def clock(name: str) -> NDArray[np.float64] | None:
        array = np.squeeze(np.asarray(get(name)))
        return seconds(array) if array.ndim == 1 and array.dtype.kind in "iufM" else None

    return Table(path, tuple(names), load, clock, noun="array")


def signal(path: Path, name: str, value: Any) -> NDArray[np.float64]:
    """An array as float64: rows are samples; a row vector is taken as a signal."""
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise ValueError(f"{path}: array {name!r} is complex; files are read as real numbers. Load it with NumPy and "
                         "call Loop.run yourself.")
    if array.dtype.kind not in "iufb":
        raise ValueError(f"{path}: array {name!r} holds {array.dtype}, not numbers.")
    if array.ndim == 2 and 1 in array.shape:
        array = array.reshape(-1)
    if array.ndim not in (1, 2):
        raise ValueError(f"{path}: array {name!r} has shape {array.shape}; a signal is (T,) or (T, channels).")
    return np.ascontiguousarray(array, dtype=np.float64)
