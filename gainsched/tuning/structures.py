"""Which filters a search is over: a filter, several, and the sizes of their models."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from gainsched.errors import refusal
from gainsched.filters import Filter
from gainsched.models import ARX, FIR


def structures(filter: Any, taps: Any = None, orders: Any = None) -> list[Filter]:
    """Every filter, in every size.

    Parameters
    ----------
    filter : Filter or sequence of Filter
    taps : sequence of int, optional
        For FIR models.
    orders : sequence of tuples, optional
        For ARX models: (na, nb) or (na, nb, nk).

    Examples
    --------
    >>> import gainsched as gs
    >>> structures(gs.NLMS(8), taps=(8, 16))
    [NLMS(FIR(8)), NLMS(FIR(16))]
    >>> structures(gs.RLS(gs.ARX(2, 2)), orders=[(1, 1), (2, 2, 3)])
    [RLS(ARX(1, 1)), RLS(ARX(2, 2, nk=3))]
    """
    filters = list(filter) if isinstance(filter, Sequence) else [filter]
    if not filters or not all(isinstance(f, Filter) for f in filters):
        raise TypeError(refusal("tune: filter", filter, "must be a filter, or several", "Try gs.NLMS(32)."))
    if taps is not None:
        filters = _sized(filters, "taps", FIR, [{"taps": n} for n in _listed("taps", taps)])
    if orders is not None:
        sizes = [dict(zip(("na", "nb", "nk"), order, strict=False)) for order in _listed("orders", orders)]
        filters = _sized(filters, "orders", ARX, sizes)
    return list(dict.fromkeys(filters))


def _listed(name: str, values: Any) -> list[Any]:
    if not isinstance(values, Sequence) or isinstance(values, str) or not values:
        raise TypeError(refusal(f"tune: {name}", values, "must be a sequence",
                                "Try taps=(8, 16, 32) or orders=[(2, 2, 1), (4, 4, 1)]."))
    if name == "orders" and not all(isinstance(v, Sequence) and 2 <= len(v) <= 3 for v in values):
        raise TypeError(refusal("tune: orders", values, "must hold tuples (na, nb) or (na, nb, nk)"))
    return list(values)


def _sized(filters: list[Filter], name: str, kind: type[Any], sizes: list[dict[str, Any]]) -> list[Filter]:
    if not any(isinstance(f.model, kind) for f in filters):
        raise ValueError(refusal(f"tune: {name}", [f.model for f in filters], f"is for {kind.__name__} models"))
    made: list[Filter] = []
    for filter in filters:
        if not isinstance(filter.model, kind):
            made.append(filter)
            continue
        own = {f.name: getattr(filter, f.name) for f in type(filter).parameters() if f.name != "model"}
        made += [type(filter)(dataclasses.replace(filter.model, **size), **own) for size in sizes]
    return made
