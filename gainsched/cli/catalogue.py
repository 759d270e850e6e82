"""What the registry knows, in words: names, one-line summaries, parameters, pages."""

from __future__ import annotations

import difflib
import inspect
from typing import TYPE_CHECKING, Any

from gainsched import registry
from gainsched.cli.console import Refused

if TYPE_CHECKING:
    from gainsched.param import Parameter, Spec

SECTIONS = (("filter", "Filters"), ("schedule", "Schedules"), ("law", "Laws"),
            ("compensator", "Compensators"), ("model", "Models"))


def summary(cls: type[Spec]) -> str:
    """The first sentence of the class's page."""
    return (inspect.getdoc(cls) or "").split("\n", 1)[0]


def family(name: str) -> list[type[Spec]]:
    """The classes of a family, by name."""
    return [registry.find(name, cls) for cls in registry.names(name)]


def find(name: str) -> tuple[str, type[Spec]]:
    """(family, class) of any name, case, - and _ ignored; an unknown one is refused with the nearest."""
    known = {cls.lower(): (family, cls) for family, _ in SECTIONS for cls in registry.names(family)}
    plain = name.replace("-", "").replace("_", "").lower()
    if plain in known:
        kind, exact = known[plain]
        return kind, registry.find(kind, exact)
    near = [known[n][1] for n in difflib.get_close_matches(plain, known, n=3, cutoff=0.5)]
    raise Refused(f"nothing is called {name!r}" + (f"; did you mean {', '.join(near)}?" if near else
                                                  "; gainsched list shows everything."))


def default(parameter: Parameter) -> str:
    """The default in words."""
    return "required" if parameter.required else str(parameter.default)


def span(parameter: Parameter) -> str:
    """The admissible values, in as few words as a column of a table takes."""
    words = parameter.range.removeprefix("must be ")
    for noun in ("a finite number", "a number"):
        words = words.replace(f"{noun} ", "", 1).replace(noun, "any number")
    return words.replace("an integer ", "integer ", 1).replace(" and <=", ", <=")


def to_dict(kind: str, cls: type[Spec]) -> dict[str, Any]:
    """A class's page as data."""
    return {
        "name": cls.__name__, "family": kind, "summary": summary(cls),
        "parameters": [{"name": p.name, "default": None if p.required else p.default, "required": p.required,
                        "range": p.range, "unit": p.unit, "symbol": p.symbol, "doc": p.doc} for p in cls.parameters()],
        "doc": inspect.getdoc(cls) or "",
    }
