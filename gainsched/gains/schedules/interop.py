"""From another library's name and parameters to a schedule: what it needs, what it has not, what is nearest."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gainsched.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from gainsched.gains.base import Schedule

    Builders = Mapping[str, Callable[..., Schedule]]


def build(library: str, builders: Builders, elsewhere: Mapping[str, str], name: Any,
          parameters: Mapping[str, Any]) -> Schedule:
    """The schedule that `name` stands for, with its parameters by the names that the library gives them.

    `elsewhere` says, by name, why something is no schedule and what to use instead.
    """
    who = f"from_{library}"
    if not isinstance(name, str):
        raise TypeError(refusal(f"{who}: name", name, "must be the name of a class or function, such as "
                                f"{next(iter(builders))!r}"))
    if not isinstance(parameters, Mapping):
        raise TypeError(refusal(f"{who}: parameters", parameters, "must be a mapping of names to values"))
    if name in elsewhere:
        raise ValueError(f"{who}: {name} {elsewhere[name]}")
    if name not in builders:
        raise ValueError(f"{who}: there is no {name!r}{_nearest(name, [*builders, *elsewhere])}")
    builder = builders[name]
    known = inspect.signature(builder).parameters
    for key in parameters:
        if key not in known:
            raise ValueError(f"{who}: {name} has no parameter {key!r}{_nearest(str(key), list(known))}")
    missing = [key for key, p in known.items() if p.default is p.empty and key not in parameters]
    if missing:
        raise ValueError(f"{who}: {name} needs {', '.join(missing)}; it takes {', '.join(known)}.")
    return builder(**parameters)


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"; did you mean {', '.join(near)}?" if near else f"; it has {', '.join(known)}."


def samples(who: str, value: Any, low: int = 1) -> int:
    """A whole number of samples."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < low:
        raise ValueError(refusal(who, value, f"must be an integer >= {low}"))
    return int(value)
