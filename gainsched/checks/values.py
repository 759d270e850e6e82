"""What every declared thing must hold: printing, round trips, refusals, a docstring worth reading."""

from __future__ import annotations

import inspect
import json
import math
import pickle
from typing import TYPE_CHECKING, Any

from gainsched import registry
from gainsched.param import Spec

if TYPE_CHECKING:
    from gainsched.filters import Filter

SECTIONS = ("Parameters", "Notes", "References", "Examples")


def vocabulary() -> dict[str, Any]:
    """All registered names, for evaluating reprs."""
    return {name: registry.find(family, name) for family in registry.FAMILIES for name in registry.names(family)}


def round_trips(value: Spec) -> None:
    """repr, dict, JSON and pickle give an equal value back; it hashes and is frozen."""
    assert eval(repr(value), vocabulary()) == value, f"eval(repr) is not {value!r}"
    text = json.dumps(value.to_dict(), allow_nan=False)
    assert Spec.from_dict(json.loads(text)) == value, f"JSON round trip of {value!r}"
    assert pickle.loads(pickle.dumps(value)) == value, f"pickle round trip of {value!r}"
    assert hash(value) == hash(type(value).from_dict(value.to_dict())), f"hash of {value!r}"
    name = value.parameters()[0].name
    try:
        setattr(value, name, None)
    except AttributeError:
        return
    raise AssertionError(f"{value!r} is not frozen")


def refusals(value: Spec) -> None:
    """Every bound of every numeric parameter is refused beyond, by name, value and limit."""
    for p in value.parameters():
        if p.kind not in ("real", "integer"):
            continue
        bad = [math.nan, "x", None] + ([-math.inf] if p.low == -math.inf else [p.low - 1.0])
        bad += [p.low] if p.exclusive else []
        bad += [p.high + 1.0] if p.high < math.inf else []
        bad += [p.low + 0.5] if p.kind == "integer" else []
        for wrong in bad:
            try:
                type(value)(**{**_arguments(value), p.name: wrong})
            except (ValueError, TypeError) as error:
                text = str(error)
                clear = p.name in text and p.range in text
                assert clear, f"{type(value).__name__}.{p.name} = {wrong!r}: unclear: {text}"
            else:
                raise AssertionError(f"{type(value).__name__} accepted {p.name} = {wrong!r}")


def _arguments(value: Spec) -> dict[str, Any]:
    return {p.name: getattr(value, p.name) for p in value.parameters()}


def page(cls: type[Spec], needed: tuple[str, ...]) -> None:
    """The docstring has the sections of a handbook page and names every parameter of its own."""
    text = inspect.getdoc(cls) or ""
    assert ".. math::" in text, f"{cls.__name__}: the docstring has no equation"
    for section in needed:
        assert f"\n{section}\n---" in text, f"{cls.__name__}: the docstring has no section {section}"
    for p in cls.parameters():
        assert p.name in text, f"{cls.__name__}: the docstring does not mention {p.name}"
        assert p.doc, f"{cls.__name__}: parameter {p.name} does not say what it is"


def prints_as_code(filter: Filter) -> None:
    """eval(repr(f)) == f, through JSON and pickle too."""
    round_trips(filter)


def refuses_bad_parameters(filter: Filter) -> None:
    """Values out of range are refused with name, value and limit."""
    refusals(filter)


def docstring_is_a_page(filter: Filter) -> None:
    """Equation, parameters, cost, stability, reference, example."""
    page(type(filter), SECTIONS)
    text = inspect.getdoc(type(filter)) or ""
    for word in ("Cost:", "Stability", "Gain:" if filter.ports[-1] == "gain" else "Ports:"):
        assert word in text, f"{type(filter).__name__}: the docstring's notes lack {word!r}"
