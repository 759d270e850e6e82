"""Gains composed in a spec: sums and products of specs, and pipes through the methods of a schedule.

- gain: sum { | step }, as in ``cosine:1,0,1000 | warmup:100 | clip:low=.1``
- sum: product { + product }, as in ``constant:.01 + 0.5 * exponential:1,.5,2000``
- product: factor { * factor }; the signs stand between spaces, so that 1e+3 is a number
- factor: ``0.5``, ``name:arguments``, ``name(arguments)``, ``(gain)``
- step: a method's name with its arguments, as in ``then:(cosine:1,0,500),at=1000``
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from gainsched import registry
from gainsched.cli import syntax
from gainsched.gains import Clip, Constant, Schedule, Warmup

if TYPE_CHECKING:
    from collections.abc import Callable

    from gainsched.gains import Law
    from gainsched.gains.scheduled import ScheduledLaw
    from gainsched.param import Spec

    Gain = float | Schedule | Law | ScheduledLaw
    Single = Callable[[str], Gain]
    Arguments = Callable[[type[Spec], syntax.Call, str], dict[str, Any]]

_OF_ANY_GAIN: dict[str, Callable[[Any, dict[str, Any]], Any]] = {      # what may stand behind a law
    "warmup": lambda gain, given: Warmup(**given) >> gain,
    "clip": lambda gain, given: Clip(gain, **given),
}


def gain(text: str, single: Single, arguments: Arguments) -> Gain:
    """The gain that a composed spec means; `single` builds a name with its arguments, `arguments` reads those."""
    head, *steps = syntax.split(text, "|") or [text]
    found = _sum(head, single, arguments)
    for step in steps:
        found = _stepped(found, step, arguments)
    return found


def methods() -> dict[str, type[Spec]]:
    """What may follow a pipe: the methods of a schedule, and the class that each makes."""
    classes = [registry.find("composite", name) for name in registry.names("composite")]
    return {verb: cls for cls in classes if (verb := getattr(cls, "verb", ""))}


def _sum(text: str, single: Single, arguments: Arguments) -> Gain:
    terms = [_product(term, single, arguments) for term in syntax.spaced(text, "+")]
    total = terms[0]
    for term in terms[1:]:
        total = _joined(text, total, term, lambda a, b: a + b)
    return total


def _product(text: str, single: Single, arguments: Arguments) -> Gain:
    factors = [_factor(factor.strip(), single, arguments) for factor in syntax.spaced(text, "*")]
    total = factors[0]
    for factor in factors[1:]:
        total = _joined(text, total, factor, lambda a, b: a * b)
    return total


def _factor(text: str, single: Single, arguments: Arguments) -> Gain:
    if text.startswith("("):
        if not text.endswith(")"):
            raise ValueError(f"{text!r}: nothing may follow the closing parenthesis but | + or *, with spaces around.")
        return gain(text[1:-1], single, arguments)
    try:
        return float(text)
    except ValueError:
        return single(text)


def _joined(text: str, one: Gain, other: Gain, operation: Callable[[Any, Any], Any]) -> Gain:
    try:
        joined: Gain = operation(one, other)
    except TypeError:
        raise ValueError(f"{text.strip()!r}: {type(one).__name__} and {type(other).__name__} do not go together; "
                         "+ and * join schedules and numbers, and * also a schedule and a law after it.") from None
    return joined


def _stepped(found: Gain, text: str, arguments: Arguments) -> Gain:
    """What one pipe makes of a gain."""
    call = syntax.call(text, "warmup:100, clip:low=.1")
    name = call.name.replace("-", "").replace("_", "").lower()
    known = methods()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
        raise ValueError(f"| {call.name}: there is no such step; try {', '.join(near or sorted(known))}.")
    if isinstance(found, float | int):
        found = Constant(found)
    if not isinstance(found, Schedule) and name not in _OF_ANY_GAIN:
        raise ValueError(f"| {call.name}: {type(found).__name__} is a law; a law takes {' and '.join(_OF_ANY_GAIN)}.")
    given = arguments(known[name], call, "schedule")
    missing = [p.name for p in known[name].parameters() if p.required and p.name not in ("schedule", *given)]
    if missing:
        raise ValueError(f"| {call.name} needs {', '.join(missing)}.")
    made: Gain = getattr(found, name)(**given) if isinstance(found, Schedule) else _OF_ANY_GAIN[name](found, given)
    return made
