"""The loop around one curvature of an objective, and what can be proved of a gain in it."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import NoTheory, refusal
from gainsched.gains import PolyakRuppert, Schedule
from gainsched.gains.compensator import Momentum
from gainsched.gains.schedules import Constant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.bound import Bound
    from gainsched.descent import Descent

EDGE = 1e-7              # relative distance to the bound that central differences cannot tell from none
HORIZON = 10_000         # steps of a schedule that are looked at, besides its limit
STEEPEST = "the bound of the steepest curvature"


def transfer(descent: Descent, mode: float) -> Any:
    r"""The open loop L(z) of one curvature, at the present gain: :math:`\mu\lambda\,C(z)/(z-1)`, C the compensator.

    Parameters
    ----------
    descent : Descent
        Its gain (and the compensator's beta) at the present step is used.
    mode : float
        A curvature, finite; a negative one (a maximum, a saddle) gives positive feedback.

    Returns
    -------
    control.TransferFunction
        Discrete, ``dt=True``.

    Raises
    ------
    NoTheory
        For gains per weight, which mix the curvatures, and for a line search.

    Examples
    --------
    >>> import gainsched as gs
    >>> L = transfer(gs.Descent(lambda w: w, 1.0, gain=0.5, compensator=gs.HeavyBall(0.9)), 1.0)
    >>> round(gs.margins(L).gain, 6)                                # 2 (1 + beta) / 0.5
    7.6
    """
    if isinstance(mode, bool) or not isinstance(mode, numbers.Real) or not math.isfinite(mode):
        raise ValueError(refusal("transfer: mode", mode, "must be a finite curvature"))
    gain = present(descent)
    if gain is None or np.size(gain) > 1:
        why = "a line search has no gain before it searched" if gain is None else "gains per weight mix the curvatures"
        raise NoTheory(f"no theory for the loop of one curvature: {why}.")
    return around(descent, float(np.max(gain)) * mode)


def verdict(descent: Descent, curved: NDArray[np.float64], mu: float | None, per_weight: bool,
            bound: Bound | None) -> tuple[str, str]:
    """What is proved of the descent, near the weights; flat directions are left out."""
    port, gain = descent._loop._ports["gain"], descent.gain
    if not curved.size or mu is None:
        return "not certified", "nothing curves here" if mu is not None else "a line search decides at every step"
    if curved[0] < 0:
        if isinstance(gain, Constant) and gain.value > 0:
            worst = growth(descent, gain.value * float(curved[0]))
            return "unstable", (f"a direction curves downwards ({curved[0]:.4g}): the weights leave along it by "
                                f"{worst:.4g} per step, at any gain")
        return "not certified", f"a direction curves downwards ({curved[0]:.4g}): this is no minimum"
    assert bound is not None
    limit = bound.value
    if port.law is not None:
        top = port.high * (float(np.max(gain.schedule(np.arange(HORIZON)))) if gain is not port.law else 1.0)
        if not port.per_weight and momentum(descent) is None and top < limit:
            return "stable", f"the law's largest gain {top:.4g} lies below {limit:.4g}, {STEEPEST}"
        return "not certified", "the law decides at every step" + (
            "" if port.per_weight else f"; a high below {limit:.4g} without a compensator would be")
    constant = isinstance(gain, Constant) or (port.per_weight and gain.constant)
    if constant and (inside := momentum(descent)) is not None and isinstance(inside.beta, Schedule):
        return "not certified", "the compensator's memory moves"
    what = "factor 1 on the gains" if per_weight else f"gain {mu:.4g}"
    if constant:
        worst = max(growth(descent, mu * float(mode)) for mode in curved)
        if abs(mu / limit - 1.0) <= EDGE:
            return "not certified", f"{what} lies on the edge, {limit:.4g}: growth 1 per step"
        if worst > 1.0 + 1e-12:
            return "unstable", (f"{what} lies {mu / limit:.4g} times above {limit:.4g}, {STEEPEST}: "
                                f"growth {worst:.4g} per step")
        if mu > 0 and worst < 1.0:
            return "stable", f"{what} lies {limit / mu:.4g} times below {limit:.4g}, {STEEPEST}"
        return "not certified", f"{what} moves nothing that could be told: growth 1 per step"
    return _scheduled(descent, limit, curved)


def _scheduled(descent: Descent, limit: float, curved: NDArray[np.float64]) -> tuple[str, str]:
    """A gain that moves: proved stable where it never passes the bound, unstable where it ends beyond it."""
    gain, begin = descent.gain, descent.n
    if not isinstance(gain, Schedule):
        return "not certified", "the gains end with their array"
    values, last = gain(np.arange(begin, begin + HORIZON)), float(gain.limit)
    if math.isfinite(last) and last > limit and growth(descent, last * float(curved[-1])) > 1.0 + 1e-12:
        return "unstable", f"the schedule ends at {last:.4g}, above {limit:.4g}, {STEEPEST}"
    top = max(float(values.max()), last if math.isfinite(last) else 0.0)
    if top >= limit:
        return "not certified", f"the schedule reaches {top:.4g}, {STEEPEST} is {limit:.4g}"
    if momentum(descent) is not None:
        return "not certified", "a gain that moves beside a compensator can diverge below the bound of every fixed gain"
    return "stable", (f"the schedule's largest gain, {top:.4g} (the next {HORIZON} steps and the limit), lies below "
                      f"{limit:.4g}, {STEEPEST}")


def present(descent: Descent) -> Any:
    """The gain at this step: a number or one per weight; None for a line search."""
    return None if descent._search is not None else descent._loop._in_force("gain")


def momentum(descent: Descent) -> Momentum | None:
    """What stands in the loop; an average beside it changes nothing there."""
    between = descent.compensator
    if between is None or isinstance(between, PolyakRuppert):
        return None
    if not isinstance(between, Momentum):
        raise NoTheory(f"no theory for {type(between).__name__}: what it puts into the loop changes with every step.")
    return between


def polynomials(descent: Descent, strength: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(num, den) of strength C(z)/(z - 1)."""
    num, den = np.ones(1), np.ones(1)
    if (inside := momentum(descent)) is not None:
        beta = inside.beta
        lead, lag = inside.transfer(beta(descent.n) if isinstance(beta, Schedule) else beta)
        num, den = np.asarray(lead), np.asarray(lag)
    return strength * num, np.asarray(np.polymul(den, [1.0, -1.0]), dtype=np.float64)


def around(descent: Descent, strength: float) -> Any:
    """strength C(z)/(z - 1) as a TransferFunction."""
    import control

    return control.tf(*polynomials(descent, strength), True, name="Descent")


def growth(descent: Descent, strength: float) -> float:
    """The largest closed-loop pole of one mode."""
    num, den = polynomials(descent, strength)
    return float(np.abs(np.roots(np.polyadd(den, num))).max(initial=0.0))


