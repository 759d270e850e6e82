"""Is this gain safe for every mode in an interval? Proven, refuted with a witness, or not certified."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.approximation import robbins_monro
from gainsched.analysis.certificate import STABLE, UNKNOWN, UNSTABLE, Certificate
from gainsched.analysis.course import Course, as_count, as_modes, as_momentum, as_schedule, course
from gainsched.analysis.interval import Finding, judge
from gainsched.analysis.modal import Modal
from gainsched.errors import refusal
from gainsched.gains import Constant, Schedule

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.gains.compensator import Momentum

    Array = NDArray[np.float64]

_MODES = 64                     # modes at which a transient is followed
_FOLLOWED = 20_000              # samples of it
_HUGE = 1e3                     # loop gain at which a gain without limit is witnessed


def certify(gain: float | ArrayLike | Schedule, modes: tuple[float, float], compensator: Momentum | None = None,
            delay: int = 0, leak: float = 0.0, period: int | None = None) -> Certificate:
    r"""Whether a gain, with momentum, delay and leak, is stable for every mode in an interval.

    Each mode :math:`\lambda` of the mean weight error (or of a quadratic's error, :math:`\lambda` a curvature) obeys

    .. math::
        D_k = \mu_k(\lambda \tilde w_{k-D} + \gamma \tilde w_k), \quad
        p_{k+1} = \beta_k p_k + a_k D_k, \quad \tilde w_{k+1} = \tilde w_k - b_k D_k - p_{k+1},

    and is judged by the product of its matrices over a period of the gain: the asymptotic factor per sample is the
    product's spectral radius to the power 1/P. The interval is covered by proof, not by a grid.

    ==============================  ==============================================================================
    one state (no momentum, delay)  the product is a polynomial in the mode; its extrema are found exactly
    constant gain, momentum         the conditions are affine in the mode: closed form
    constant gain, delay            first load with a pole on the unit circle, exactly
    a period, momentum or delay     ellipsoids that follow the loop; the norm of what is affine in the mode is
                                    convex, so that its ends bound each interval
    ==============================  ==============================================================================

    A schedule is judged by what it repeats, or by its limit; the way there is reported in ``transient``. A gain that
    tends to 0 is "stable" with growth 1: the error stays bounded, and tends to 0 if the sum of the gains is infinite.

    Parameters
    ----------
    gain : float, array or Schedule
        >= 0. An array is one period, repeated.
    modes : (float, float)
        The interval of eigenvalues, 0 <= low <= high; low == high allowed. A mode of 0 without leak is not moved: its
        growth is 1, and counts as stable.
    compensator : HeavyBall, Nesterov or GradientEMA, optional
        With a number or a Schedule for beta.
    delay : int, optional
        Samples by which the error is late.
    leak : float, optional
        As in `LeakyLMS`, in units of the mode.
    period : int, optional
        Samples after which a Schedule repeats, where it does not know itself (`Function`).

    Returns
    -------
    Certificate
        "unstable" comes with a mode and the gains to multiply; where the proof does not succeed the verdict is "not
        certified".

    Raises
    ------
    TypeError, ValueError
        For gains that are negative, not finite, per weight or laws; modes that are no interval; a delay that is no
        whole number.
    NoTheory
        For ScheduleFree.

    Notes
    -----
    The mean of the weights under independent regressors, or a quadratic objective, is what this is exact for;
    mean-square stability asks for more (`analyze`).

    With leak and delay together the load has two parts, and ``scale`` is the small one of the argument by two time
    scales.

    References
    ----------
    D. M. Young, "On Richardson's method for solving linear systems with positive definite matrices", J. Math. Phys. 32
    (1953), for gains that repeat; S. Bittanti and P. Colaneri, *Periodic Systems*, Springer 2009, for the Lyapunov
    equation around a period.

    Examples
    --------
    >>> import gainsched as gs
    >>> cycle = gs.certify(gs.Chebyshev(1.0, 10.0, 4), modes=(1.0, 10.0))           # steps up to 7.45/L
    >>> cycle.verdict, round(cycle.growth, 6)
    ('stable', 0.616969)
    >>> swing = gs.certify([0.2, 3.6], modes=(1.0, 1.0), compensator=gs.HeavyBall(0.9))   # each below the limit 3.8
    >>> swing.verdict, round(swing.growth, 5)
    ('unstable', 2.12377)
    """
    low, high = as_modes(modes, "certify")
    between, late = as_momentum(compensator, "certify"), as_count("delay", delay, "certify", 0)
    if period is not None:
        period = as_count("period", period, "certify", 1)
    leak = float(leak)
    if not (math.isfinite(leak) and leak >= 0):
        raise ValueError(refusal("certify: leak", leak, "must be finite and >= 0"))
    source = as_schedule(gain, period, "certify")
    beta = 0.0 if between is None else between.beta
    run = course(source, beta, period)
    if run.gains is None or run.betas is None:
        return _unknown(source, run, high + leak, late, between)
    modal = Modal.of(run.gains, run.betas, between, late, leak)
    found = judge(modal, low, high, between)
    certificate = _verdict(found, modal)
    if isinstance(source, Schedule) or isinstance(beta, Schedule):
        certificate = replace(certificate, transient=_transient(source, beta, run.first, modal, between, low, high))
    if isinstance(source, Schedule) and not isinstance(source, Constant) and not run.gains.any():
        certificate = _vanishing(certificate, source, high + leak)
    return certificate


def _verdict(found: Finding, modal: Modal) -> Certificate:
    growth, upper = math.exp(min(found.growth, 700.0)), math.exp(min(found.upper, 700.0))
    upper = math.inf if math.isinf(found.upper) else max(growth, upper)
    where, per = f"mode {found.mode:.6g}", "per sample"
    witness, scale = None, found.scale
    if found.growth * modal.period > found.doubt and modal.confirmed(found.mode) * modal.period > found.doubt:
        verdict, sentence = UNSTABLE, f"the error grows by {growth:.6g} {per} at {where}"
        witness = {"mode": found.mode, "growth": growth, "gains": modal.gains.tolist(), "betas": modal.betas.tolist()}
        scale = min(scale, 1.0 - 1e-12)                # rounding never certifies what a witness refutes
    elif found.neutral and found.upper <= 0.0:
        verdict, sentence = STABLE, "a mode of 0 is not moved, every other one shrinks" if modal.gains.any() else (
            "a gain of 0 holds the error where it is")
    elif found.upper <= 0.0 and found.growth * modal.period < -found.doubt:
        verdict, sentence = STABLE, f"the error shrinks to {growth:.6g} of itself {per}, slowest at {where}"
    else:
        verdict = UNKNOWN
        sentence = f"no proof over the whole interval; the slowest found is {growth:.6g} {per} at {where}"
    return Certificate(verdict, growth, found.mode, scale, witness, found.method, growth, upper, sentence=sentence)


def _vanishing(certificate: Certificate, source: Schedule, load: float) -> Certificate:
    diverges = robbins_monro(source).sum_diverges
    ends = {True: "their sum is infinite, so that the error tends to 0 in every mode above 0",
            False: "their sum is finite, so that the error stops short of 0",
            None: "whether their sum is infinite is not known"}[diverges]
    return replace(certificate, growth=1.0, lower=1.0, upper=1.0, scale=math.inf, mode=load, sum_diverges=diverges,
                   method="limit of the gain",
                   sentence=f"the gains tend to 0, the error stays bounded; {ends}")


def _unknown(source: Schedule | Array, run: Course, load: float, delay: int, between: Momentum | None) -> Certificate:
    """No period and no limit: unstable if the gain grows without limit, else nothing is claimed."""
    if isinstance(source, Schedule) and source.limit == math.inf and load > 0 and not delay:
        ks = np.geomspace(1.0, 1e15, 600).astype(np.int64)
        passed = ks[source(ks) * load > _HUGE]
        if passed.size:
            k = int(passed[0])
            gain = min(float(source(k)), 1e150)
            beta: Any = 0.0 if between is None else between.beta
            beta = beta(k) if isinstance(beta, Schedule) else beta
            frozen = Modal.of(np.array([gain]), np.array([beta]), between)
            growth = math.exp(float(frozen.growth([load])[0]))
            witness = {"mode": load, "growth": growth, "gains": [gain], "betas": [beta]}
            return Certificate(UNSTABLE, math.inf, load, math.nan, witness, "limit of the gain", math.inf, math.inf,
                               sentence=f"the gain grows without limit, {gain:.3g} at sample {k}")
    return Certificate(UNKNOWN, math.nan, math.nan, math.nan, None, "none", 0.0, math.inf, sentence=run.reason)


def _transient(source: Schedule | Array, beta: Any, first: int, modal: Modal, between: Momentum | None, low: float,
               high: float) -> float:
    """Largest abs(error) over the first one, before sample `first`, in modes over the interval; memory empty."""
    steps = min(first, _FOLLOWED)
    if not steps or not high + modal.leak > 0:
        return 1.0
    ks = np.arange(steps)
    gains = source(ks) if isinstance(source, Schedule) else source[ks % len(source)]
    betas = np.asarray(beta(ks), dtype=np.float64) if isinstance(beta, Schedule) else np.full(steps, float(beta))
    way = Modal.of(gains, betas, between, modal.delay, modal.leak)
    B, C = way.parts
    over = np.geomspace(low or high * 1e-3, high, _MODES)[:, None] if high > low else np.array([[high]])
    z = np.zeros((len(over), way.order))
    z[:, :1 + way.delay] = 1.0
    most = 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps):
            z = z @ B[k].T + over * (z @ C[k].T)
            most = max(most, float(np.abs(z[:, 0]).max()))
            if not math.isfinite(most) or most > 1e150:
                return math.inf
    return most
