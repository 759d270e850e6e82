"""Records and gains that suit a filter, for the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.filters import Filter

SMALL = 0.02


def gain_for(filter: Filter) -> float:
    """A gain that is safe on `record_for` (unit power, a handful of taps)."""
    return SMALL if filter.default_gain is None else filter.default_gain


def truth_for(filter: Filter) -> NDArray[np.float64]:
    """The weights that the record hides, norm 1, alternating signs; for structures with feedback a stable model."""
    n = filter.model.n
    w = (-0.6) ** np.arange(n)
    w /= np.linalg.norm(w)
    past = getattr(filter.model, "na", 0)
    w[:past] *= 0.5 / max(np.abs(w[:past]).sum(), 0.5)
    return w


def record_for(filter: Filter, samples: int = 1000, noise: float = 0.01,
               seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """White input of unit power and the output of a known model of the filter's structure, plus noise."""
    rng = np.random.default_rng(seed)
    model = filter.model
    x = rng.standard_normal((samples, model.channels))
    v = noise * rng.standard_normal(samples)
    w = truth_for(filter)
    if not model.feeds_back:
        d = filter.sensed(model.regressors(x) @ w) + v
    else:
        d = np.zeros(samples)
        reach = model.n + model.layout(0, 1)["mark_lag"] + 1
        for k in range(samples):                # equation error: each output enters the next regressors
            first = max(0, k - reach)
            d[k] = model.regressors(x[first : k + 1], d[first : k + 1])[-1] @ w + v[k]
    return (x[:, 0] if model.channels == 1 else x), d
