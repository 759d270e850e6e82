"""Sound files."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.io.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


def open_wav(path: Path) -> Table:
    """The channels of a wav file, named 0, 1, ...; integer PCM is scaled to +-1, time is sample number over rate."""
    from scipy.io import wavfile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)       # titles and markers are no fault
            rate, data = wavfile.read(path)
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path}: this is not a readable wav file ({' '.join(str(error).split())}).") from None
    channels = data.reshape(len(data), -1)
    names = tuple(str(c) for c in range(channels.shape[1]))

    def load(wanted: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        return {name: _scaled(channels[:, int(name)]) for name in wanted}

    class _Wav(Table):
        def time(self) -> NDArray[np.float64]:
            return np.arange(len(data)) / float(rate)

    return _Wav(path, names, load, lambda name: None, noun="channel")


def _scaled(pcm: NDArray[Any]) -> NDArray[np.float64]:
    """Full scale of the file's type as +-1; 24-bit samples come left-justified in 32, 8-bit ones offset by 128."""
    if pcm.dtype.kind == "f":
        return pcm.astype(np.float64)
    if pcm.dtype == np.uint8:
        return (pcm.astype(np.float64) - 128.0) / 128.0
    return pcm.astype(np.float64) / -float(np.iinfo(pcm.dtype).min)
