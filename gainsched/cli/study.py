"""A study file: what to tune, in TOML, every field checked and refused by its name."""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from gainsched.cli import console

if TYPE_CHECKING:
    from pathlib import Path

TARGETS = ("rms", "mad", "huber")
NONFINITE = ("raise", "skip", "hold")
OBJECTIVES = ("error", "margin")


@dataclass(frozen=True)
class Study:
    """Everything that `gainsched tune` can be told, by the names of its options."""

    data: Path
    input: tuple[str, ...]
    output: str | None = None
    filter: tuple[str, ...] = ("nlms:32",)
    family: tuple[str, ...] = ("constant",)
    ports: tuple[str, ...] | None = None
    target: str = "rms"
    validation: float = 0.3
    tail: float = 0.15
    trials: int = 100
    seed: int = 0
    margin_db: float | None = None
    objectives: tuple[str, ...] = ("error",)
    taps: tuple[int, ...] | None = None
    orders: tuple[tuple[int, ...], ...] | None = None
    nonfinite: str = "raise"
    storage: str | None = None
    study: str = "gainsched"
    workers: int | str | None = None
    out: Path | None = None


def load(path: Path) -> Study:
    """Read a study file; paths in it are relative to its folder."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise console.Refused(f"{path}: {' '.join(str(error).split())}") from None
    except tomllib.TOMLDecodeError as error:
        raise console.Refused(f"{path} is no TOML: {error}") from None
    known = {f.name: f for f in dataclasses.fields(Study)}
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            raise console.Refused(f"{path}: there is no field {name!r}" + (f"; did you mean {near[0]!r}?" if near else
                                  f"; the fields are {', '.join(known)}."))
    for name in ("data", "input"):
        if name not in given:
            raise console.Refused(f"{path}: the field {name!r} is missing.")
    values = {name: _value(path, name, entry) for name, entry in given.items()}
    for name in ("data", "out"):
        if name in values:
            values[name] = path.parent / values[name]
    if "storage" in values and "://" not in values["storage"]:
        values["storage"] = str(path.parent / values["storage"])
    return Study(**values)


def _value(path: Path, name: str, entry: Any) -> Any:
    """One field in the type it has, or a refusal."""
    if name in ("input", "filter", "family", "ports", "objectives"):
        listed = [entry] if isinstance(entry, str) else entry
        if isinstance(listed, list) and listed and all(isinstance(word, str) for word in listed):
            return tuple(listed)
        _refuse(path, name, entry, "a string or a list of strings")
    if name in ("trials", "seed"):
        if isinstance(entry, int) and not isinstance(entry, bool):
            return entry
        _refuse(path, name, entry, "an integer")
    if name in ("validation", "tail", "margin_db"):
        if isinstance(entry, int | float) and not isinstance(entry, bool):
            return float(entry)
        _refuse(path, name, entry, "a number")
    if name == "taps":
        if isinstance(entry, list) and entry and all(type(n) is int for n in entry):
            return tuple(entry)
        _refuse(path, name, entry, "a list of integers")
    if name == "orders":
        if isinstance(entry, list) and entry and all(isinstance(o, list) and all(type(n) is int for n in o)
                                                     for o in entry):
            return tuple(tuple(order) for order in entry)
        _refuse(path, name, entry, "a list of lists [na, nb, nk]")
    if name == "workers":
        if entry == "dask" or type(entry) is int:
            return entry
        _refuse(path, name, entry, "an integer or 'dask'")
    choices = {"target": TARGETS, "nonfinite": NONFINITE}.get(name)
    if not isinstance(entry, str) or (choices and entry not in choices):
        _refuse(path, name, entry, "one of " + ", ".join(choices) if choices else "a string")
    return entry


def _refuse(path: Path, name: str, entry: Any, limit: str) -> NoReturn:
    raise console.Refused(f"{path}: {name} must be {limit}, got {entry!r}.")
