"""Every public algorithm by family and name: the one listing, filled by defining a class."""

from __future__ import annotations

import difflib
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gainsched.param import Spec

FAMILIES = ("model", "filter", "schedule", "composite", "law", "compensator")
_HOME = {"model": "gainsched.models", "filter": "gainsched.filters", "schedule": "gainsched.gains",
         "composite": "gainsched.gains", "law": "gainsched.gains", "compensator": "gainsched.gains"}
_known: dict[str, dict[str, type[Spec]]] = {family: {} for family in FAMILIES}


def _key(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def register(family: str, cls: type[Spec]) -> None:
    """Enter a class under its own name; a name defined twice (a reloaded module) is replaced."""
    _known[family][_key(cls.__name__)] = cls


def names(family: str) -> tuple[str, ...]:
    """Class names of a family, sorted.

    Examples
    --------
    >>> "NLMS" in names("filter")
    True
    """
    importlib.import_module(_HOME[family])
    return tuple(sorted(cls.__name__ for cls in _known[family].values()))


def find(family: str, name: str) -> type[Spec]:
    """The class called `name` in a family; case, ``-`` and ``_`` are ignored.

    Raises
    ------
    ValueError
        When there is none; the message offers the nearest names.
    """
    importlib.import_module(_HOME[family])
    found = _known[family].get(_key(name))
    if found is None:
        near = difflib.get_close_matches(_key(name), _known[family], n=3, cutoff=0.5)
        offered = [_known[family][key].__name__ for key in near] or list(names(family))
        raise ValueError(f"there is no {family} called {name!r}; try {', '.join(offered)}.")
    return found
