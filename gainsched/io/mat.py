"""MATLAB files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gainsched.io.arrays import array_table

if TYPE_CHECKING:
    from pathlib import Path

    from gainsched.io.table import Table


def open_mat(path: Path) -> Table:
    """The variables of a MAT-file of version 5 to 7; 7.3 is HDF5 and is refused with what to do."""
    from scipy.io import loadmat, whosmat
    from scipy.io.matlab import MatReadError

    try:
        names = [name for name, _, _ in whosmat(path)]
    except NotImplementedError:
        raise ValueError(f"{path}: this is a MATLAB 7.3 file (HDF5). Save it in MATLAB with save(file, '-v7'), or "
                         "convert it to npz with h5py.") from None
    except (ValueError, TypeError, IndexError, MatReadError) as error:     # IndexError: scipy <= 1.15
        raise ValueError(f"{path}: this is not a readable MAT-file ({_one_line(error)}).") from None
    return array_table(path, names, lambda name: loadmat(path, variable_names=[name])[name])


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
