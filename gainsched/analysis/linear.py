"""The adaptation loop as python-control objects: one mode as a TransferFunction, all weights as a StateSpace."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.drive import Drive
from gainsched.analysis.secondary import Pulls, pure_delay
from gainsched.analysis.slope import slope
from gainsched.errors import NoTheory, refusal
from gainsched.excitation import Excitation
from gainsched.filters import RLS, Filter, FxLMS, LeakyLMS, MITRule
from gainsched.gains import PolyakRuppert
from gainsched.gains.compensator import Momentum

if TYPE_CHECKING:
    from gainsched.loop import Loop


def has_moments(filter: Filter) -> bool:
    """Whether the filter knows its moments (`gainsched.excitation.Moments`)."""
    return type(filter).moments is not Filter.moments


def transfer(loop: Loop, mode: float) -> Any:
    r"""The open loop L(z) of one mode of the weights, around which the adaptation closes negative feedback.

    ============  =====================================================================================
    LMS           mu mode / (z - 1), mode an eigenvalue of R
    DelayedLMS    mu mode z^-D / (z - 1)
    NLMS          mu mode / (z - 1), mode an eigenvalue of u u'/(eps + u'u), at most 1
    LeakyLMS      mu mode / (z - (1 - mu leak)): less than an integrator
    RLS           mu (1 - forgetting) / (z - 1), the settled loop of every mode
    BlockLMS      mu mode / (z - 1), z one block
    FxLMS         mu s_D s^_D mode z^-D / (z - 1) where path and estimate are one pure delay D (others mix the modes)
    MITRule       mu Gm(1) mode P(z) / (z - 1), frozen at a constant command, mode = phi'phi = taps amplitude^2;
                  normalized: divided by alpha + Gm(1)^2 mode
    ============  =====================================================================================

    Momentum multiplies it, at the beta of the present sample: HeavyBall by z/(z - beta), Nesterov by
    ((1 + beta) z - beta)/(z - beta), GradientEMA by (1 - beta) z/(z - beta).

    Parameters
    ----------
    loop : Loop
        Its gain at the present sample, ``loop.n``, is used.
    mode : float
        Eigenvalue, >= 0.

    Returns
    -------
    control.TransferFunction
        Discrete, ``dt=True`` (that of the plant for MITRule).

    Raises
    ------
    NoTheory
        For filters without a known loop, and gains per weight.

    Examples
    --------
    >>> import gainsched as gs
    >>> L = gs.Loop(gs.DelayedLMS(4, delay=3), gain=0.1).transfer(2.0)
    >>> round(gs.margins(L).gain, 6)                                # 2 sin(pi/14) / 0.2
    2.225209
    """
    import control

    if isinstance(mode, bool) or not isinstance(mode, numbers.Real) or not (math.isfinite(mode) and mode >= 0):
        raise ValueError(refusal("transfer: mode", mode, "must be a finite eigenvalue >= 0"))
    filter, gain = loop.filter, _present(loop)
    name = type(filter).__name__                      # python-control takes no "." in names
    if isinstance(filter, MITRule):
        num, den, dt = filter.plant
        num, den = gain * frozen_gain(filter, mode) * np.array(num), np.polymul(den, [1.0, -1.0])
    elif isinstance(filter, RLS):
        num, den, dt = [gain * (1.0 - Drive(loop, "forgetting").now)], [1.0, -1.0], True
    elif has_moments(filter):
        num, den, dt = [gain * mode], [1.0, -1.0, *np.zeros(filter.delay)], True
    elif isinstance(filter, LeakyLMS):
        num, den, dt = [gain * mode], [1.0, -1.0], True
    elif isinstance(filter, FxLMS) and (found := pure_delay(filter)) is not None:
        num, den, dt = [gain * found[1] * mode], [1.0, -1.0, *np.zeros(found[0])], True
    else:
        raise NoTheory(f"no theory for {name}: its adaptation loop does not follow from the mode alone (loop.linear "
                       "takes an Excitation).")
    if (between := _momentum(loop)) is not None:
        more_num, more_den = between[0].transfer(between[1])
        num, den = np.polymul(num, more_num), np.polymul(den, more_den)
    if isinstance(filter, LeakyLMS) and mode > 0:                     # the leak closes a loop of its own inside
        den = np.polyadd(den, filter.leak / mode * np.asarray(num))
    return control.tf(num, den, dt, name=name)


def _momentum(loop: Loop) -> tuple[Momentum, float] | None:
    """The momentum that stands in the loop, with its beta now; an average beside the loop is none."""
    between = loop.compensator
    if between is None or isinstance(between, PolyakRuppert):
        return None
    if not isinstance(between, Momentum):
        raise NoTheory(f"no theory for {type(between).__name__}: what it puts into the loop changes with every sample.")
    return between, Drive(loop, "beta").now


def frozen_gain(filter: MITRule, mode: float) -> float:
    """psi'phi (over alpha + psi'psi if normalized) at a constant command with phi'phi = mode."""
    num, den, _ = filter.reference
    if sum(den) == 0:
        raise NoTheory("no theory for MITRule with an integrating reference: at a constant command it does not settle.")
    still = sum(num) / sum(den)
    return float(still * mode / ((filter.alpha + still**2 * mode) if filter.normalized else 1.0))


def linear(loop: Loop, exc: Excitation) -> Any:
    r"""The mean weight error :math:`E[w_o - w_k]` as a linear system, driven by steps of the optimal weights.

    .. math::
        E\tilde w_{k+1} = E\tilde w_k - \mu\,\bar R\, E\tilde w_{k-D} + \Delta w_{o,k}, \qquad \bar R = E[v_k u_k']

    :math:`\bar R = R` for LMS, :math:`E[uu'/(\epsilon+u'u)]` for NLMS, :math:`(1-\lambda) I` for RLS (settled).
    LeakyLMS: :math:`R + \mathrm{leak}\,I`, and the leak pulls towards 0 however far the optimum is, ``w_opt[0]`` .. .
    SignDataLMS, SignErrorLMS, LMF: R times the slope of the correction (`gainsched.analysis.slope`): exact for the
    first, at the steady state of a constant gain for the second, at the optimum for the third.
    FxLMS: a sum over the lags of the path (`gainsched.analysis.filtered`), white input.
    BlockLMS: a step is a block. MITRule: frozen at the constant command of ``exc.amplitude``, with the plant's states.
    Momentum adds its memory p, :math:`p_{k+1} = \beta p_k + a D_k`, where D is what is subtracted above:
    :math:`\tilde w_{k+1} = \tilde w_k - b D_k - p_{k+1}`.

    Parameters
    ----------
    loop : Loop
        Its gain at the present sample, ``loop.n``, is used.
    exc : Excitation
        Sets R (or the amplitude).

    Returns
    -------
    control.StateSpace
        States ``w[0]`` .. (then their past, ``w[0](k-1)`` .., or the plant's, then a momentum's ``memory[0]`` ..),
        inputs ``dw_opt[0]`` .., outputs ``w_error[0]`` .., ``dt=True``.

    Raises
    ------
    TypeError
        When exc is no Excitation.
    NoTheory
        For filters without a known mean, complex excitation, gains per weight.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> sys = gs.Loop(gs.LMS(2), gain=0.5).linear(gs.Excitation([[1.0, 0.5], [0.5, 1.0]]))
    >>> print(sys.state_labels, np.sort(sys.poles().real).round(6))
    ['w[0]', 'w[1]'] [0.25 0.75]
    """
    import control

    if not isinstance(exc, Excitation):
        raise TypeError(refusal("linear: exc", exc, "must be an Excitation", "Try gs.Excitation(1.0)."))
    filter, gain = loop.filter, _present(loop)
    exc = exc.sized(filter.model.n)
    if exc.circular:
        raise NoTheory("no real StateSpace for complex excitation: use loop.transfer(mode) on each mode of exc.modes.")
    names = ["[" + ",".join(map(str, index)) + "]" for index in np.ndindex(filter.model.shape)]
    pulls = Pulls(filter, exc) if isinstance(filter, FxLMS) else None
    n, past = len(names), filter.delay if pulls is None else pulls.lags - 1
    A, dt = np.eye(n * (past + 1), k=-n), True
    extra = [f"w{name}(k-{lag})" for lag in range(1, past + 1) for name in names]
    A[:n, :n] = np.eye(n)
    if isinstance(filter, MITRule):
        plant = control.ss(control.tf(*filter.plant))
        dt = filter.plant[2]
        phi = np.full((n, 1), exc.amplitude)
        pull = gain * frozen_gain(filter, n * exc.amplitude**2) / (n * exc.amplitude**2 or 1.0) * phi
        A = np.block([[np.eye(n) - pull @ plant.D @ phi.T, -pull @ plant.C], [plant.B @ phi.T, plant.A]])
        extra = [f"plant[{i}]" for i in range(plant.nstates)]
    elif pulls is not None:
        A = pulls.companion(gain)
    elif isinstance(filter, RLS):
        A[:n, :n] -= gain * (1.0 - Drive(loop, "forgetting").now) * np.eye(n)
    elif has_moments(filter):
        vectors = exc.basis()[1]
        A[:n, n * past:] -= gain * (vectors * filter.moments(exc).a) @ vectors.T
    elif isinstance(filter, LeakyLMS):
        leak = gain * filter.leak * np.eye(n)
        A = np.block([[A - gain * exc.R - leak, leak], [np.zeros((n, n)), np.eye(n)]])
        extra = [f"w_opt{name}" for name in names]
    else:
        A -= gain * slope(loop, exc) * exc.R
    if (between := _momentum(loop)) is not None:
        beta = between[1]
        a, b = between[0].shares(beta)
        pull = np.eye(n, len(A)) - A[:n]                              # the correction D = pull times the state
        A = np.block([[A, np.zeros((len(A), n))], [a * pull, beta * np.eye(n)]])
        A[:n] = np.eye(n, len(A)) - np.hstack([(a + b) * pull, beta * np.eye(n)])
        extra += [f"memory{name}" for name in names]
    B, C = np.eye(len(A), n), np.eye(n, len(A))
    if isinstance(filter, LeakyLMS):
        B[n:2 * n] = np.eye(n)                                        # the optimum itself moves, and the leak feels it
    return control.ss(A, B, C, np.zeros((n, n)), dt, name=f"{type(filter).__name__} weight error",
                      states=[f"w{name}" for name in names] + extra, inputs=[f"dw_opt{name}" for name in names],
                      outputs=[f"w_error{name}" for name in names])


def _present(loop: Loop) -> float:
    """The gain at the loop's present sample."""
    drive = Drive(loop)
    if drive.per_weight:
        raise NoTheory("gains per weight mix the modes: there is no loop of a single mode.")
    return drive.now
