"""A record in three: train, validation, tail."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gainsched.errors import refusal
from gainsched.signals import check_finite, columns, desired

if TYPE_CHECKING:
    from gainsched.filters import Filter

LEAST = 32                  # samples of validation and of the tail, from which an error is an estimate


@dataclass(frozen=True)
class Split:
    """The record, and where its parts begin: settle before `begin`, choose before `tail`, look back after."""

    x: Any
    d: Any
    begin: int
    tail: int


def split(filter: Filter, x: Any, d: Any, validation: float, tail: float, nonfinite: str) -> Split:
    """Check a record and cut it; what is too short is refused."""
    for name, share in (("validation", validation), ("tail", tail)):
        real = isinstance(share, numbers.Real) and not isinstance(share, bool)
        if not (real and 0 < float(share) < 1):
            raise ValueError(refusal(f"tune: {name}", share, "must be a fraction > 0 and < 1"))
    if validation + tail >= 1:
        raise ValueError(refusal("tune: validation", validation, f"must be < 1 - tail = {1 - tail:g}"))
    inputs = columns(filter.model, x)
    goal = desired(filter, d, len(inputs))
    if nonfinite == "raise":
        for name, signal in (("x", inputs), ("d", goal)):
            if signal is not None:
                check_finite(name, signal, 0)
    total = len(inputs)
    begin, end = round(total * (1 - validation - tail)), round(total * (1 - tail))
    if end - begin < LEAST or total - end < LEAST:
        raise ValueError(refusal("tune: x", f"{total} samples", f"must leave {LEAST} samples or more for validation "
                                 "and for the tail", f"These are {end - begin} and {total - end}."))
    return Split(inputs, goal, begin, end)
