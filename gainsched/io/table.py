"""What every format is turned into: named columns that are read only when asked for."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Columns = dict[str, NDArray[np.float64]]

MISSING = ("nil", "Nil", "NIL", "none", "None", "NONE", "null", "Null", "NULL", "nan", "NaN", "NAN", "-nan", "-NaN",
           "NA", "N/A", "n/a", "")
_TIME = {"t", "time", "times", "timestamp", "datetime", "date", "seconds", "sec", "tempo", "zeit", "temps"}
_SHOWN = 12


@dataclass(frozen=True)
class Table:
    """An opened file: its columns by name, and how to read some of them.

    Attributes
    ----------
    path : Path
        The file.
    names : tuple of str
        What it holds.
    load : callable
        Reads the named columns, each as float64 (T,) or (T, m), missing cells as NaN.
    clock : callable
        Reads one column as time in seconds, or gives None where it cannot.
    noun : str
        What this format calls a column.
    """

    path: Path
    names: tuple[str, ...]
    load: Callable[[Sequence[str]], Columns]
    clock: Callable[[str], NDArray[np.float64] | None]
    noun: str = "column"

    def require(self, name: str, role: str) -> str:
        """The name if it exists; else a refusal that lists what exists and suggests the nearest."""
        count = self.names.count(name)
        if count == 1:
            return name
        if count:
            raise ValueError(f"{self.path}: {role} {name!r}: {count} {self.noun}s have that name; rename one.")
        near = difflib.get_close_matches(name.lower(), [n.lower() for n in self.names], n=1, cutoff=0.6)
        nearest = [n for n in self.names if near and n.lower() == near[0]]
        advice = f" Did you mean {nearest[0]!r}?" if nearest else ""
        raise ValueError(f"{self.path}: {role} {name!r}: there is no {self.noun} of that name; the file has "
                         f"{listed(self.names)}.{advice}")

    def time(self) -> NDArray[np.float64] | None:
        """The first column whose name says time; None where it cannot be read as that or runs backwards."""
        for name in self.names:
            if says_time(name) and self.names.count(name) == 1:
                values = self.clock(name)
                sound = values is not None and np.isfinite(values).all() and (np.diff(values) >= 0).all()
                return values if sound else None
        return None


def listed(names: Sequence[str]) -> str:
    """Names for a message, a long list cut short."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown or "none"


def says_time(name: str) -> bool:
    """Whether a name is a word for time, a unit behind it allowed: "Tempo_s", "time [s]", "Time (ms)"."""
    word = name.strip().lower()
    for cut in "_ [(/":
        word = word.split(cut)[0]
    return word in _TIME


def seconds(values: Any) -> NDArray[np.float64] | None:
    """Numbers as they stand, dates and times as seconds since the first; None where they are neither."""
    import pandas as pd

    series = pd.Series(values)
    if not pd.api.types.is_datetime64_any_dtype(series):
        numbers = pd.to_numeric(series, errors="coerce")
        if numbers.notna().any():
            return numbers.to_numpy(np.float64, na_value=np.nan)
        durations = pd.to_timedelta(series, errors="coerce")             # "0 days 00:00:05", "00:00:05"
        if durations.notna().any():
            return np.asarray(durations.dt.total_seconds(), dtype=np.float64)
        series = pd.to_datetime(series, errors="coerce", format="mixed", utc=True)
    known = series.dropna()
    if known.empty:
        return None
    return np.asarray((series - known.iloc[0]).dt.total_seconds(), dtype=np.float64)


def as_numbers(path: Path, name: str, values: Any) -> NDArray[np.float64]:
    """A column of any type as float64, missing cells as NaN; the first unreadable cell is named with its row."""
    import pandas as pd

    series = pd.Series(values)
    if pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_complex_dtype(series):
        return series.to_numpy(np.float64, na_value=np.nan)
    text = series.astype("string").str.strip()
    missing = text.isna() | text.isin(MISSING)
    numbers = pd.to_numeric(text.mask(missing), errors="coerce")
    broken = np.flatnonzero((numbers.isna() & ~missing).to_numpy(bool))
    if len(broken):
        raise ValueError(unreadable(path, f"row {broken[0] + 1}", name, str(text.iloc[broken[0]])))
    return numbers.to_numpy(np.float64, na_value=np.nan)


def unreadable(path: Path, where: str, name: str, text: str) -> str:
    """The sentence for a cell that is no number."""
    return (f"{path}: {where}, column {name!r}: {text!r} is not a number. Correct the cell, or leave it empty to mark "
            "it missing.")
