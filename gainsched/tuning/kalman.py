"""What a schedule believes: the Kalman filter whose gains it follows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import NoTheory, refusal
from gainsched.filters import RLS
from gainsched.gains import Schedule
from gainsched.tuning.arguments import check_subject, whole
from gainsched.tuning.memory import walk_and_noise
from gainsched.tuning.powers import Powers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.excitation import Excitation
    from gainsched.filters import Filter

    Array = NDArray[np.float64]

_POINTS = 200                # of the horizon, logarithmically spaced, on which gains are compared
_WIDEST = 1e12               # p0 over r: from here on nothing is known at first
_NARROWEST = 1e-18           # q over r: smaller walks show in no horizon


@dataclass(frozen=True)
class ScheduleBelief:
    r"""The Kalman filter that a schedule comes closest to. Made by `gainsched.schedule_belief`.

    .. math:: K_k = \frac{p_k}{\beta p_k + r}, \qquad p_{k+1} = (1 - K_k)\,p_k + q

    Attributes
    ----------
    q : float
        Variance by which it believes each weight to walk per sample.
    r : float
        Noise variance over the input's power, as one weight sees it: of the excitation.
    p0 : float
        Variance of each weight's error that it believes in at first; inf: it knows nothing.
    beta : float
        What the other weights' errors and the input's own fluctuation add to the noise: N + 2 for LMS and white
        Gaussian input, 1 for RLS.
    deviation : float
        Largest relative difference between its gains and the filter's: 0 means that it is this filter.
    steps : int
        Samples of the comparison.
    """

    q: float
    r: float
    p0: float
    beta: float
    deviation: float
    steps: int

    def gains(self, steps: int) -> Array:
        """The filter's gains K for k = 0 .. steps - 1, share of a weight's error that a sample corrects.

        Parameters
        ----------
        steps : int
            Samples.

        Returns
        -------
        (steps,) array

        Examples
        --------
        >>> import gainsched as gs
        >>> found = gs.schedule_belief(gs.RLS(4), gs.Constant(1.0), gs.Excitation(1.0), steps=100)
        >>> found.gains(3).round(3)
        array([1.   , 0.5  , 0.333])
        """
        return _gains(self.q / self.r, min(self.p0 / self.r, _WIDEST), self.beta, steps)


def schedule_belief(filter: Filter, schedule: Schedule, exc: Excitation, steps: int) -> ScheduleBelief:
    r"""Which Kalman filter a schedule is, in units of this excitation, and how far it strays from it.

    The mean share of a weight's error that LMS or NLMS corrects in one sample is :math:`K_k = \mu_k\bar a`,
    :math:`\bar a` the mean loop gain at unit gain; that of RLS :math:`1/b_{k+1}`, :math:`b_{k+1} = \lambda_k b_k + 1`.
    With r from the excitation, q and p0 are those whose gains come closest in logarithm, over logarithmically spaced
    samples. The greedy schedule for white input gives back the walk and the start it was made for.

    Parameters
    ----------
    filter : Filter
        LMS, NLMS or RLS.
    schedule : Schedule
        Of the gain, or of RLS's forgetting; > 0 within the horizon.
    exc : Excitation
        Covariance and noise > 0.
    steps : int
        Samples of the horizon, >= 1.

    Returns
    -------
    ScheduleBelief

    Raises
    ------
    TypeError, ValueError
        For arguments of another kind, steps < 1, or a schedule that is not positive and finite.
    NoTheory
        Without noise, and for filters whose error powers are not known.

    Notes
    -----
    `kalman_equivalent` says the same of one constant gain. Independent regressors are assumed, as in `analyze`.

    References
    ----------
    S. Haykin, *Adaptive Filter Theory*, Prentice Hall 2002, chapter 10.

    Examples
    --------
    >>> import gainsched as gs
    >>> exc = gs.Excitation(1.0, noise=0.01, drift=1e-6)
    >>> found = gs.schedule_belief(gs.LMS(8), gs.optimal_schedule(gs.LMS(8), exc, steps=2000), exc, steps=2000)
    >>> print(f"q {found.q:.2g}, p0 {found.p0:.3f}, beta {found.beta:.0f}, within {found.deviation:.1%}")
    q 1e-06, p0 0.125, beta 10, within 0.1%
    """
    check_subject("schedule_belief", filter, exc)
    if not isinstance(schedule, Schedule):
        raise TypeError(refusal("schedule_belief: schedule", schedule, "must be a Schedule", "Try gs.Constant(.1)."))
    exc, steps = exc.sized(filter.model.n), whole("schedule_belief: steps", steps, 1)
    values = schedule(np.arange(steps))
    if not (np.isfinite(values).all() and values.min() > 0):
        raise ValueError(refusal("schedule_belief: smallest value of the schedule", float(values.min()),
                                 "must be > 0 and finite over the horizon"))
    if exc.noise <= 0:
        raise NoTheory("no theory without noise: every Kalman filter then believes each sample.")
    if isinstance(filter, RLS):
        if values.max() > 1:
            raise ValueError(refusal("schedule_belief: forgetting", float(values.max()), "must be in (0, 1]"))
        shares, beta, r = _newest(values), 1.0, walk_and_noise(exc)[1] / filter.model.n
    else:
        moments = Powers.of(filter, exc, 0.0).moments
        mean = float(moments.a.mean())
        scale = moments.n * mean**2
        shares, beta, r = values * mean, float(moments.B.sum()) / scale, exc.noise * float(moments.G.sum()) / scale
    return _closest(shares, beta, r, steps)


def _newest(factors: Array) -> Array:
    """Share of the newest sample in RLS's memory."""
    b, out = 0.0, np.empty(len(factors))
    for k, factor in enumerate(factors.tolist()):
        b = factor * b + 1.0
        out[k] = 1.0 / b
    return out


def _gains(q: float, p: float, beta: float, steps: int) -> Array:
    """K of the filter, with q and p in units of r."""
    out = np.empty(steps)
    for k in range(steps):
        out[k] = K = p / (beta * p + 1.0)
        p = K * ((beta - 1.0) * p + 1.0) + q                       # (1 - K) p, without its cancellation at large p
    return out


def _closest(shares: Array, beta: float, r: float, steps: int) -> ScheduleBelief:
    from scipy.optimize import least_squares

    at = np.unique(np.round(np.geomspace(1.0, steps, _POINTS)).astype(int)) - 1
    goal = np.log(shares[at])

    def miss(logs: Any) -> Array:
        q = math.exp(logs[1]) if len(logs) > 1 else 0.0
        return np.asarray(np.log(_gains(q, math.exp(logs[0]), beta, steps)[at]) - goal)

    K, last = float(shares[0]), float(shares[-1])
    p0 = min(K / (1.0 - beta * K), 0.1 * _WIDEST) if beta * K < 1.0 else 0.1 * _WIDEST
    high, low = math.log(_WIDEST), math.log(_NARROWEST)
    begin = min(max(math.log(last**2), low + 1.0), 1.0)
    still = least_squares(miss, [math.log(p0)], bounds=([low], [high]))
    walks = least_squares(miss, [math.log(p0), begin], bounds=([low, low], [high, high]))
    found = still if still.cost <= walks.cost * 1.001 + 1e-12 else walks    # a walk that explains nothing is none
    p, q = math.exp(found.x[0]), math.exp(found.x[1]) if len(found.x) > 1 else 0.0
    deviation = float(np.abs(np.expm1(np.log(_gains(q, p, beta, steps)) - np.log(shares))).max())
    return ScheduleBelief(q * r, r, p * r if p < 1e-3 * _WIDEST else math.inf, beta, deviation, steps)
