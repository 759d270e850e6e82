"""analyze: from a loop and its operating point to a report."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.compensated import Compensated, CompensatedLeaky, MeanOnly
from gainsched.analysis.delayed import Delayed
from gainsched.analysis.empirical import Measured, measurable, measure, with_unit_noise
from gainsched.analysis.filtered import Filtered
from gainsched.analysis.fourth import Fourth
from gainsched.analysis.frozen import Frozen
from gainsched.analysis.gradient import Gradient
from gainsched.analysis.leaky import Leaky
from gainsched.analysis.linear import has_moments
from gainsched.analysis.margins import Margins, margins
from gainsched.analysis.meangain import KNOWN, MeanGain
from gainsched.analysis.ofline import line_of
from gainsched.analysis.projection import Projection
from gainsched.analysis.recursive import LeastSquares
from gainsched.analysis.relay import SignError, SignSign, is_gaussian, is_white
from gainsched.analysis.report import Report
from gainsched.analysis.secondary import heard
from gainsched.analysis.signdata import SignDataColored, SignDataWhite, is_even
from gainsched.analysis.theory import Theory
from gainsched.analysis.verdict import UNSTABLE, Verdict, contradicted, judge
from gainsched.errors import NoTheory, refusal
from gainsched.excitation import Excitation
from gainsched.filters import APA, LMF, LMS, RLS, FxLMS, LeakyLMS, MITRule, SignDataLMS, SignErrorLMS, SignSignLMS
from gainsched.gains import PolyakRuppert
from gainsched.gains.compensator import Momentum
from gainsched.loop import Loop
from gainsched.models import FIR

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_THEORIES: dict[type, type[Theory]] = {RLS: LeastSquares, MITRule: Frozen, LeakyLMS: Leaky, SignErrorLMS: SignError,
                                         APA: Projection, LMF: Fourth}
_FRACTION = 0.2             # of the bound: measured for delay lines of AR(1) input, bursts set in between .2 and .35
_COLORED = 2.0              # largest over mean eigenvalue from which input counts as colored


def analyze(loop: Loop, exc: Excitation | None = None, *, x: ArrayLike | None = None,
            d: ArrayLike | None = None) -> Report:
    """Say what a loop's gain, schedule or law will do: range, margins, steady state, learning curve, verdict.

    Give the operating point, or a record to estimate it from. With both, theory uses `exc`. A record is also asked
    itself, where the update is linear in the error (`Measured`): a bound that it contradicts is not certified.

    Parameters
    ----------
    loop : Loop
        Analyzed from its present sample on; it is not run and not changed.
    exc : Excitation, optional
        Statistics of regressor, noise, drift.
    x, d : arrays, optional
        A record, NaN where missing; see `Excitation.from_data`. MITRule needs x alone.

    Returns
    -------
    Report
        For filters without theory the report says so, and its numbers are None.

    Raises
    ------
    TypeError
        When neither exc nor a record is given.

    Notes
    -----
    The verdict does not ask `certify`, which follows the mean of each mode: second moments contain it. Where they
    shrink the mean does, and where they grow they are the witness. For gains in any order ``bounds["any_sequence"]``
    holds in the mean square; `certify_switching` may reach further, but its mean is no verdict on error powers.

    LMS, DelayedLMS, NLMS: exact moments under independent regressors (`gainsched.analysis.meansquare`). RLS:
    `gainsched.analysis.leastsquares`. MITRule: characteristic polynomial frozen at a constant command. LeakyLMS: exact,
    its bias included. Sign family, APA, LMF: what is known, and for which gains. LMS under KwongJohnston,
    AboulnasrMayyas, MathewsXie: their mean gain. FxLMS: the mean alone (`gainsched.analysis.filtered`), for white input
    or the autocorrelation of the record.

    Examples
    --------
    >>> import gainsched as gs
    >>> rep = gs.analyze(gs.Loop(gs.NLMS(8), gain=0.5), gs.Excitation(1.0, noise=1e-2))
    >>> rep.verdict, rep.range, round(rep.misadjustment, 4)             # mu/(2 - mu) * N/(N - 2)
    ('stable', (0.0, 2.0), 0.4444)
    """
    if not isinstance(loop, Loop):
        raise TypeError(refusal("analyze: loop", loop, "must be a Loop", "Try gs.Loop(gs.NLMS(32), gain=.5)."))
    source = x if exc is None else None                       # of what the covariance does not say
    exc = _operating_point(loop, exc, x, d)
    theory = theory_of(loop, exc, source)
    measured = None if x is None else _measured(loop, theory, x, d)
    verdict = contradicted(judge(theory), None if measured is None else measured.objection)
    emse, msd = theory.steady()
    bounds, references, warnings = theory.bounds, theory.references, _warnings(theory, verdict, emse, measured)
    if (line := line_of(theory)) is not None:
        verdict = contradicted(verdict, line.objection, "on a delay line of this covariance")
        bounds, references = {**bounds, "delay_line": line.bound}, sorted({*references, line.bound.reference})
        warnings += line.warnings(verdict, emse)
    return Report(
        loop=_described(loop), verdict=verdict.verdict, sentence=verdict.sentence, growth=verdict.growth,
        port=theory.port, range=theory.range, bounds=bounds, margins=_margins(theory), emse=emse, msd=msd,
        time_constants=theory.time_constants(theory.drive.now) if theory.drive.known else None, noise=exc.noise,
        drift=None if exc.drift is None else float(np.trace(exc.drift).real),
        warnings=warnings, assumptions=[*theory.assumptions, *_unknown(theory, emse)],
        references=sorted({work for entry in references for work in entry.split("; ")}),
        measured=measured, _theory=theory)


def _operating_point(loop: Loop, exc: Excitation | None, x: ArrayLike | None, d: ArrayLike | None) -> Excitation:
    model = loop.filter.model
    if exc is not None:
        if not isinstance(exc, Excitation):
            raise TypeError(refusal("analyze: exc", exc, "must be an Excitation", "Try gs.Excitation(1.0, noise=.01)."))
        return exc.sized(model.n)
    if x is not None and isinstance(loop.filter, MITRule):
        command = np.asarray(x, dtype=np.float64)
        command = command[np.isfinite(command)]
        if not command.size:
            raise ValueError(refusal("analyze: x", "no finite sample", "must hold the command"))
        return Excitation(float(np.mean(command**2)), peak=float(np.abs(command).max())).sized(model.n)
    if x is None or d is None:
        raise TypeError("analyze needs an operating point: analyze(loop, gs.Excitation(R, noise=...)), or a record: "
                        "analyze(loop, x=x, d=d).")
    if isinstance(loop.filter, FxLMS):
        return heard(loop.filter, x, d)
    return Excitation.from_data(x, d, model=model)


def theory_of(loop: Loop, exc: Excitation, x: ArrayLike | None = None) -> Theory:
    """The theory that speaks of this loop; that of `gs.analyze`, without a report around it."""
    between = loop.compensator
    if between is not None and not isinstance(between, PolyakRuppert):         # that one leaves the loop alone
        if isinstance(between, Momentum) and has_moments(loop.filter):
            return MeanOnly(loop, exc) if loop.filter.delay else Compensated(loop, exc)
        if isinstance(between, Momentum) and isinstance(loop.filter, LeakyLMS):
            return CompensatedLeaky(loop, exc)
        unknown = Theory(loop, exc)
        unknown.name = f"{unknown.name} with {type(between).__name__}"
        return unknown
    for kind, theory in _THEORIES.items():
        if isinstance(loop.filter, kind):
            return theory(loop, exc)
    if isinstance(loop.filter, FxLMS):
        return _behind_a_path(loop, exc, x)
    if type(loop.filter) is LMS and isinstance(loop.gain, KNOWN):
        return MeanGain(loop, exc)
    if isinstance(loop.filter, SignDataLMS | SignSignLMS):
        return _of_signs(loop, exc)
    if not has_moments(loop.filter):
        return Theory(loop, exc)
    return Delayed(loop, exc) if loop.filter.delay else Gradient(loop, exc)


def _behind_a_path(loop: Loop, exc: Excitation, x: ArrayLike | None) -> Theory:
    """The mean of FxLMS where the input's correlation is known, and its matrix not too large."""
    try:
        return Filtered(loop, exc, x)
    except NoTheory as missing:
        unknown = Theory(loop, exc)
        unknown.name = str(missing).removeprefix("no theory for ").rstrip(".")
        return unknown


def _of_signs(loop: Loop, exc: Excitation) -> Theory:
    """Relays on the regressor have a theory for Gaussian input alone, and some only for white input."""
    if is_gaussian(exc):
        if is_white(exc):
            return SignDataWhite(loop, exc) if isinstance(loop.filter, SignDataLMS) else SignSign(loop, exc)
        if isinstance(loop.filter, SignDataLMS) and is_even(exc):
            return SignDataColored(loop, exc)
    unknown = Theory(loop, exc)
    unknown.name += " with this input (white Gaussian has one)"
    return unknown


def _unknown(theory: Theory, emse: float | None) -> list[str]:
    """What a law, or gains per weight, leave unsaid."""
    drive = theory.drive
    if isinstance(theory, Gradient) and theory.every > 1 and theory.drift.any():
        return [f"no theory for {theory.name} with drifting weights: they move within a block"]
    if not theory.known or emse is not None or (drive.law is None and not drive.per_weight):
        return []
    what = "gains per weight" if drive.law is None else type(drive.law).__name__
    return [f"no theory for {what} with {theory.name}: no error power is claimed"]


def _measured(loop: Loop, theory: Theory, x: ArrayLike, d: ArrayLike | None) -> Measured | None:
    """What the record itself does, beside the noise gain that theory has for a constant gain."""
    if not measurable(loop):
        return None
    plain = isinstance(theory, Gradient) and theory.drive.known and theory.drive.is_constant
    predicted = theory_of(loop, with_unit_noise(theory.exc)).steady()[0] if plain else None
    return measure(loop, x, d, predicted if predicted is not None and math.isfinite(predicted) else None)


def _margins(theory: Theory) -> Margins | None:
    """Of the worst mode at the worst moment; in samples, where an update takes several."""
    if theory.worst is None:
        return None
    found = margins(theory.worst)
    return replace(found, delay=found.delay * theory.every, frequency=found.frequency / theory.every)


def _warnings(theory: Theory, verdict: Verdict, emse: float | None, measured: Measured | None) -> list[str]:
    """What this loop and this record give cause for, each with its figure."""
    out, drive, exc = list(theory.warnings), theory.drive, theory.exc
    if not theory.known:
        return out
    modes = exc.modes
    silent = int(np.sum(modes <= 0))
    if silent and not isinstance(theory, Frozen):
        out.append(f"{silent} of {len(modes)} modes carry no power: the error in those directions is never corrected")
    if drive.known and drive.now == 0 and drive.is_constant:
        out.append("gain 0: nothing is adapted")
    high = theory.range[1] if theory.range else math.inf
    if (passing := theory.transient) is not None:
        growing = passing.factor is not None and passing.factor > 1
        cost = f"; there the squared weight error may grow {passing.factor:.3g} times" if growing else ""
        out.append(f"samples {passing.first} to {passing.last}: the gain (up to {passing.largest:.4g}) passes the "
                   f"frozen bound {high:.4g}{cost}")
    largest = float(drive.scan[1].max()) if drive.known else 0.0
    if drive.known and math.isnan(drive.limit) and theory.port == "gain" and largest >= high:
        share = float(np.mean((drive.scan[1] if drive.repeated is None else drive.repeated) >= high))
        out.append(f"the gain passes the frozen bound {high:.4g} again and again, at {share:.0%} of its samples (up to "
                   f"{largest:.4g}): what holds for a constant gain does not hold for it")
    if isinstance(theory, Filtered) and measured is not None and measured.objection:
        out.append(f"on this record {measured.objection}")
    if isinstance(theory, Gradient) and drive.known:
        out += _gradient_warnings(theory, verdict, measured)
        if emse == math.inf and verdict.verdict != UNSTABLE and drive.limit > 0:
            reason = (f"it is that of the last gain, {drive.limit:.4g}, not below the bound {high:.4g}"
                      if drive.limit >= high else "the mean of 1/|u|^2, by which noise enters, does not exist for "
                      f"{len(modes)} Gaussian weights at eps 0")
            out.append(f"the EMSE is infinite: {reason}")
    return out


def _gradient_warnings(theory: Gradient, verdict: Verdict, measured: Measured | None) -> list[str]:
    out: list[str] = []
    modes, gain = theory.modes, theory.drive.limit or theory.drive.now
    if math.isnan(gain):
        largest = float(theory.drive.scan[1].max())
        gain = largest if largest < theory.bound else 0.0      # beyond it, that has been said
    color = float(modes.max() / modes.mean()) if modes.any() else 1.0
    model = theory.filter.model
    delay_line = isinstance(model, FIR) and model.taps > 1
    fraction = gain / theory.bound if theory.bound else 0.0
    if (delay_line and not theory.normalized and color > _COLORED and fraction > _FRACTION
            and verdict.verdict != UNSTABLE and measured is None):      # a record answers for itself
        out.append(f"the gain is {fraction:.0%} of the independence bound and the input is colored (largest over mean "
                   f"eigenvalue {color:.3g}): on a real delay line bursts set in above about {_FRACTION:.0%}. Stay "
                   f"below {_FRACTION * theory.bound:.3g}")
    if theory.normalized and theory.exc.sample is None and abs(theory.exc.kurtosis) > 1:
        out.append(f"the regressor is not Gaussian (excess kurtosis {theory.exc.kurtosis:.3g}): predicted error powers "
                   "are rough")
    return out


def _described(loop: Loop) -> str:
    ports = ", ".join(f"{name} {getattr(loop, name)!r}" for name in loop.filter.ports)
    between = "" if loop.compensator is None else f", {loop.compensator!r}"
    return f"{loop.filter!r}, {ports}{between}"
