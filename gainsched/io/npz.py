"""NumPy archives."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.io.arrays import array_table

if TYPE_CHECKING:
    from pathlib import Path

    from gainsched.io.table import Table


def open_npz(path: Path) -> Table:
    """The arrays of an npz file; arrays of Python objects (pickles) are refused, they could run code."""
    try:
        archive = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, zipfile.BadZipFile):
        archive = None
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise ValueError(f"{path}: this is not an npz archive. Write one with np.savez(path, u=u, y=y).")

    def get(name: str) -> Any:
        try:
            return archive[name]
        except ValueError:
            raise ValueError(f"{path}: array {name!r} holds Python objects, which are not read from files.") from None

    return array_table(path, archive.files, get)
