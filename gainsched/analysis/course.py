"""What a gain does in the long run, as certificates ask it: a period of gains and betas, or a limit, or nothing."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import NoTheory, refusal
from gainsched.gains import Constant, PolyakRuppert, Schedule, ScheduleFree
from gainsched.gains.compensator import Momentum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_LONGEST = 200_000               # samples of a period
_FOLLOWED = 20_000               # samples of a transient
_AT_REST = 1e-3                  # of its limit, within which a gain counts as settled
_KINDS = "must be a number, an array of one period, or a Schedule"


@dataclass(frozen=True, eq=False)
class Course:
    """One period of gains and betas from sample `first` on; None where the long run is not known, with the reason."""

    gains: Array | None
    betas: Array | None
    first: int = 0
    reason: str = ""


def as_schedule(gain: Any, period: int | None, who: str) -> Schedule | Array:
    """A schedule, or an array that is one period; everything else is refused."""
    if isinstance(gain, Schedule):
        return gain
    if isinstance(gain, bool | str) or gain is None or not isinstance(gain, numbers.Real | np.ndarray | list | tuple):
        advice = "A law reads data: give certify_switching the ends of its range." if hasattr(gain, "kernel") else ""
        raise TypeError(refusal(f"{who}: gain", gain, _KINDS, advice))
    array = np.asarray(gain)
    if array.dtype.kind not in "iuf" or array.ndim > 1 or not array.size:
        raise ValueError(refusal(f"{who}: gain", gain, _KINDS, "Gains per weight mix the modes."))
    array = array.astype(np.float64).reshape(-1)
    checked(array, who)
    if array.size > 1 and period is not None and period != array.size:
        raise ValueError(refusal(f"{who}: period", period, f"must be the array's length, {array.size}, or None"))
    return Constant(float(array[0])) if array.size == 1 else array


def checked(gains: Array, who: str) -> None:
    """Refuse gains that are negative or not finite."""
    wrong = np.flatnonzero(~(np.isfinite(gains) & (gains >= 0)))
    if wrong.size:
        at = f" at sample {wrong[0]}" if gains.size > 1 else ""
        raise ValueError(refusal(f"{who}: gain{at}", float(gains[wrong[0]]), "must be finite and >= 0"))


def as_momentum(compensator: Any, who: str) -> Momentum | None:
    """Momentum or None; an average beside the loop is none."""
    if compensator is None or isinstance(compensator, PolyakRuppert):
        return None
    if isinstance(compensator, ScheduleFree):
        raise NoTheory("no theory for ScheduleFree: what it puts into the loop changes with every sample.")
    if not isinstance(compensator, Momentum):
        raise TypeError(refusal(f"{who}: compensator", compensator,
                                "must be a HeavyBall, Nesterov, GradientEMA or None"))
    return compensator


def as_modes(modes: Any, who: str) -> tuple[float, float]:
    """(low, high), 0 <= low <= high, finite."""
    try:
        low, high = (float(value) for value in modes)
    except (TypeError, ValueError):
        raise ValueError(refusal(f"{who}: modes", modes, "must be (low, high), the ends of an interval")) from None
    if not (math.isfinite(high) and 0 <= low <= high):
        raise ValueError(refusal(f"{who}: modes", modes, "must be finite with 0 <= low <= high"))
    return low, high


def as_count(name: str, value: Any, who: str, least: int) -> int:
    """A whole number from `least` on."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise ValueError(refusal(f"{who}: {name}", value, f"must be a whole number >= {least}"))
    return int(value)


def course(gain: Schedule | Array, beta: Any, period: int | None) -> Course:
    """The long run of a gain and of a compensator's beta, which repeat together.

    Examples
    --------
    >>> import gainsched as gs
    >>> found = course(gs.Chebyshev(1.0, 10.0, 2).warmup(5), 0.0, None)
    >>> found.first, found.gains.round(3)
    (5, array([0.115, 0.431]))
    """
    parts = [_repeats(gain, period, "gain"), _repeats(beta, None, "beta")]
    if reasons := [part for part in parts if isinstance(part, str)]:
        return Course(None, None, reason="; ".join(reasons))
    (first, one, take), (begin, other, hold) = [part for part in parts if not isinstance(part, str)]
    length, start = math.lcm(one, other), max(first, begin)
    if length > _LONGEST:
        return Course(None, None, reason=f"it repeats after {length} samples, more than {_LONGEST}")
    ks = np.arange(start, start + length)
    gains, betas = take(ks), hold(ks)
    checked(gains, "certify")
    if not (betas.min() >= 0 and betas.max() < 1):
        return Course(None, None, reason=f"beta reaches {betas.max():.6g}, and must stay in [0, 1)")
    return Course(gains, betas, start)


def _repeats(source: Any, period: int | None, name: str) -> Any:
    """(first sample, period, values) of what repeats or settles, or the reason why nothing is known."""
    if isinstance(source, np.ndarray):
        return 0, len(source), lambda ks: source[ks % len(source)]
    if not isinstance(source, Schedule):
        return 0, 1, lambda ks: np.full(len(ks), float(source))
    if period is not None:
        return 0, period, lambda ks: source(ks % period)
    limit = float(source.limit)
    if math.isfinite(limit):
        return _settled(source, limit), 1, lambda ks: np.full(len(ks), limit)
    if math.isinf(limit):
        return f"the {name} grows without limit"
    if source.cycle is None:
        return f"the {name} has no limit, and no period is known: give period= if it repeats"
    first, length = source.cycle
    return first, length, source


def _settled(source: Schedule, limit: float) -> int:
    """The sample from which on the schedule lies near its limit, as far as it is followed."""
    if source.cycle is not None:
        return min(source.cycle[0], _FOLLOWED)
    values = source(np.arange(_FOLLOWED))
    away = np.flatnonzero(np.abs(values - limit) > _AT_REST * max(abs(limit), float(np.abs(values).max())))
    return int(away[-1]) + 1 if away.size else 0
