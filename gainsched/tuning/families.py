"""Families of schedules with a handful of numbers: the best member for a horizon, by the predicted error power."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import refusal
from gainsched.gains import Constant, Cosine, Exponential, InversePower, InverseTime, Polynomial, Schedule, Tanh

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gainsched.tuning.powers import Powers

    Array = NDArray[np.float64]

_SMALLEST = 1e-6             # of the largest gain: as good as 0 within a horizon
_GRID = (0, 41, 13, 7)       # points per number of a family with that many, before the descent
_STARTS = (0, 3, 3, 7)       # of the grid's best, each at another value of the last number: three for Exponential end
                             # in one valley, the constant's, once in twenty jobs, and lose up to 1 dB
_DIFFERENCE = 1e-6           # in the logarithm of a number: rounding and curvature cost 1e-10 each


@dataclass(frozen=True, eq=False)
class Family:
    """Schedules by the logarithms of their numbers.

    Attributes
    ----------
    kind : type
        The schedule's class.
    bounds : ((float, float), ..)
        Limits of the numbers.
    make : callable
        The schedule of these numbers.
    """

    kind: type[Schedule]
    bounds: tuple[tuple[float, float], ...]
    make: Callable[..., Schedule]

    def member(self, logs: Array) -> Schedule:
        """The schedule of these logarithms."""
        numbers = [min(max(math.exp(x), low), high) for x, (low, high) in zip(logs.tolist(), self.bounds, strict=True)]
        return self.make(*numbers)


def families(high: float, steps: int) -> dict[str, Family]:
    """All families whose members stay within (0, high]: for a horizon of this many samples."""
    gain, last, falls = (_SMALLEST * high, high), max(steps - 1, 1), (1e-3 / steps, 10.0)
    return {family.kind.__name__: family for family in (
        Family(Constant, (gain,), Constant),
        Family(InverseTime, (gain, falls), InverseTime),
        Family(InversePower, (gain, (0.1, 2.0), (1.0, float(steps))), InversePower),
        Family(Exponential, (gain, (_SMALLEST, 1.0), gain),
               lambda start, rate, floor: Exponential(start, rate, every=last, floor=min(floor, start))),
        Family(Cosine, (gain, gain), lambda start, end: Cosine(start, end, last)),
        Family(Polynomial, (gain, gain, (0.25, 16.0)), lambda start, end, power: Polynomial(start, end, last, power)),
        Family(Tanh, (gain, gain), lambda start, end: Tanh(start, end, last)),
    )}


def named(family: str | type[Schedule], known: dict[str, Family]) -> Family:
    """The family of this class or name; case, - and _ do not matter."""
    asked = family.__name__ if isinstance(family, type) else family
    if isinstance(asked, str):
        for name, found in known.items():
            if name.lower() == asked.replace("_", "").replace("-", "").lower():
                return found
    raise ValueError(refusal("optimal_schedule: family", family, "must be one of " + ", ".join(known)))


def scan(family: Family, powers: Powers, steps: int, weights: Array) -> tuple[Array, Array]:
    """(logarithms of the members on a grid, their J), best first."""
    limits = np.log(np.array(family.bounds))
    points = np.array(list(itertools.product(*(np.linspace(low, high, _GRID[len(limits)]) for low, high in limits))))
    found = powers.values(np.array([table(family.member(logs), powers, steps) for logs in points]), weights)
    order = np.argsort(found, kind="stable")
    return points[order], found[order]


def table(schedule: Schedule, powers: Powers, steps: int) -> Array:
    """Its gains over the horizon; rounding does not take them out of the range."""
    return np.minimum(schedule.between(0, steps), powers.high)


def best(family: Family, powers: Powers, steps: int, weights: Array) -> Schedule:
    """The member of least J: from the best of a grid, descent along the exact gradient."""
    from scipy.optimize import minimize

    limits = np.log(np.array(family.bounds))

    def gains(logs: Array) -> Array:
        return table(family.member(logs), powers, steps)

    def slope(logs: Array) -> tuple[float, Array]:
        value, grad = powers.slope(gains(logs), weights)
        rows = []
        for i in range(len(logs)):
            step = np.zeros(len(logs))
            step[i] = _DIFFERENCE
            up, down = (np.clip(logs + s * step, limits[:, 0], limits[:, 1]) for s in (1.0, -1.0))
            width = up[i] - down[i]                                # 0 where a horizon leaves a number one value
            rows.append((gains(up) - gains(down)) @ grad / width if width else 0.0)
        return value, np.array(rows)

    points = scan(family, powers, steps, weights)[0]
    points = points[np.sort(np.unique(points[:, -1], return_index=True)[1])[:_STARTS[len(limits)]]]
    answers = [minimize(slope, point, jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": 100})
               for point in points]
    return family.member(min(answers, key=lambda answer: float(answer.fun)).x)
