"""Text tables: csv, also compressed, and whitespace-separated columns with or without a header."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import warnings
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, TextIO

import numpy as np

from gainsched.io.table import MISSING, Table, seconds, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

HEAD = 1 << 16           # bytes that decide about the encoding


@dataclass(frozen=True)
class _Layout:
    """How a text table is laid out, read off its first lines."""

    separator: str | None            # None: any run of blanks
    decimal: str
    names: tuple[str, ...]
    skip: int                        # lines before the first row of data
    encoding: str

    @property
    def dialect(self) -> dict[str, Any]:
        """The layout in pandas' words."""
        separator = r"\s+" if self.separator is None else self.separator
        return {"sep": separator, "decimal": self.decimal, "names": list(range(len(self.names))), "header": None,
                "skiprows": self.skip, "index_col": False, "na_values": list(MISSING), "skipinitialspace": True,
                "low_memory": False}


def open_text(path: Path) -> Table:
    """A table of text; whether it has a header, and what separates its columns, is read off its first lines."""
    layout = _layout(path)

    def load(wanted: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        _refuse_long_rows(path, layout)
        frame = _columns(path, layout, wanted)
        return {name: _numbers(path, layout, name, frame[layout.names.index(name)]) for name in wanted}

    def clock(name: str) -> NDArray[np.float64] | None:
        return seconds(_columns(path, layout, [name])[layout.names.index(name)])

    return Table(path, layout.names, load, clock)


def _columns(path: Path, layout: _Layout, wanted: Sequence[str]) -> Any:
    import pandas as pd

    positions = sorted({layout.names.index(name) for name in wanted})
    # before version 3.1 the default parser is an ulp off; from then on it is exact, and the option deprecated
    old = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)
    exact: dict[str, Any] = {"float_precision": "round_trip"} if old else {}
    try:
        with _text(path, layout.encoding) as file, warnings.catch_warnings():
            # rows longer than the header (a trailing separator) and columns of mixed type: judged below, cell by cell
            warnings.simplefilter("ignore", pd.errors.ParserWarning)
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            return pd.read_csv(file, usecols=positions, **layout.dialect, **exact)
    except pd.errors.EmptyDataError:
        return pd.DataFrame({position: np.zeros(0) for position in positions})
    except pd.errors.ParserError as error:
        raise ValueError(f"{path}: {' '.join(str(error).split()).removeprefix('Error tokenizing data. C error: ')}"
                         ) from None


def _refuse_long_rows(path: Path, layout: _Layout) -> None:
    """Cells beyond the header mean shifted columns (decimal commas, say); only empty ones at the end pass."""
    if layout.separator is None:
        return
    width = len(layout.names)
    with _text(path, layout.encoding) as file:
        for number, line in enumerate(file):
            if number < layout.skip or line.count(layout.separator) < width:
                continue
            cells = next(csv.reader([line], delimiter=layout.separator), [])
            if any(cell.strip() for cell in cells[width:]):
                raise ValueError(f"{path}: line {number + 1} has {len(cells)} cells, the header {width}: "
                                 f"{line.strip()[:60]!r}. Are these decimal commas?")


def _numbers(path: Path, layout: _Layout, name: str, column: Any) -> NDArray[np.float64]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(np.float64, na_value=np.nan)  # type: ignore[no-any-return]
    line, text = _first_broken(path, layout, layout.names.index(name))
    if line:
        raise ValueError(unreadable(path, f"line {line}", name, text))
    cells = column.astype("string").str.strip().replace(list(MISSING), pd.NA)
    if layout.decimal != ".":
        cells = cells.str.replace(layout.decimal, ".", regex=False)
    return pd.to_numeric(cells).to_numpy(np.float64, na_value=np.nan)  # type: ignore[no-any-return]


def _first_broken(path: Path, layout: _Layout, position: int) -> tuple[int, str]:
    """Line number and text of the first cell of a column that is neither a number nor missing; (0, "") if none."""
    with _text(path, layout.encoding) as file:
        for _ in range(layout.skip):
            next(file)
        if layout.separator is None:
            rows = ((number, line.split()) for number, line in enumerate(file, layout.skip + 1))
        else:
            reader = csv.reader(file, delimiter=layout.separator)
            rows = ((layout.skip + reader.line_num, cells) for cells in reader)
        for line, cells in rows:
            if position < len(cells) and not _is_number(cells[position], layout.decimal):
                return line, cells[position].strip()
    return 0, ""


def _layout(path: Path) -> _Layout:
    lines: list[tuple[int, str]] = []
    encoding = _encoding(path)
    with _text(path, encoding) as file:
        for number, line in enumerate(file):
            if line.strip() and line.lstrip()[0] not in "#%":
                lines.append((number, line.rstrip("\r\n")))
            if len(lines) == 2:
                break
    if not lines:
        raise ValueError(f"{path}: the file is empty.")
    at, first = lines[0]
    separator = next((c for c in "\t;," if c in first), None)
    decimal = "," if separator in (";", "\t", None) and "," in lines[-1][1] and "." not in lines[-1][1] else "."
    parsed = csv.reader([first], delimiter=separator or " ", skipinitialspace=True)
    cells = first.split() if separator is None else next(parsed)
    if len(cells) > 1 and not cells[-1].strip():                           # rows that end in a separator
        cells.pop()
    if all(_is_number(cell, decimal) for cell in cells):
        return _Layout(separator, decimal, tuple(str(i) for i in range(len(cells))), at, encoding)
    names = tuple(cell.strip() or str(i) for i, cell in enumerate(cells))
    return _Layout(separator, decimal, names, at + 1, encoding)


def _is_number(cell: str, decimal: str) -> bool:
    text = cell.strip()
    if text in MISSING:
        return True
    try:
        float(text.replace(decimal, "."))
    except ValueError:
        return False
    return "_" not in text


def _encoding(path: Path) -> str:
    """UTF-8 if the first rows are, else Latin-1, which reads every byte: old instruments write degrees and umlauts."""
    with _bytes(path) as file:
        head = file.read(HEAD)
    if b"\x00" in head:
        raise ValueError(f"{path}: this is not a text table (it holds zero bytes).")
    try:
        head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "utf-8-sig" if error.start >= len(head) - 4 else "latin-1"      # a character cut by the end of the head
    return "utf-8-sig"


@contextlib.contextmanager
def _text(path: Path, encoding: str) -> Iterator[TextIO]:
    with _bytes(path) as raw, io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="") as file:
        yield file


@contextlib.contextmanager
def _bytes(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked where they begin as gzip does, whatever the name says."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            with gzip.GzipFile(fileobj=file) if packed else contextlib.nullcontext(file) as raw:
                yield raw  # type: ignore[misc]
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ValueError(f"{path}: this gzip file is damaged ({' '.join(str(error).split())}).") from None
