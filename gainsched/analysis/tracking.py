"""The best constant gain for weights that walk: of LMS, of RLS, which of the two, and the Kalman gain behind both."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np

from gainsched.analysis import meansquare
from gainsched.errors import NoTheory, refusal
from gainsched.excitation import Excitation
from gainsched.filters import LMS, Filter

_ROUGH = 0.2                 # weights over memory, N (1 - forgetting), from which RLS theory is rough


@dataclass(frozen=True)
class Tracking:
    """How well walking weights can be followed. Made by `gainsched.tracking`.

    Attributes
    ----------
    mu_opt : float
        The constant gain of least EMSE: exact under independent regressors.
    emse : float
        The EMSE at that gain.
    mu_small : float
        Its small-gain formula, sqrt(tr Q/(noise tr R) + (tr Q/(2 noise))^2) - tr Q/(2 noise) (of LMS).
    forgetting_opt : float
        The best forgetting factor of RLS, 1 - sqrt(tr(QR)/(noise N)).
    emse_rls : float
        Its EMSE, sqrt(noise N tr(QR)).
    better : str
        "LMS", "RLS" or "either": tr R tr Q against N tr(QR).
    assumptions : list of str

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.tracking(gs.LMS(4), gs.Excitation(1.0, noise=0.01, drift=1e-6)).better
    'either'
    """

    mu_opt: float
    emse: float
    mu_small: float
    forgetting_opt: float
    emse_rls: float
    better: str
    assumptions: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers."""
        return {**vars(self), "assumptions": list(self.assumptions)}


def tracking(filter: Filter, exc: Excitation) -> Tracking:
    r"""Say which constant gain, and which forgetting factor, follows a random walk of the weights best.

    .. math::
        \mu_{opt} \approx \sqrt{\frac{\mathrm{tr}Q}{\sigma_n^2\mathrm{tr}R}}, \quad
        \zeta_{LMS} \approx \sqrt{\sigma_n^2\,\mathrm{tr}R\,\mathrm{tr}Q}, \qquad
        \lambda_{opt} = 1 - \sqrt{\frac{\mathrm{tr}(QR)}{\sigma_n^2 N}}, \quad
        \zeta_{RLS} = \sqrt{\sigma_n^2 N\,\mathrm{tr}(QR)}

    LMS follows better if and only if tr R tr Q < N tr(QR): a walk along the strong directions of the input favors it.

    Parameters
    ----------
    filter : Filter
        One that knows its moments (LMS, NLMS, DelayedLMS) gets its own exact optimum, any other that of LMS.
    exc : Excitation
        With drift.

    Returns
    -------
    Tracking

    Raises
    ------
    ValueError
        Without drift or noise: the best gain then tends to 0, or is as large as it may be.

    Notes
    -----
    B. Widrow et al., Proc. IEEE 64 (1976); E. Eleftheriou, D. D. Falconer, IEEE Trans. ASSP 34 (1986); E. Eweda, IEEE
    Trans. SP 42 (1994).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> R = np.diag([1.9, 0.1])
    >>> along = gs.tracking(gs.LMS(2), gs.Excitation(R, noise=0.01, drift=1e-6 * R))
    >>> across = gs.tracking(gs.LMS(2), gs.Excitation(R, noise=0.01, drift=1e-6 * np.linalg.inv(R)))
    >>> along.better, across.better, round(across.forgetting_opt, 3)
    ('LMS', 'RLS', 0.99)
    """
    if not isinstance(filter, Filter):
        raise TypeError(refusal("tracking: filter", filter, "must be a filter", "Try gs.LMS(32)."))
    if not isinstance(exc, Excitation):
        raise TypeError(refusal("tracking: exc", exc, "must be an Excitation", "Try gs.Excitation(1.0, drift=1e-6)."))
    exc = exc.sized(filter.model.n)
    if exc.drift is None or not np.any(exc.drift):
        raise ValueError(refusal("tracking: exc.drift", exc.drift, "must be positive",
                                 "For weights that stand still the best gain tends to 0: gs.InverseTime."))
    if exc.noise <= 0:
        raise ValueError(refusal("tracking: exc.noise", exc.noise, "must be > 0"))
    n, noise, R, Q = filter.model.n, exc.noise, exc.R, exc.drift
    if not np.all(exc.modes > 0):
        raise NoTheory("no theory for a walk in directions without input power: nothing follows it.")
    mu_opt, emse = _best(filter, exc)
    total, power, joint = (float(np.trace(m).real) for m in (Q, R, Q @ R))
    forgetting = 1.0 - math.sqrt(joint / (noise * n))
    assumptions = ["independent regressors; LMS-type gain: exact; RLS: memory long against N"]
    if filter.every > 1 or filter.moments(exc) is None:
        assumptions.append(f"mu_opt and emse are those of LMS: none of its own is known for {type(filter).__name__}")
    if n * (1.0 - forgetting) > _ROUGH:
        assumptions.append(f"RLS figures are rough: N (1 - forgetting) = {n * (1.0 - forgetting):.2g} is not small")
    lms, rls = power * total, n * joint
    better = "either" if math.isclose(lms, rls, rel_tol=1e-9) else "LMS" if lms < rls else "RLS"
    return Tracking(mu_opt, emse, _small(exc), max(forgetting, 0.0),
                    math.sqrt(noise * n * joint), better, assumptions)


def _best(filter: Filter, exc: Excitation) -> tuple[float, float]:
    """(gain, EMSE) where the exact steady state of this filter, or of LMS, is lowest."""
    from scipy.optimize import minimize_scalar

    moments = filter.moments(exc) if filter.every == 1 else None
    delay = filter.delay if moments is not None else 0
    if moments is None:
        moments = LMS(filter.model).moments(exc)
    high = meansquare.mean_square_bound(moments, delay)
    if math.isfinite(filter.gain_high):
        high = min(high, filter.gain_high)
    modal = np.maximum(np.einsum("ji,jk,ki->i", exc.basis()[1].conj(), exc.drift, exc.basis()[1]).real, 0.0)

    def excess(log_gain: float) -> float:
        c = meansquare.steady_state(moments, math.exp(log_gain), exc.noise, modal, delay)
        return float(exc.modes @ c)

    low = math.log(min(high, _small(exc))) - 5.0         # loud noise puts the best gain many decades below the bound
    found = minimize_scalar(lambda x: math.log(excess(x)), bounds=(low, math.log(high) - 1e-9),
                            method="bounded", options={"xatol": 1e-10})
    return math.exp(float(found.x)), excess(float(found.x))


def _small(exc: Excitation) -> float:
    """The positive root of mu^2 + mu trQ/noise = trQ / (noise trR), without the cancellation of its usual form."""
    half = float(np.trace(exc.drift).real) / (2.0 * exc.noise)
    square = 2.0 * half / float(np.trace(exc.R).real)
    return square / (math.sqrt(square + half**2) + half)


def kalman_gain(q: float, r: float) -> float:
    r"""The steady Kalman gain of a parameter that walks by q per sample and is measured with noise r.

    .. math:: p = \tfrac12 (q + \sqrt{q^2 + 4qr}), \qquad K = p/(p + r)

    It is the best constant gain of :math:`w^+ = w + K(d - w)`, whose error power it leaves at p.

    Parameters
    ----------
    q : float
        Variance of the step per sample, > 0.
    r : float
        Variance of the measurement noise, > 0, in the same unit.

    Returns
    -------
    float
        K, between 0 and 1.

    Raises
    ------
    ValueError
        When q or r is not a positive finite number.

    Examples
    --------
    >>> import gainsched as gs
    >>> round(gs.kalman_gain(q=0.01, r=1.0), 7)
    0.0951249
    """
    q, r = _positive("kalman_gain: q", q), _positive("kalman_gain: r", r)
    p = (q + math.sqrt(q * q + 4.0 * q * r)) / 2.0
    return p / (p + r)


def kalman_equivalent(gain: float, r: float = 1.0) -> tuple[float, float]:
    r"""The walk for which a constant gain is the Kalman gain: what a learning rate believes about the world.

    .. math:: q = r\, K^2/(1 - K)

    Parameters
    ----------
    gain : float
        K, the share of the error that one sample corrects (:math:`\mu|u|^2` for LMS, mu for NLMS); 0 < K < 1.
    r : float
        Variance of the measurement noise, > 0.

    Returns
    -------
    (q, r) : tuple of float

    Raises
    ------
    ValueError
        When gain is not between 0 and 1, or r not a positive finite number.

    Examples
    --------
    >>> import gainsched as gs
    >>> q, r = gs.kalman_equivalent(0.1)
    >>> round(q, 4), round(gs.kalman_gain(q, r), 12)
    (0.0111, 0.1)
    """
    gain, r = _positive("kalman_equivalent: gain", gain), _positive("kalman_equivalent: r", r)
    if gain >= 1:
        raise ValueError(refusal("kalman_equivalent: gain", gain, "must be below 1: no noise justifies overshooting"))
    return r * gain**2 / (1.0 - gain), r


def _positive(name: str, value: Any) -> float:
    number = float(value) if isinstance(value, numbers.Real) and not isinstance(value, bool) else math.nan
    if not 0 < number < math.inf:
        raise ValueError(refusal(name, value, "must be a finite number > 0"))
    return number
