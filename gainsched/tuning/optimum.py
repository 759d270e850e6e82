"""The schedule that leaves the least weight error: sample by sample, or at the end of a horizon."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import NoTheory, refusal
from gainsched.filters import RLS
from gainsched.gains import PiecewiseLinear
from gainsched.tuning import memory
from gainsched.tuning.arguments import check_subject, whole
from gainsched.tuning.families import best, families, named, scan, table
from gainsched.tuning.knots import TOLERANCE, both_ends, hats, lines
from gainsched.tuning.powers import Powers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.excitation import Excitation
    from gainsched.filters import Filter
    from gainsched.gains import Schedule

    Array = NDArray[np.float64]

HORIZONS = ("greedy", "end")
_KNOTS = 24                  # per end of the horizon: 12 lost .005 dB on AR(1) .7, 48 gained .0003 dB
_LEAST = 1e-6                # of the largest gain, as a gain that is as good as 0
_ITERATIONS = 300
_FLAT = 1e-6                 # relative, of ln MSD: 1e-9 gained .0001 dB and took 1.5 times as long
_BEGINNINGS = ("Constant", "InverseTime", "Exponential")


def optimal_schedule(filter: Filter, exc: Excitation, steps: int, w_opt_power: float = 1.0, horizon: str = "greedy",
                     family: str | type[Schedule] | None = None, high: float | None = None) -> Schedule:
    r"""Find the gains that leave the smallest predicted :math:`E|w_{opt} - w|^2` (MSD), before any data arrive.

    The modal error powers c of LMS and NLMS obey
    :math:`c_{k+1} = c_k - 2\mu_k a c_k + \mu_k^2 (B c_k + \sigma_n^2 G) + q` under any schedule. "greedy" makes every
    next MSD as small as one gain can,

    .. math:: \mu_k = \frac{a'c_k}{1'(B c_k + \sigma_n^2 G)}, \qquad
              \text{white:}\quad \mu_k = \frac{\mathrm{MSD}_k}{(N+2)\,\sigma_x^2\,\mathrm{MSD}_k + N\sigma_n^2} ,

    which for white input is the best at every horizon. For colored input it is myopic: it spends the strong modes first
    and leaves the weak ones behind. "end" makes the MSD after the last step smallest, over the logarithms of the gains
    at knots that are dense at both ends of the horizon, by L-BFGS-B with the exact (adjoint) gradient. For RLS the
    answer is a schedule of its port ``forgetting``, the Kalman filter's
    :math:`\lambda_k = 1/(1 + (q/r)\,b_k)`, :math:`b_{k+1} = \lambda_k b_k + 1`,
    :math:`q = \mathrm{tr}Q, r = \sigma_n^2\mathrm{tr}R^{-1}`, the same for both horizons.

    Parameters
    ----------
    filter : Filter
        LMS or NLMS (gain), or RLS (forgetting); it starts at zero weights.
    exc : Excitation
        Covariance, noise and drift. With drift the schedule settles at the best gain for tracking.
    steps : int
        Samples of the horizon, >= 1; after them the last gain holds.
    w_opt_power : float
        E|w_opt|^2 of isotropic optimal weights, where the excitation does not know them.
    horizon : {"greedy", "end"}
        With a family: "greedy" minimizes the mean of the MSD's logarithm along the way, "end" the last MSD.
    family : str or class, optional
        Only members of it: Constant, InverseTime, InversePower, Exponential, Cosine, Polynomial or Tanh (RLS:
        Constant); case, - and _ do not matter in a name.
    high : float, optional
        Largest gain, in the filter's unit (not for RLS). Default: the end of the stable range.

    Returns
    -------
    Schedule
        "greedy": a PiecewiseLinear within .1 % of the exact gains (RLS: of 1 - forgetting; a Constant where nothing
        drifts). "end": the PiecewiseLinear of its knots, or where it starts if descent finds no better. With a family
        a member of it. All gains lie inside the stable range of a constant gain.

    Raises
    ------
    TypeError, ValueError
        For arguments of another kind, steps < 1, a power that is not finite and >= 0, an unknown horizon or family.
    NoTheory
        For filters whose recursion of error powers is not known or has a memory of its own (delay, blocks); RLS where
        a direction carries no power.

    Notes
    -----
    Independent regressors are assumed, as in `analyze`. On a real delay line with colored input bursts set in far below
    the stable range, and the first gains found here lie there: give ``high``, a fifth of the range say (8 taps, AR(1)
    .7, noise .01, 2000 samples: -37.6 dB predicted, -37.7 measured, where the uncapped schedule is predicted -38.4 and
    diverges). The forgetting schedule neglects the scatter of the weighted sums: N (1 - forgetting) is to be small.

    Cost: N^2 multiplications per sample of the horizon for "greedy"; for "end" as much for each of some 550 curves to
    begin from and of up to 300 gradients, 2 s for 8 weights and 2000 samples.

    References
    ----------
    D. T. M. Slock, IEEE Trans. SP 41 (1993), and J. Benesty et al., IEEE Signal Process. Lett. 13 (2006), for greedy
    steps; D. P. Bertsekas, *Dynamic Programming and Optimal Control*, 2017, for the adjoint of a horizon.

    Examples
    --------
    >>> import gainsched as gs
    >>> exc = gs.Excitation(1.0, noise=0.01)
    >>> s = gs.optimal_schedule(gs.LMS(8), exc, steps=2000)
    >>> s([0, 100, 1999]).round(5)                                            # tends to 1/k
    array([0.09921, 0.0194 , 0.00052])
    """
    _check(filter, exc, steps, w_opt_power, horizon)
    if high is not None and (isinstance(high, bool) or not isinstance(high, numbers.Real) or not 0 < high < math.inf):
        raise ValueError(refusal("optimal_schedule: high", high, "must be a finite number > 0"))
    exc, steps = exc.sized(filter.model.n), int(steps)
    if isinstance(filter, RLS):
        if high is not None:
            raise ValueError(refusal("optimal_schedule: high", high, "must be None for RLS: its forgetting ends at 1"))
        return _forgetting(filter, exc, steps, float(w_opt_power), family)
    powers = Powers.of(filter, exc, float(w_opt_power), math.inf if high is None else float(high))
    weights = objective(horizon, steps)
    if family is not None:
        return best(named(family, families(powers.high, steps)), powers, steps, weights)
    gains = powers.greedy(steps)
    greedy = lines(gains, TOLERANCE * gains)
    return greedy if horizon == "greedy" else _end(powers, steps, weights, greedy)


def objective(horizon: str, steps: int) -> Array:
    """Weights of ln MSD before each sample and after the last."""
    weights = np.zeros(steps + 1)
    if horizon == "end":
        weights[-1] = 1.0
    else:
        weights[1:] = 1.0 / steps
    return weights


def _forgetting(filter: RLS, exc: Excitation, steps: int, power: float,
                family: str | type[Schedule] | None) -> Schedule:
    if family is None:
        return memory.best_forgetting(exc, steps)
    if named(family, families(1.0, steps)).kind.__name__ != "Constant":
        raise NoTheory(f"no theory for the best {family!r} of RLS's forgetting; try family=\"Constant\", or none.")
    return memory.best_constant(filter, exc, steps, power)


def _end(powers: Powers, steps: int, weights: Array, greedy: PiecewiseLinear) -> Schedule:
    """Gains at knots, from the best of greedy, constant, 1/k and exponential; these where descent finds no better."""
    from scipy.optimize import minimize

    known = families(powers.high, steps)
    knots = both_ends(steps, _KNOTS)
    i, share = hats(knots, steps)
    j = np.minimum(i + 1, len(knots) - 1)
    members: list[Schedule] = [greedy, *(known[name].member(scan(known[name], powers, steps, weights)[0][0])
                                         for name in _BEGINNINGS)]
    low, high = math.log(_LEAST * powers.high), math.log(powers.high)

    def slope(logs: Array) -> tuple[float, Array]:
        at = np.exp(logs)
        value, grad = powers.slope((1.0 - share) * at[i] + share * at[j], weights)
        by_knot: Array = np.zeros(len(knots))
        np.add.at(by_knot, i, (1.0 - share) * grad)
        np.add.at(by_knot, j, share * grad)
        return value, by_knot * at

    before = powers.values(np.array([table(s, powers, steps) for s in members]), weights)
    begin = np.log(np.clip(members[int(np.argmin(before))](knots), _LEAST * powers.high, powers.high))
    found = minimize(slope, begin, jac=True, method="L-BFGS-B", bounds=[(low, high)] * len(knots),
                     options={"maxiter": _ITERATIONS, "ftol": _FLAT, "maxcor": 20})
    if found.fun >= before.min():
        return members[int(np.argmin(before))]
    return PiecewiseLinear(knots.tolist(), np.minimum(np.exp(found.x), powers.high).tolist())


def _check(filter: Any, exc: Any, steps: Any, power: Any, horizon: Any) -> None:
    check_subject("optimal_schedule", filter, exc)
    whole("optimal_schedule: steps", steps, 1)
    if isinstance(power, bool) or not isinstance(power, numbers.Real) or not 0 <= float(power) < math.inf:
        raise ValueError(refusal("optimal_schedule: w_opt_power", power, "must be finite and >= 0"))
    if horizon not in HORIZONS:
        raise ValueError(refusal("optimal_schedule: horizon", horizon, f"must be one of {HORIZONS}"))
