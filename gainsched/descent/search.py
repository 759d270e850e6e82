"""A line search along the negative gradient of any objective: the gain that it finds there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.descent.objective import Oracle

ROUNDING = 4.0 * np.finfo(float).eps       # relative: a decrease below it cannot be seen in the value


def found(search: Any, oracle: Oracle, w: NDArray[np.float64], gradient: NDArray[np.float64], value: float,
          k: int) -> float:
    """The step along -gradient that a `LineSearch` of kind "armijo", "wolfe" or "exact" takes, within its limits."""
    slope = -float(gradient @ gradient)

    def along(t: float) -> float:
        return oracle.value(w - t * gradient.reshape(w.shape), k)

    step = _armijo(along, value, slope, search)
    if slope < 0.0 and search.kind == "exact":
        from scipy.optimize import minimize_scalar

        best = minimize_scalar(along, bracket=(0.0, step))
        step = float(best.x) if best.x > 0.0 and best.fun <= along(step) else step
    elif slope < 0.0 and search.kind == "wolfe":
        from scipy.optimize import line_search

        def at(flat: NDArray[np.float64]) -> float:
            return oracle.value(flat.reshape(w.shape), k)

        def slopes(flat: NDArray[np.float64]) -> NDArray[np.float64]:
            return oracle.gradient(flat.reshape(w.shape), k)

        strong = line_search(at, slopes, w.reshape(-1), -gradient, gradient, value, c1=search.c1, c2=search.c2)[0]
        step = step if strong is None else float(strong)
    return float(min(max(step, search.low), search.high))


def _armijo(along: Any, value: float, slope: float, search: Any) -> float:
    """From `start` down by `shrink` until the value has fallen by c1 of what the slope promises."""
    step = float(search.start)
    while not along(step) <= value + search.c1 * step * slope + ROUNDING * abs(value):
        step *= search.shrink
    return step
