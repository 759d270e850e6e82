"""Arguments that several functions take, refused alike."""

from __future__ import annotations

import numbers
from typing import Any

from gainsched.errors import refusal
from gainsched.excitation import Excitation
from gainsched.filters import Filter


def whole(name: str, value: Any, low: int) -> int:
    """An integer of at least `low`.

    Examples
    --------
    >>> whole("tune: trials", 2.5, 2)
    Traceback (most recent call last):
    ValueError: tune: trials must be an integer >= 2, got 2.5.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < low:
        raise ValueError(refusal(name, value, f"must be an integer >= {low}"))
    return int(value)


def check_subject(who: str, filter: Any, exc: Any) -> None:
    """Whether theory can be asked: it takes a filter and an excitation."""
    if not isinstance(filter, Filter):
        raise TypeError(refusal(f"{who}: filter", filter, "must be a filter", "Try gs.NLMS(32)."))
    if not isinstance(exc, Excitation):
        raise TypeError(refusal(f"{who}: exc", exc, "must be an Excitation", "Try gs.Excitation(1.0, noise=.01), or "
                                "gs.Excitation.from_data(x, d, model=filter.model)."))
