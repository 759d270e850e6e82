"""Which parameter the error hangs on: the share of its variance that each explains by itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_BINS = 5


def importance(params: Sequence[dict[str, Any]], scores: Sequence[float]) -> dict[str, float]:
    r"""Correlation ratio of the log score in each parameter, scaled to a sum of 1.

    .. math:: \eta^2 = \frac{\sum_b n_b (\bar s_b - \bar s)^2}{\sum_i (s_i - \bar s)^2}

    over five bins of equal counts (numbers) or the values themselves (words). Interactions are not seen.

    References
    ----------
    K. Pearson, "On the general theory of skew correlation and non-linear regression", Drapers' Company Research
    Memoirs, 1905.

    Examples
    --------
    >>> importance([{"a": i, "b": i % 2} for i in range(20)], [2.0**i for i in range(20)])["a"] > 0.9
    True
    """
    kept = [(p, math.log(s)) for p, s in zip(params, scores, strict=True) if 0 < s < math.inf]
    names = list(dict.fromkeys(name for p, _ in kept for name in p))
    ratios = {name: _ratio([(p[name], s) for p, s in kept if name in p]) for name in names}
    total = sum(ratios.values())
    found = {name: (ratio / total if total > 0 else 1.0 / len(ratios)) for name, ratio in ratios.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _ratio(pairs: list[tuple[Any, float]]) -> float:
    s = np.array([score for _, score in pairs])
    whole = float(np.sum((s - s.mean()) ** 2))
    if len(s) < 2 or whole == 0:
        return 0.0
    values = [value for value, _ in pairs]
    if any(isinstance(value, str) for value in values):
        groups = [np.array([str(v) == name for v in values]) for name in sorted({str(v) for v in values})]
    else:
        v = np.asarray(values, dtype=np.float64)
        edges = np.unique(np.quantile(v, np.linspace(0, 1, min(_BINS, len(v)) + 1)))
        place = np.clip(np.searchsorted(edges, v, side="right") - 1, 0, max(len(edges) - 2, 0))
        groups = [place == b for b in range(max(len(edges) - 1, 1))]
    between = sum(float(g.sum()) * float(s[g].mean() - s.mean()) ** 2 for g in groups if g.any())
    return between / whole
