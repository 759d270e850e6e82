"""What theory says of a descent near its weights: every curvature is a mode of the loop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import curvature
from gainsched.analysis.bound import Bound
from gainsched.analysis.descending import around, present
from gainsched.analysis.descending import growth as growth_of
from gainsched.analysis.descending import verdict as verdict_of
from gainsched.analysis.margins import Margins, gain_range, margins
from gainsched.gains.schedules import Constant

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.descent import Descent

FLAT = 1e-6              # relative curvature that central differences cannot tell from none
ASYMMETRY = 1e-3         # relative; above it the second derivatives are not those of one function
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
            out[name] = None if array is None else [float(a) if math.isfinite(a) else None for a in array]
        for name in ("bound", "margins"):
            out[name] = None if out[name] is None else out[name].to_dict()
        return out

    def __str__(self) -> str:
        rows = [("descent", self.descent)]
        if self.bound is not None:
            rows.append(("bound", f"{self.bound.value:.4g}"))
        if self.margins is not None and not math.isnan(self.margins.phase_deg):
            m = self.margins
            text = f"gain {m.gain:.4g}, phase {m.phase_deg:.2f} deg, delay {m.delay:.4g} samples, disk {m.disk:.3g}"
            rows.append(("margins", text))
        rows.append(("slope", f"{self.slope:.4g}"))
        lines = [f"{label:<11}  {text}" for label, text in rows]
        lines += ["", f"{'curvature':<11}  {'growth':<11}  time constant"]
        order = np.arange(len(self.curvatures))[::-1]
        known = self.growth is not None and self.time_constants is not None
        growth, tau = np.asarray(self.growth), np.asarray(self.time_constants)
        for i in order[:SHOWN]:
            rest = f"  {growth[i]:<11.4g}  {tau[i]:.3g}" if known else ""
            lines.append(f"{self.curvatures[i]:<11.4g}{rest}".rstrip())
        if len(order) > SHOWN:
            lines.append(f"... {len(order) - SHOWN} more down to {self.curvatures[0]:.4g}")
        lines.append("")
        for label, texts in (("warnings", self.warnings), ("assumptions", self.assumptions)):
            lines += [f"{label if i == 0 else '':<11}  {text}" for i, text in enumerate(texts)]
        return "\n".join([f"{self.verdict}: {self.sentence}", "", *lines])

    def __repr__(self) -> str:
        return f"<DescentReport {self.verdict}: {self.sentence}>"


def report(descent: Descent, hessian: ArrayLike | None = None) -> DescentReport:
    """See `Descent.report`."""
    warnings: list[str] = []
    w, n = descent.w, descent.n
    H, lopsided = curvature.measured(descent) if hessian is None else (curvature.given(hessian, w.size), 0.0)
    if lopsided > ASYMMETRY:
        warnings.append(f"the gradient's differences are asymmetric by {100 * lopsided:.2g} %: it is noisy, or not the "
                        "gradient of one function; curvatures are those of the symmetric part.")
    gain = present(descent)
    per_weight = gain is not None and np.size(gain) > 1
    root = np.sqrt(gain) if per_weight else np.ones(w.size)
    curvatures = np.linalg.eigvalsh(root[:, None] * H * root)
    steepest = float(curvatures[-1])
    size = float(np.abs(curvatures).max())
    bound = None
    if steepest > FLAT * size:
        span = gain_range(around(descent, 1.0))
        bound = None if span is None else Bound(span[1] / steepest, ASSUMPTION, REFERENCE)
    mu = None if gain is None else 1.0 if per_weight else float(np.max(gain))
    growth = tau = found = None
    if mu is not None:
        growth = np.array([growth_of(descent, mu * mode) for mode in curvatures])
        shrinks = growth < 1.0
        tau = np.where(shrinks, -1.0 / np.log(np.where(shrinks & (growth > 0), growth, 0.5)), np.inf)
        tau[growth == 0.0] = 0.0
        found = margins(around(descent, mu * steepest)) if bound is not None and mu > 0 else None
    flat = np.abs(curvatures) <= FLAT * size
    if flat.any():
        warnings.append(f"{int(flat.sum())} of {flat.size} directions are flat: the weights do not move along them.")
    verdict, sentence = verdict_of(descent, curvatures[~flat], mu, per_weight, bound)
    if lopsided > ASYMMETRY:
        verdict, sentence = "not certified", f"the second derivatives are asymmetric by {100 * lopsided:.2g} %"
    return DescentReport(
        descent=repr(descent)[len("<Descent of "):-1], verdict=verdict, sentence=sentence, curvatures=curvatures,
        gain=mu, bound=bound, margins=found, growth=growth, time_constants=tau, warnings=warnings,
        slope=float(np.linalg.norm(descent._oracle.gradient(w, n))), assumptions=_assumptions(descent),
        references=[REFERENCE])


def _assumptions(descent: Descent) -> list[str]:
    out = [ASSUMPTION]
    if descent._loop._ports["gain"].law is not None:
        out.append("growth and margins hold the law's gain where it is, without what the law itself adds to the loop")
    elif not isinstance(descent.gain, Constant):
        out.append("growth and margins hold the gain of the present step")
    return out
