"""Gains that tend to 0: whether they still reach the goal, and how fast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gainsched.errors import refusal
from gainsched.gains import Schedule
from gainsched.gains import schedules as family

_LONGEST = 1_000_000          # samples of a period that are looked at
_AHEAD = (family.Warmed, family.Shifted, family.Held, family.Noisy)      # vanish as what they wrap does


@dataclass(frozen=True)
class RobbinsMonro:
    """Whether a schedule meets the conditions of Robbins and Monro. Made by `gainsched.robbins_monro`.

    Attributes
    ----------
    passes : bool or None
        Both conditions hold; None where the schedule's behavior for k to infinity is not known.
    sum_diverges : bool or None
        sum mu_k = infinity: the start is forgotten however far off it is.
    squares_converge : bool or None
        sum mu_k^2 < infinity: the noise averages out.
    power : float or None
        p of mu_k ~ k^-p; 0: it does not vanish, inf: it vanishes faster than any power.
    reason : str

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.robbins_monro(gs.InversePower(0.1, power=0.7)).passes
    True
    """

    passes: bool | None
    sum_diverges: bool | None
    squares_converge: bool | None
    power: float | None
    reason: str


def robbins_monro(schedule: Schedule) -> RobbinsMonro:
    r"""Decide from its form whether a schedule meets :math:`\sum\mu_k = \infty,\ \sum\mu_k^2 < \infty`.

    No sum is computed: the exponent p of :math:`\mu_k \sim k^{-p}` follows from the family and through the algebra
    (products add exponents, sums take the smaller one, warm-ups and shifts change nothing). Both hold for 1/2 < p <= 1.

    Parameters
    ----------
    schedule : Schedule
        Any schedule; `Function` is not seen through.

    Returns
    -------
    RobbinsMonro

    Raises
    ------
    TypeError
        When it is no schedule.

    Notes
    -----
    H. Robbins, S. Monro, "A stochastic approximation method", Ann. Math. Stat. 22 (1951).

    Examples
    --------
    >>> import gainsched as gs
    >>> print(gs.robbins_monro(gs.InverseTime(0.1, decay=0.01).warmup(100)).reason)
    k^-1: the sum diverges, that of the squares converges
    >>> print(gs.robbins_monro(gs.Exponential(0.1, rate=0.5)).reason)
    faster than any power: the sum converges, so does that of the squares; the gain may die before the goal is reached
    """
    if not isinstance(schedule, Schedule):
        raise TypeError(refusal("robbins_monro: schedule", schedule, "must be a Schedule",
                                "Try gs.InverseTime(.1, .01)."))
    p = _power(schedule)
    if p is None:
        return RobbinsMonro(None, None, None, None, "what it does for k to infinity is not known")
    endless, quiet = p <= 1.0, p > 0.5
    how = "it does not vanish" if p == 0 else "faster than any power" if p == math.inf else f"k^-{p:g}"
    if endless:
        text = "the sum diverges, " + ("that of the squares converges" if quiet else
                                       "so does that of the squares; the noise never averages out")
    else:
        text = "the sum converges, so does that of the squares; the gain may die before the goal is reached"
    return RobbinsMonro(endless and quiet, endless, quiet, p, f"{how}: {text}")


def _power(s: Any) -> float | None:
    """p of k^-p, 0 where it does not vanish, inf where it vanishes faster or ends; None where that is not known."""
    if s.cycle is not None:
        first, period = s.cycle
        return None if period > _LONGEST else 0.0 if np.any(s(np.arange(first, first + period))) else math.inf
    if s.limit > 0 or isinstance(s, family.Silver):
        return 0.0
    if isinstance(s, family.InversePower):
        return float(s.power) if s.start else math.inf
    if isinstance(s, family.InverseTime):
        return 1.0 if s.start else math.inf
    if isinstance(s, family.InverseSqrt):
        return 0.5 if s.peak else math.inf
    if isinstance(s, family.TimeBased | family.Step | family.Exponential | family.Cyclic):
        return math.inf if s.limit == 0 else None                    # geometric at least
    if isinstance(s, family.CosineRestarts):                         # heights decay^i after factor^i samples
        if s.limit != 0:
            return None
        return math.inf if s.factor == 1 or s.decay == 0 else -math.log(s.decay) / math.log(s.factor)
    return _composed(s)


def _composed(s: Any) -> float | None:
    if isinstance(s, family.Scaled):
        return _power(s.schedule) if s.factor else math.inf
    if isinstance(s, family.Clipped):
        return math.inf if s.high == 0 else _power(s.schedule)
    if isinstance(s, family.Chained):
        return _power(s.after)
    if isinstance(s, _AHEAD):
        return _power(s.schedule)
    if isinstance(s, family.Product | family.Sum):
        powers = [_power(part) for part in (s.first, s.second)]
        if isinstance(s, family.Product):
            return None if None in powers else sum(p for p in powers if p is not None)
        return None if None in powers else min(p for p in powers if p is not None)
    return None


@dataclass(frozen=True)
class Rate:
    """b_k <= constant k^-exponent (times ln k where `log`) for large k, once the start is forgotten.

    Attributes
    ----------
    constant : float or None
        None where it depends on the start.
    exponent : float
    log : bool

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.chung_rate(c=2.0, d=1.0, p=1.0)
    Rate(constant=1.0, exponent=1.0, log=False)
    """

    constant: float | None
    exponent: float
    log: bool = False


def chung_rate(c: float, d: float, p: float) -> Rate:
    r"""Chung's lemma: how fast :math:`b_{k+1} \le (1 - c/k)\, b_k + d/k^{p+1}` falls.

    .. math::
        b_k \to \frac{d}{c - p}\, k^{-p} \quad (c > p), \qquad O(k^{-p}\ln k) \quad (c = p), \qquad
        O(k^{-c}) \quad (c < p)

    With the gain a/k on a mode lam and noise power s2, b = E|w~|^2 has c = 2 a lam, d = a^2 s2, p = 1, so that
    k b tends to a^2 s2/(2 a lam - 1): below a lam = 1/2 the rate is lost.

    Parameters
    ----------
    c, d, p : float
        > 0.

    Returns
    -------
    Rate

    Raises
    ------
    ValueError
        When one of them is not a positive finite number.

    Notes
    -----
    K. L. Chung, "On a stochastic approximation method", Ann. Math. Stat. 25 (1954).

    Examples
    --------
    >>> import gainsched as gs
    >>> [round(gs.chung_rate(2 * a, a**2, 1.0).constant, 4) for a in (0.75, 1.0, 2.0)]
    [1.125, 1.0, 1.3333]
    >>> gs.chung_rate(0.6, 1.0, 1.0).exponent
    0.6
    """
    for name, value in (("c", c), ("d", d), ("p", p)):
        if not 0 < value < math.inf:
            raise ValueError(refusal(f"chung_rate: {name}", value, "must be a finite number > 0"))
    if c > p:
        return Rate(d / (c - p), p)
    return Rate(None, p, log=True) if c == p else Rate(None, c)


def remaining_start(a: float, n: int) -> float:
    r"""What gains a/k leave of the start after n samples: :math:`\prod_{k=1}^n (1 - a/k)`.

    .. math:: \prod_{k=1}^{n}\Big(1 - \frac ak\Big) = \frac{\Gamma(n + 1 - a)}{\Gamma(1 - a)\,\Gamma(n + 1)}
              \approx \frac{n^{-a}}{\Gamma(1 - a)}

    Parameters
    ----------
    a : float
        Gain times mode, > 0; a whole number up to n leaves nothing.
    n : int
        Samples, >= 0.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        When a is not a positive finite number, or n negative.

    Examples
    --------
    >>> import gainsched as gs
    >>> round(gs.remaining_start(0.5, 1000), 7)
    0.017839
    """
    if not 0 < a < math.inf:
        raise ValueError(refusal("remaining_start: a", a, "must be a finite number > 0"))
    if n < 0 or n % 1:
        raise ValueError(refusal("remaining_start: n", n, "must be an integer >= 0"))
    first = min(n, math.ceil(a))                                     # factors <= 0; the others are a ratio of Gammas
    left = float(np.prod(1.0 - a / np.arange(1.0, first + 1.0)))
    if left == 0 or first == n:
        return left
    tail = math.lgamma(n + 1 - a) - math.lgamma(first + 1 - a) + math.lgamma(first + 1) - math.lgamma(n + 1)
    return left * math.exp(tail)
