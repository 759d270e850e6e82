"""What theory says of a descent near its weights: every curvature is a mode of the loop, as an eigenvalue is for LMS."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.bound import Bound
from gainsched.analysis.margins import Margins, gain_range, margins
from gainsched.errors import NoTheory, refusal
from gainsched.gains import Law, Schedule
from gainsched.gains.schedules import Constant

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.descent import Descent

FLAT = 1e-6              # relative curvature that central differences cannot tell from none
ASYMMETRY = 1e-3         # relative; above it the second derivatives are not those of one function
HORIZON = 10_000         # steps of a schedule that are looked at, besides its limit
SHOWN = 8                # curvatures in the table
ASSUMPTION = "linearized at the present weights: exact for a quadratic objective, else near them"
REFERENCE = "B. T. Polyak, Introduction to Optimization, New York 1987, sections 1.4 and 3.2"


@dataclass(frozen=True, repr=False, eq=False)
class DescentReport:
    """What a gain will do near the present weights. Made by `Descent.report`.

    Attributes
    ----------
    descent : str
        What was analyzed.
    verdict : str
        "stable", "unstable" (with `growth` > 1 as witness) or "not certified".
    sentence : str
        The verdict in one sentence.
    curvatures : (n,) array
        Eigenvalues of the second derivatives, ascending. With a gain per weight those of sqrt(G) H sqrt(G), and 1 takes
        the place of the gain.
    gain : float or None
        The gain at the present step; None for a line search, which has none before it searched.
    bound : Bound or None
        The largest gain that the steepest curvature bears with this compensator (a factor on all gains where they are
        per weight). None where nothing curves upwards.
    margins : Margins or None
        Of the loop around the steepest curvature, at the present gain.
    growth : (n,) array or None
        Factor per step of each mode's distance to the minimum, at the present gain.
    time_constants : (n,) array or None
        Steps, -1/ln(growth); inf where it does not shrink.
    slope : float
        Norm of the gradient at the weights.
    warnings, assumptions, references : list of str

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> valley = np.array([1.0, 10.0])
    >>> rep = gs.Descent(lambda w: valley * w, [1.0, 1.0], gain=0.1, compensator=gs.HeavyBall(0.5)).report()
    >>> print(rep)
    stable: gain 0.1 lies 3 times below 0.3, the bound of the steepest curvature
    <BLANKLINE>
    descent      2 weights, gain=Constant(0.1), compensator=HeavyBall(0.5), n=0
    bound        0.3
    margins      gain 3, phase 27.18 deg, delay 0.4118 samples, disk 0.407
    slope        10.05
    <BLANKLINE>
    curvature    growth       time constant
    10           0.7071       2.89
    1            0.7071       2.89
    <BLANKLINE>
    assumptions  linearized at the present weights: exact for a quadratic objective, else near them
    """

    descent: str
    verdict: str
    sentence: str
    curvatures: NDArray[np.float64]
    gain: float | None
    bound: Bound | None
    margins: Margins | None
    growth: NDArray[np.float64] | None
    time_constants: NDArray[np.float64] | None
    slope: float
    warnings: list[str]
    assumptions: list[str]
    references: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Everything, for strict JSON: what is infinite or unknown is None."""
        out = dict(vars(self))
        for name in ("curvatures", "growth", "time_constants"):
            array = out[name]
            out[name] = None if array is None else np.where(np.isfinite(array), array, None).tolist()
        for name in ("bound", "margins"):
            out[name] = None if out[name] is None else out[name].to_dict()
        return out

    def __str__(self) -> str:
        rows = [("descent", self.descent)]
        if self.bound is not None:
            rows.append(("bound", f"{self.bound.value:.4g}"))
        if self.margins is not None and not math.isnan(self.margins.phase_deg):
            m = self.margins
            rows.append(("margins", f"gain {m.gain:.4g}, phase {m.phase_deg:.2f} deg, delay {m.delay:.4g} samples, "
                                    f"disk {m.disk:.3g}"))
        rows.append(("slope", f"{self.slope:.4g}"))
        lines = [f"{label:<11}  {text}" for label, text in rows]
        lines += ["", f"{'curvature':<11}  {'growth':<11}  time constant"]
        order = np.arange(len(self.curvatures))[::-1]
        for i in order[:SHOWN]:
            known = self.growth is not None and self.time_constants is not None
            growth, tau = (f"{self.growth[i]:<11.4g}", f"{self.time_constants[i]:.3g}") if known else ("", "")  # type: ignore[index]
            lines.append(f"{self.curvatures[i]:<11.4g}  {growth}  {tau}".rstrip())
        if len(order) > SHOWN:
            lines.append(f"... {len(order) - SHOWN} more down to {self.curvatures[0]:.4g}")
        lines.append("")
        for label, texts in (("warnings", self.warnings), ("assumptions", self.assumptions)):
            lines += [f"{label if i == 0 else '':<11}  {text}" for i, text in enumerate(texts)]
        return "\n".join([f"{self.verdict}: {self.sentence}", "", *lines])

    def __repr__(self) -> str:
        return f"<DescentReport {self.verdict}: {self.sentence}>"


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
    gain = _present(descent)
    if gain is None or np.size(gain) > 1:
        raise NoTheory("no theory for the loop of one curvature: " + (
            "a line search has no gain before it searched." if gain is None else "gains per weight mix the curvatures."))
    return _loop(descent, float(np.max(gain)) * mode)


def report(descent: Descent, hessian: ArrayLike | None = None) -> DescentReport:
    """See `Descent.report`."""
    warnings: list[str] = []
    w, n = descent.w, descent.n
    H, lopsided = _second(descent) if hessian is None else (_given(hessian, w.size), 0.0)
    if lopsided > ASYMMETRY:
        warnings.append(f"the gradient's differences are asymmetric by {100 * lopsided:.2g} %: it is noisy, or not the "
                        "gradient of one function; curvatures are those of the symmetric part.")
    gain = _present(descent)
    per_weight = gain is not None and np.size(gain) > 1
    root = np.sqrt(gain) if per_weight else np.ones(w.size)
    curvatures = np.linalg.eigvalsh(root[:, None] * H * root)
    steepest = float(curvatures[-1])
    size = float(np.abs(curvatures).max())
    bound = None
    if steepest > FLAT * size:
        span = gain_range(_loop(descent, 1.0))
        bound = None if span is None else Bound(span[1] / steepest, ASSUMPTION, REFERENCE)
    mu = None if gain is None else 1.0 if per_weight else float(np.max(gain))
    growth = tau = found = None
    if mu is not None:
        growth = np.array([_growth(descent, mu * mode) for mode in curvatures])
        shrinks = growth < 1.0
        tau = np.where(shrinks, -1.0 / np.log(np.where(shrinks & (growth > 0), growth, 0.5)), np.inf)
        tau[growth == 0.0] = 0.0
        found = margins(_loop(descent, mu * steepest)) if bound is not None and mu > 0 else None
    flat = np.abs(curvatures) <= FLAT * size
    if flat.any():
        warnings.append(f"{int(flat.sum())} of {flat.size} directions are flat: the weights do not move along them.")
    verdict, sentence = _verdict(descent, curvatures[~flat], mu, per_weight, bound)
    if lopsided > ASYMMETRY:
        verdict, sentence = "not certified", f"the second derivatives are asymmetric by {100 * lopsided:.2g} %"
    return DescentReport(
        descent=repr(descent)[len("<Descent of "):-1], verdict=verdict, sentence=sentence, curvatures=curvatures, gain=mu,
        bound=bound, margins=found, growth=growth, time_constants=tau, warnings=warnings,
        slope=float(np.linalg.norm(descent._oracle.gradient(w, n))), assumptions=_assumptions(descent),
        references=[REFERENCE])


def _assumptions(descent: Descent) -> list[str]:
    out = [ASSUMPTION]
    if isinstance(descent._loop._ports["gain"].law, Law):
        out.append("growth and margins hold the law's gain where it is; what the law itself adds to the loop is not in them")
    elif not isinstance(descent.gain, Constant):
        out.append("growth and margins hold the gain of the present step")
    return out


def _verdict(descent: Descent, curved: NDArray[np.float64], mu: float | None, per_weight: bool,
             bound: Bound | None) -> tuple[str, str]:
    """What is proved of the descent, near the weights; flat directions are left out."""
    port, gain = descent._loop._ports["gain"], descent.gain
    if not curved.size or mu is None:
        return "not certified", "nothing curves here" if mu is not None else "a line search decides at every step"
    if curved[0] < 0:
        if isinstance(gain, Constant) and gain.value > 0:
            worst = _growth(descent, gain.value * float(curved[0]))
            return "unstable", (f"a direction curves downwards ({curved[0]:.4g}): the weights leave along it by {worst:.4g} "
                                "per step, at any gain")
        return "not certified", f"a direction curves downwards ({curved[0]:.4g}): this is no minimum"
    assert bound is not None
    limit = bound.value
    if port.law is not None:
        top = port.high * (float(np.max(gain.schedule(np.arange(HORIZON)))) if gain is not port.law else 1.0)
        if not port.per_weight and descent.compensator is None and top < limit:
            return "stable", f"the law's largest gain {top:.4g} lies below {limit:.4g}, the bound of the steepest curvature"
        return "not certified", "the law decides at every step" + (
            "" if port.per_weight else f"; a high below {limit:.4g} without a compensator would be")
    constant = isinstance(gain, Constant) or (port.per_weight and gain.constant)
    what = "factor 1 on the gains" if per_weight else f"gain {mu:.4g}"
    if constant:
        worst = max(_growth(descent, mu * float(mode)) for mode in curved)
        if worst > 1.0 + 1e-12:
            return "unstable", (f"{what} lies {mu / limit:.4g} times above {limit:.4g}, the bound of the steepest curvature: "
                                f"growth {worst:.4g} per step")
        if mu > 0 and worst < 1.0 - 1e-12:
            return "stable", f"{what} lies {limit / mu:.4g} times below {limit:.4g}, the bound of the steepest curvature"
        return "not certified", f"{what} lies on the edge: growth 1 per step"
    return _scheduled(descent, limit, curved)


def _scheduled(descent: Descent, limit: float, curved: NDArray[np.float64]) -> tuple[str, str]:
    """A gain that moves: proved stable where it never passes the bound, unstable where it ends beyond it."""
    gain, begin = descent.gain, descent.n
    if not isinstance(gain, Schedule):
        return "not certified", "the gains end with their array"
    values, last = gain(np.arange(begin, begin + HORIZON)), float(gain.limit)
    if math.isfinite(last) and last > limit and _growth(descent, last * float(curved[-1])) > 1.0 + 1e-12:
        return "unstable", f"the schedule ends at {last:.4g}, above {limit:.4g}, the bound of the steepest curvature"
    top = max(float(values.max()), last if math.isfinite(last) else 0.0)
    if top >= limit:
        return "not certified", f"the schedule reaches {top:.4g}, the bound of the steepest curvature is {limit:.4g}"
    if descent.compensator is not None:
        return "not certified", "a gain that moves beside a compensator can diverge below the bound of every fixed gain"
    return "stable", f"the schedule's largest gain {top:.4g} lies below {limit:.4g}, the bound of the steepest curvature"


def _present(descent: Descent) -> Any:
    """The gain at this step: a number or one per weight; None for a line search."""
    return None if descent._search is not None else descent._loop._in_force("gain")


def _polynomials(descent: Descent, strength: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(num, den) of strength C(z)/(z - 1)."""
    num, den = np.ones(1), np.ones(1)
    if descent.compensator is not None:
        beta = descent.compensator.beta
        lead, lag = descent.compensator.transfer(beta(descent.n) if isinstance(beta, Schedule) else beta)
        num, den = np.asarray(lead), np.asarray(lag)
    return strength * num, np.polymul(den, [1.0, -1.0])


def _loop(descent: Descent, strength: float) -> Any:
    import control

    return control.tf(*_polynomials(descent, strength), True, name="Descent")


def _growth(descent: Descent, strength: float) -> float:
    """The largest closed-loop pole of one mode."""
    num, den = _polynomials(descent, strength)
    return float(np.abs(np.roots(np.polyadd(den, num))).max(initial=0.0))


def _second(descent: Descent) -> tuple[NDArray[np.float64], float]:
    """Central differences of the gradient at the present step's k, their symmetric part, and the asymmetry."""
    w, k = descent.w, descent.n
    flat = w.reshape(-1)
    H = np.empty((flat.size, flat.size))
    for i, at in enumerate(flat):
        h = np.cbrt(np.finfo(float).eps) * max(1.0, abs(at))
        sides = []
        for sign in (1.0, -1.0):
            moved = flat.copy()
            moved[i] = at + sign * h
            sides.append((moved[i], descent._oracle.gradient(moved.reshape(w.shape), k)))
        H[i] = (sides[0][1] - sides[1][1]) / (sides[0][0] - sides[1][0])
    if not np.isfinite(H).all():
        raise ValueError("Descent.report: the gradient is infinite beside the present weights; pass hessian=.")
    size = float(np.abs(H).max())
    return (H + H.T) / 2, float(np.abs(H - H.T).max()) / size if size > 0 else 0.0


def _given(hessian: ArrayLike, n: int) -> NDArray[np.float64]:
    who, limit = "Descent.report: hessian", f"must be a symmetric ({n}, {n}) array of finite numbers"
    try:
        H = np.asarray(hessian, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(refusal(who, hessian, limit)) from None
    if H.shape != (n, n):
        raise ValueError(refusal(who, f"shape {H.shape}", limit))
    if not np.isfinite(H).all() or np.abs(H - H.T).max() > 1e-9 * np.abs(H).max():
        raise ValueError(refusal(who, hessian, limit))
    return (H + H.T) / 2
