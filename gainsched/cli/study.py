"""A study file: what to tune, in TOML, every field checked and refused by its name."""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gainsched.cli import console
from gainsched.cli.options import Nonfinite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Target(StrEnum):
    """How errors become one number."""

    RMS = "rms"
    MAD = "mad"
    HUBER = "huber"


@dataclass(frozen=True)
class Study:
    """Everything that `gainsched tune` can be told: the fields of a study file, most of them options, too."""

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
    kind = KINDS.get(name, TEXT)
    if not kind.fits(entry):
        raise console.Refused(f"{path}: {name} must be {kind.words}, got {entry!r}.")
    return kind.made(entry)


@dataclass(frozen=True)
class Kind:
    """What the entry of a field must be, in words, too, and what is made of it."""

    fits: Callable[[Any], bool]
    words: str
    made: Callable[[Any], Any] = lambda entry: entry


def _text(entry: Any) -> bool:
    return isinstance(entry, str)


def _whole(entry: Any) -> bool:
    return type(entry) is int                             # true is an int, too


def _listed(entry: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(entry, list) and bool(entry) and all(map(fits, entry))


def _one_of(words: type[StrEnum]) -> Kind:
    return Kind(lambda entry: entry in tuple(words), "one of " + ", ".join(words))


TEXT, WHOLE = Kind(_text, "a string"), Kind(_whole, "an integer")
NUMBER = Kind(lambda entry: type(entry) in (int, float), "a number", float)
WORDS = Kind(lambda entry: _text(entry) or _listed(entry, _text), "a string or a list of strings",
             lambda entry: (entry,) if _text(entry) else tuple(entry))
KINDS = {
    "input": WORDS, "filter": WORDS, "family": WORDS, "ports": WORDS, "objectives": WORDS, "trials": WHOLE,
    "seed": WHOLE, "validation": NUMBER, "tail": NUMBER, "margin_db": NUMBER, "target": _one_of(Target),
    "nonfinite": _one_of(Nonfinite),
    "taps": Kind(lambda entry: _listed(entry, _whole), "a list of integers", tuple),
    "orders": Kind(lambda entry: _listed(entry, lambda order: isinstance(order, list) and all(map(_whole, order))),
                   "a list of lists [na, nb, nk]", lambda entry: tuple(map(tuple, entry))),
    "workers": Kind(lambda entry: entry == "dask" or _whole(entry), "an integer or 'dask'"),
}
