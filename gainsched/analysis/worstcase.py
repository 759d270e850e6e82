"""The worst a finite schedule can do: over all convex functions of a class, in all dimensions, exactly."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.course import as_count, as_momentum, as_schedule, checked
from gainsched.analysis.duality import bracket
from gainsched.analysis.interpolation import interpolation, travel
from gainsched.errors import refusal
from gainsched.gains import Schedule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.gains.compensator import Momentum

    Array = NDArray[np.float64]

LONGEST = 30                     # steps: 1 to 4 s there, and the matrices grow with the fourth power
MEASURES = {"value": "f(w_n) - f*", "best": "min f(w_k) - f*", "distance": "|w_n - w*|", "gradient": "|f'(w_n)|"}
STARTS = {"distance": "|w_0 - w*|", "value": "f(w_0) - f*", "energy": "f(w_0) - f* + m/2 |w_0 - w*|^2"}


@dataclass(frozen=True)
class WorstCase:
    """What a finite schedule guarantees, proven from both sides.

    Attributes
    ----------
    value : float
        Proven: no function of the class does worse. inf where no proof was found, as with gains that diverge fast.
    lower : float
        Proven: a function of the class does as badly as this.
    measure : str
        Of what.
    steps : int
        Gradients used.
    witness : dict
        The descent that attains `lower`: ``w``, one row for each different point, in as many dimensions as needed (most
        need one or two), with its ``gradient``. The minimum is at 0.
    assumptions : tuple of str
        The class, and what is known of the start.
    sentence : str
        All in words.

    Examples
    --------
    >>> import gainsched as gs
    >>> print(gs.worst_case(1.0, steps=4))
    f(w_n) - f* <= 0.0555556 after 4 steps, and a function exists with 0.0555556
    """

    value: float
    lower: float
    measure: str
    steps: int
    witness: dict[str, Any]
    assumptions: tuple[str, ...]
    sentence: str = ""

    @property
    def gap(self) -> float:
        """Between the two proofs."""
        return self.value - self.lower

    def __str__(self) -> str:
        return self.sentence

    def to_dict(self) -> dict[str, Any]:
        """Strict JSON: what is infinite is None."""
        return {**vars(self), "value": self.value if math.isfinite(self.value) else None,
                "assumptions": list(self.assumptions),
                "witness": {name: array.tolist() for name, array in self.witness.items()}}


def worst_case(gain: Any, steps: int | None = None, smooth: float | None = None, strong: float = 0.0,
               lipschitz: float | None = None, compensator: Momentum | None = None, measure: str = "value",
               start: str = "distance", within: float = 1.0) -> WorstCase:
    r"""The exact worst case of a finite schedule over all convex functions of a class.

    Gradient descent with these gains, :math:`w_{k+1} = w_k - \mu_k \nabla f(w_k)`, or with momentum, runs n steps. The
    function may be any of the class, in any dimension, and is chosen by an adversary who knows the schedule. What the
    values and gradients of such a function can be at n + 1 points is a set of linear and quadratic inequalities
    ("interpolation conditions"), and the worst of them is a semidefinite program:

    .. math:: \max_{f,\, w_0} \; f(w_n) - f(w^*) \quad\text{subject to}\quad |w_0 - w^*| \le R .

    Its dual is a proof: a sum of the inequalities with weights :math:`\ge 0`.

    Parameters
    ----------
    gain : float, array or Schedule
        The gain of every step; an array holds `steps` of them, or more. Zero gains are no steps.
    steps : int, optional
        Gradients used, 1 to 30; by default the length of the array.
    smooth : float, optional
        L: the gradient is Lipschitz with this constant. 1 by default.
    strong : float, optional
        m: the function is m-strongly convex, 0 <= m < L.
    lipschitz : float, optional
        M: instead of smooth functions all convex ones that are Lipschitz with this constant, corners included; the step
        takes any subgradient there.
    compensator : HeavyBall, Nesterov or GradientEMA, optional
        Beta may be a schedule. Nesterov's w is the look-ahead point: a last beta of 0 ends at the point behind it.
    measure : {"value", "best", "distance", "gradient"}
        Of the last point, or the best value of all; "gradient" is for smooth functions.
    start : {"distance", "value", "energy"}
        What is known of the start: its distance to the minimum; for strongly convex functions also its value, or value
        and m/2 times the squared distance together.
    within : float, optional
        Its limit, R above.

    Returns
    -------
    WorstCase
        `value` and `lower`, both proven; they mostly differ by 1e-8 to 1e-5 of the value. Where late gains fall below a
        thousandth of the first, `lower` is coarse.

    Raises
    ------
    TypeError, ValueError
        For arguments out of range, more than 30 steps among them.
    ImportError
        Without clarabel: ``pip install "gainsched[lmi]"``.
    NoTheory
        For ScheduleFree.

    Notes
    -----
    Exact gradients: there is no noise in this question. 15 steps take .1 to .3 s, 30 steps 1 to 4 s.

    The solver's status is not believed. Above, its multipliers are made to fulfill the equations, and the matrix that
    must be positive semidefinite is so by more than the rounding of its eigenvalues. Below, its function is mixed with
    one that has room in every inequality, until all hold.

    References
    ----------
    Y. Drori and M. Teboulle, "Performance of first-order methods for smooth convex minimization: a novel approach",
    Math. Programming 145 (2014); A. Taylor, J. Hendrickx and F. Glineur, "Smooth strongly convex interpolation and
    exact worst-case performance of first-order methods", Math. Programming 161 (2017).

    Examples
    --------
    >>> import gainsched as gs
    >>> flat, silver = gs.worst_case(1.0, steps=7), gs.worst_case(gs.Silver(1.0), steps=7)
    >>> round(flat.value, 6), round(silver.value, 6)                              # 1/30 is the textbook's 1/(4n + 2)
    (0.033333, 0.018422)
    >>> round(gs.worst_case(1.0, steps=1, strong=0.1, measure="distance").value, 6)
    0.9
    """
    who = "worst_case"
    count, gains, betas, shares = _course(gain, steps, as_momentum(compensator, who))
    top, low, unit = _class(smooth, strong, lipschitz)
    _choice("measure", measure, tuple(MEASURES) if lipschitz is None else ("value", "best", "distance"),
            "" if lipschitz is None else "A subgradient need not shrink.")
    _choice("start", start, tuple(STARTS) if low > 0 else ("distance",),
            "" if low > 0 else "Only with strong convexity does a value bound the distance.")
    size = _number("within", within)
    if size == 0.0:
        raise ValueError(refusal(f"{who}: within", size, "must be > 0"))
    length = size if start == "distance" else math.sqrt(size / top)        # of w; of values top length^2 or M length
    slope = top * length if lipschitz is None else top
    points, gradients = travel(gains * (slope / length), betas, shares)
    problem = interpolation(points, gradients, 1.0 if lipschitz is None else math.inf, low / top, measure, start)
    above, below, G = bracket(problem)
    if measure in ("distance", "gradient"):
        above, below = math.sqrt(above), math.sqrt(below)
    scale = {"distance": length, "gradient": slope}.get(measure, slope * length)
    witness = _witness(G, points, gradients, length, slope)
    known = (f"convex functions with {unit}", f"{STARTS[start]} <= {size:.6g}", "exact gradients")
    return WorstCase(above * scale, below * scale, measure, count, witness, known,
                     _sentence(measure, above * scale, below * scale, count))


def _course(gain: Any, steps: Any, between: Momentum | None) -> tuple[int, Array, Array, list[tuple[float, float]]]:
    """(steps, gains, betas, shares) of every step."""
    source = as_schedule(gain, None, "worst_case")
    if steps is None and not isinstance(source, np.ndarray) and np.ndim(gain):
        steps = 1                                                           # an array of one gain
    if steps is None:
        if not isinstance(source, np.ndarray):
            raise ValueError(refusal("worst_case: steps", steps, "must be given where gain is not an array"))
        steps = len(source)
    count = as_count("steps", steps, "worst_case", 1)
    if count > LONGEST:
        raise ValueError(refusal("worst_case: steps", count, f"must be at most {LONGEST}",
                                 "The program grows with the fourth power; gs.convergence_rate and gs.certify "
                                 "judge the long run."))
    if isinstance(source, np.ndarray) and len(source) < count:
        raise ValueError(refusal("worst_case: gain", len(source), f"must hold a number for each of {count} steps"))
    ks = np.arange(count)
    gains = source[:count] if isinstance(source, np.ndarray) else np.asarray(source(ks), float)
    checked(gains, "worst_case")
    beta = 0.0 if between is None else between.beta
    betas = np.asarray(beta(ks), float) if isinstance(beta, Schedule) else np.full(count, float(beta))
    wrong = np.flatnonzero(~((betas >= 0) & (betas < 1)))
    if wrong.size:
        raise ValueError(refusal(f"worst_case: beta at step {wrong[0]}", float(betas[wrong[0]]), "must be in [0, 1)"))
    return count, gains, betas, [(0.0, 1.0) if between is None else between.shares(b) for b in betas.tolist()]


def _class(smooth: float | None, strong: float, lipschitz: float | None) -> tuple[float, float, str]:
    """(L or M, m, in words)."""
    low = _number("strong", strong)
    if lipschitz is not None:
        if smooth is not None or low:
            raise ValueError(refusal("worst_case: lipschitz", lipschitz, "must stand alone, without smooth and strong"))
        top, words = _number("lipschitz", lipschitz), f"Lipschitz constant {lipschitz:.6g}, corners allowed"
    else:
        top = 1.0 if smooth is None else _number("smooth", smooth)
        words = f"a gradient of Lipschitz constant {top:.6g}" + (f", strongly convex by {low:.6g}" if low else "")
    if top == 0.0:
        raise ValueError(refusal(f"worst_case: {'smooth' if lipschitz is None else 'lipschitz'}", top, "must be > 0"))
    if low >= top:
        raise ValueError(refusal("worst_case: strong", low, f"must be below smooth, {top:.6g}",
                                 "Equal, there is one function only: gs.certify with low == high."))
    return top, low, words


def _number(name: str, value: Any) -> float:
    limit = "must be a finite number >= 0"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(refusal(f"worst_case: {name}", value, limit))
    number = float(value)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(refusal(f"worst_case: {name}", number, limit))
    return number


def _choice(name: str, value: str, allowed: tuple[str, ...], advice: str) -> None:
    if value not in allowed:
        raise ValueError(refusal(f"worst_case: {name}", value, f"must be one of {', '.join(allowed)}", advice))


def _witness(G: Array, points: Array, gradients: Array, length: float, slope: float) -> dict[str, Any]:
    """Points and gradients with this Gram matrix, the directions that matter first."""
    values, vectors = np.linalg.eigh(G)
    vectors = (vectors * np.sqrt(np.maximum(values, 0.0)))[:, ::-1]
    vectors = vectors[:, :max(1, int((values > 0).sum()))]
    return {"w": length * (points[:-1] @ vectors), "gradient": slope * (gradients[:-1] @ vectors)}


def _sentence(measure: str, value: float, lower: float, steps: int) -> str:
    known = f"<= {value:.6g}" if math.isfinite(value) else "is not certified"
    return f"{MEASURES[measure]} {known} after {steps} steps, and a function exists with {lower:.6g}"
