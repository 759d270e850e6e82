"""Loops as files: an npz of plain arrays with a JSON header of names and numbers; data, never evaluated."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.gains import Law, Schedule, ScheduledLaw
from gainsched.gains.port import Sampled
from gainsched.kernels.wiring import simd
from gainsched.loop import Loop
from gainsched.param import Spec

if TYPE_CHECKING:
    from gainsched.filters import Filter

FORMAT = 4


def save(loop: Loop, path: str | Path) -> None:
    """Write a loop: header (format, filter, gains, options), array gains, and every field of the state."""
    data = loop.__getstate__()
    arrays: dict[str, Any] = {f"state_{name}": value for name, value in data["state"].items()}
    sources: dict[str, Any] = {}
    for name, source in data["sources"].items():
        if isinstance(source, Sampled):
            arrays[f"{name}_values"] = source.values.T if source.per_weight else source.values
            sources[name] = "array"
        else:
            sources[name] = source.to_dict()
    header = {"format": FORMAT, "simd": simd(), "filter": data["filter"].to_dict(), "sources": sources,
              "compensator": None if data["compensator"] is None else data["compensator"].to_dict(),
              "nonfinite": data["nonfinite"], "on_divergence": data["on_divergence"], "limit": data["limit"]}
    arrays["w0"] = data["w0"]
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    with Path(path).open("wb") as file:
        np.savez(file, **arrays)


def load(path: str | Path) -> Loop:
    """Read what `save` wrote."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays["header"].tobytes())
    except (ValueError, KeyError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: this is not a saved loop ({type(error).__name__}).") from None
    if header["format"] != FORMAT:
        raise ValueError(f"{path}: format {header['format']}, this version reads {FORMAT}.")
    if header["simd"] != simd():
        warnings.warn(f"{path}: saved at SIMD level {header['simd']}, continued at {simd()}: sums round differently, "
                      "runs agree to rounding only.", RuntimeWarning, stacklevel=3)
    sources = {name: arrays[f"{name}_values"] if entry == "array" else _gain(entry)
               for name, entry in header["sources"].items()}
    filter: Filter = Spec.from_dict(header["filter"])
    compensator = header["compensator"]
    loop = Loop(filter, **sources, compensator=None if compensator is None else Spec.from_dict(compensator),
                w0=arrays["w0"], nonfinite=header["nonfinite"], on_divergence=header["on_divergence"],
                limit=header["limit"])
    fields = {name.removeprefix("state_"): value for name, value in arrays.items() if name.startswith("state_")}
    loop._take(fields, str(path))
    return loop


def _gain(entry: dict[str, Any]) -> Schedule | Law | ScheduledLaw:
    found = Spec.from_dict(entry)
    assert isinstance(found, Schedule | Law | ScheduledLaw)
    return found
