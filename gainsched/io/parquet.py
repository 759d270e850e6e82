"""Parquet files (extra `io`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gainsched.io.table import Table, as_numbers, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


def open_parquet(path: Path) -> Table:
    """The columns of a parquet file; only those asked for are decoded."""
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError:
        raise ValueError(f"{path}: reading parquet needs pyarrow, which is not installed. "
                         'Run: pip install "gainsched[io]"') from None
    try:
        names = tuple(parquet.read_schema(path).names)
    except ArrowInvalid as error:
        raise ValueError(f"{path}: this is not a readable parquet file ({str(error).splitlines()[0]}).") from None

    def load(wanted: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        table = parquet.read_table(path, columns=list(wanted))
        return {name: as_numbers(path, name, table.column(name).to_pandas()) for name in wanted}

    def clock(name: str) -> NDArray[np.float64] | None:
        return seconds(parquet.read_table(path, columns=[name]).column(name).to_pandas())

    return Table(path, names, load, clock)
