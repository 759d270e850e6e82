"""The one door for recordings: a file and the names of input and output become arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.io.mat import open_mat
from gainsched.io.npz import open_npz
from gainsched.io.parquet import open_parquet
from gainsched.io.table import Table, listed, says_time
from gainsched.io.text import open_text
from gainsched.io.wav import open_wav

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from os import PathLike

    from numpy.typing import NDArray

    Names = str | int | Sequence[str | int]

FORMATS: dict[str, Callable[[Path], Table]] = {
    ".csv": open_text, ".tsv": open_text, ".dat": open_text, ".txt": open_text,
    ".npz": open_npz, ".mat": open_mat, ".wav": open_wav, ".parquet": open_parquet, ".pq": open_parquet,
}
BIAS = "1"


@dataclass(frozen=True, eq=False)
class Signals:
    """A recording, ready for `Loop.run`: ``gs.Loop(filter).run(s.x, s.d)``; also ``x, d, time, names = s``.

    Attributes
    ----------
    x : (T,) or (T, m) float64 array
        The input; one column per name where several were asked for. Missing cells are NaN.
    d : (T,) float64 array or None
        The output; None where none was asked for.
    time : (T,) float64 array or None
        Where the file has a numeric or date column that says so by its name (dates count in seconds from the first
        row) and never runs backwards, or a sampling rate.
    names : tuple of str
        The inputs' names, then the output's.
    """

    x: NDArray[np.float64]
    d: NDArray[np.float64] | None
    time: NDArray[np.float64] | None
    names: tuple[str, ...]

    def __iter__(self) -> Iterator[Any]:
        return iter((self.x, self.d, self.time, self.names))

    @property
    def channels(self) -> int:
        """Number of input columns."""
        return 1 if self.x.ndim == 1 else self.x.shape[1]

    @property
    def missing(self) -> int:
        """Rows in which the input or the output has a missing value."""
        gaps = np.isnan(self.x.reshape(len(self.x), -1)).any(axis=1)
        return int((gaps if self.d is None else gaps | np.isnan(self.d)).sum())

    def __repr__(self) -> str:
        gaps = f", {self.missing} with missing values" if self.missing else ""
        return f"<Signals {', '.join(self.names)}: {len(self.x)} rows{gaps}>"


def read(path: str | PathLike[str], input: Names | None = None, output: str | int | None = None) -> Signals:
    r"""Read input and output of a recording by the names of their columns.

    Parameters
    ----------
    path : str or Path
        csv or tsv (also .gz), .dat or .txt (columns separated by blanks), npz, mat (versions 5 to 7), wav, parquet
        (needs the extra ``io``). Text tables without a header, and the channels of a wav file, are named 0, 1, 2 ...
    input : str, int, or sequence of them, optional
        Name of the input, several names separated by commas, or a list of names. The name ``1``, where the file has no
        column of that name, is a column of ones: the regressor of a constant offset.
    output : str or int, optional
        Name of the output. Where neither is named and the file has exactly two columns besides time, the first is the
        input and the second the output.

    Returns
    -------
    Signals
        ``x`` (T,) for one input and (T, m) for several, ``d``, ``time``, ``names``; float64, missing cells as NaN.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        Unknown format or column (with what exists), a cell that is no number (with line, column and text), unequal
        lengths: one line each.

    Notes
    -----
    'nil', 'null', 'NA', 'NaN' and empty cells are missing. Columns that are not asked for are not parsed. Integer
    samples of wav files are scaled to +-1.

    Examples
    --------
    >>> import tempfile, pathlib, gainsched as gs
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "ride.csv"
    >>> _ = path.write_text("time_s,power,speed\n0,120,7.9\n1,nil,8.0\n2,180,8.3\n")
    >>> s = gs.read(path, input="power,1", output="speed")
    >>> s.x
    array([[120.,   1.],
           [ nan,   1.],
           [180.,   1.]])
    >>> s
    <Signals power, 1, speed: 3 rows, 1 with missing values>
    """
    file = Path(path)
    table = _opened(file)
    if input is None and output is None:
        input, output = _obvious(table)
    inputs = _split(table, () if input is None else input)
    goal = None if output is None else table.require(str(output), "output")
    if not inputs:
        raise ValueError(f"{file}: name at least one input; the file has {listed(table.names)}.")
    stored = [table.require(name, "input") for name in inputs if not _is_bias(table, name)]
    wanted = list(dict.fromkeys([*stored, *([] if goal is None else [goal])]))
    columns = table.load(wanted)
    rows = _rows(file, columns, table)
    parts = [np.ones(rows) if _is_bias(table, name) else columns[name] for name in inputs]
    d = None if goal is None else columns[goal]
    if d is not None and d.ndim != 1:
        raise ValueError(f"{file}: output {goal!r} has shape {d.shape}; an output is one column.")
    x = parts[0] if len(parts) == 1 else np.column_stack(parts)
    named = [name if part.ndim == 1 else f"{name}[{i}]" for name, part in zip(inputs, parts, strict=True)
             for i in range(1 if part.ndim == 1 else part.shape[1])]
    names = (*named, *(() if goal is None else (goal,)))
    time = table.time()
    return Signals(x, d, time if time is not None and len(time) == rows else None, names)


def _opened(file: Path) -> Table:
    if not file.is_file():
        what = "is a directory, not a file" if file.is_dir() else "no such file"
        raise FileNotFoundError(f"{file}: {what}.")
    suffixes = [s.lower() for s in file.suffixes]
    kind = suffixes[-2] if len(suffixes) > 1 and suffixes[-1] == ".gz" else suffixes[-1] if suffixes else ""
    if kind not in FORMATS:
        raise ValueError(f"{file}: the format {kind or 'without an ending'!r} is not known; files end in "
                         f"{', '.join(FORMATS)} (text tables also .gz).")
    return FORMATS[kind](file)


def _obvious(table: Table) -> tuple[str, str]:
    """Input and output of a file in which nothing else could be meant."""
    signals = [name for name in table.names if not says_time(name)]
    if len(signals) != 2:
        raise ValueError(f"{table.path}: name the input and the output; the file has {listed(table.names)}.")
    return signals[0], signals[1]


def _split(table: Table, names: Names) -> list[str]:
    """Every name as it is where the file has it (commas and all), else split at its commas."""
    given = [names] if isinstance(names, str | int) else list(names)
    out: list[str] = []
    for name in map(str, given):
        out += [name] if name in table.names else [part.strip() for part in name.split(",") if part.strip()]
    return out


def _is_bias(table: Table, name: str) -> bool:
    return name == BIAS and name not in table.names


def _rows(file: Path, columns: dict[str, NDArray[np.float64]], table: Table) -> int:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name!r} has {length}" for name, length in lengths.items())
        raise ValueError(f"{file}: input and output must be of equal length; {told}.")
    if not lengths:
        raise ValueError(f"{file}: a column of ones alone is no recording; the file has {listed(table.names)}.")
    rows = next(iter(lengths.values()))
    if not rows:
        raise ValueError(f"{file}: there are no rows in {listed(list(lengths))}.")
    return rows
