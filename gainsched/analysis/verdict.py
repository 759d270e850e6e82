"""Stable, unstable with a witness, or not certified: the one judgment over a loop's gain, schedule or law."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.drive import LARGEST
from gainsched.analysis.gradient import Gradient
from gainsched.analysis.settling import lead
from gainsched.gains.port import Sampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.theory import Theory

    Array = NDArray[np.float64]

_DIVERGED = 1e16            # in power: 1e8 in amplitude, where a loop by default stops as diverged
_LARGEST_LOG = 700.0        # of a factor that a float holds
_ROUNDING = 1e-13           # growth per sample in which a product of maps may err
_REPEATED, _PASSES = 64, 20_000   # periods multiplied, and samples
_TRIED = 100                # gains beyond the bound looked at for a witness
STABLE, UNSTABLE, UNKNOWN = "stable", "unstable", "not certified"


@dataclass(frozen=True)
class Verdict:
    """The judgment, the sentence that says why, and the growth factor that witnesses it (None where there is none)."""

    verdict: str
    sentence: str
    growth: float | None = None


def judge(theory: Theory) -> Verdict:
    """Judge the port of a loop from its present sample on."""
    verdict, drive = _led_astray(theory, _judged(theory)), theory.drive
    if verdict.verdict == STABLE and theory.remark:
        verdict = replace(verdict, sentence=f"{verdict.sentence}; {theory.remark}")
    if (theory.known and drive.known and verdict.verdict == STABLE and math.isnan(drive.limit)
            and drive.repeated is None):
        ks = drive.scan[0]
        seen = f"judged by its values at {len(ks)} samples up to {ks[-1]:.3g}, for it has no limit"
        return replace(verdict, sentence=f"{verdict.sentence}; {seen}")
    if not (theory.known and drive.known and drive.ends) or drive.is_constant or verdict.verdict == UNSTABLE:
        return verdict
    return replace(verdict, sentence=f"{verdict.sentence}; the steady state is that of the array's last element, "
                   f"{drive.limit:.4g}, held on")


def _led_astray(theory: Theory, verdict: Verdict) -> Verdict:
    """What shrinks over a period, or over an array, may have diverged before: on the way there, or within it."""
    drive = theory.drive
    if verdict.verdict != STABLE or not isinstance(theory, Gradient) or not drive.known or drive.is_constant:
        return verdict
    safe = (theory.any_gain or 0.0) if theory.resonant else theory.range[1]
    if float(drive.scan[1].max()) < safe or (found := lead(theory)) is None or found.factor is None:
        return verdict
    if found.factor <= _DIVERGED:
        return verdict
    count = found.last - found.first
    rate = found.factor ** (1 / max(count, 1)) if math.isfinite(found.factor) else math.inf
    return Verdict(UNSTABLE, f"{drive.name} up to {found.largest:.4g}: within the first {count} samples the squared "
                   f"weight error grows {found.factor:.3g} times: it diverges before it shrinks", rate)


def contradicted(verdict: Verdict, objection: str | None, where: str = "on this record") -> Verdict:
    """What theory calls stable is not certified where the record itself, or the exact delay line, objects."""
    if objection is None or verdict.verdict != STABLE:
        return verdict
    return replace(verdict, verdict=UNKNOWN, sentence=f"{verdict.sentence}, for independent regressors; but {where} "
                   f"{objection}")


def _judged(theory: Theory) -> Verdict:
    if not theory.known:
        return Verdict(UNKNOWN, f"no theory for {theory.name}: nothing is claimed")
    drive, limits = theory.drive, theory.range
    closed = "]" if theory.port == "forgetting" else ")"
    within = f"({limits[0]:.4g}, {limits[1]:.4g}{closed}" if limits else theory.nowhere
    if drive.law is not None:
        return _law(theory, within)
    if drive.per_weight:
        return Verdict(UNKNOWN, f"gains per weight mix the modes: no theory for {theory.name} with them")
    if theory.resonant and theory.moves:
        return _moving(theory, within)
    values = drive.scan[1]
    low, high, limit, rests = float(values.min()), float(values.max()), drive.limit, theory.port == "gain"
    if low == high:
        return _constant(theory, low, within)
    if theory.any_sequence() and limits and high <= limits[1]:
        return Verdict(STABLE, f"{theory.any_sequence()} ({drive.name} {low:.4g} to {high:.4g})",
                       _growth(theory, limit))
    if all((value == 0 and rests) or theory.stable_at(value) for value in (low, high)):
        return Verdict(STABLE, f"{drive.name} {low:.4g} to {high:.4g} stays within {within}", _growth(theory, limit))
    if isinstance(drive.source, Sampled):
        return _array(theory, low, high, within)
    if limit == 0 and rests and limits is None:                # on its way down no value of it is known to be stable
        return Verdict(UNKNOWN, f"no sufficient condition holds for {theory.name} with {drive.name} {low:.4g} to "
                       f"{high:.4g}: {theory.excuse(high)}")
    if (limit == 0 and rests) or theory.stable_at(limit):
        passing = theory.transient
        if passing is not None and not isinstance(theory, Gradient):
            count = passing.last - passing.first + 1
            return Verdict(UNKNOWN, f"{drive.name} up to {high:.4g} passes {within} for {count} samples before it "
                           f"settles at {limit:.4g}, and what {theory.name} does there has no theory")
        if passing is not None and passing.factor is not None and passing.factor > _DIVERGED:
            count = passing.last - passing.first + 1
            return Verdict(UNSTABLE, f"{drive.name} up to {high:.4g} passes {within} for {count} samples, in which the "
                           f"squared weight error grows {passing.factor:.3g} times: it diverges before it settles",
                           passing.factor ** (1 / count) if math.isfinite(passing.factor) else math.inf)
        return Verdict(STABLE, f"{drive.name} starts at {float(values[0]):.4g}, peaks at {high:.4g} and settles at "
                       f"{limit:.4g}, within {within}; on the way it passes the bound", _growth(theory, limit))
    if math.isinf(limit):
        return _unlimited(theory, within)
    if math.isnan(limit):
        return _restless(theory, low, high, within)
    return _constant(theory, limit, within)


def _growth(theory: Theory, value: float) -> float | None:
    return theory.growth(value) if value > 0 else None


def _constant(theory: Theory, value: float, within: str) -> Verdict:
    name = theory.drive.name
    if theory.stable_at(value):
        high = theory.range[1] if theory.range else math.inf
        room = f", {high / value:.3g} times below its end" if math.isfinite(high) and name == "gain" else ""
        return Verdict(STABLE, f"{name} {value:.4g} lies within {within}{room}", theory.growth(value))
    if value == 0 and name == "gain":
        return Verdict(STABLE, f"{name} 0 holds the weights where they are")
    growth = theory.witness(value)
    if growth is not None and growth > 1:
        return Verdict(UNSTABLE, f"{name} {value:.4g} lies outside {within}: the error {theory.measure} grows by "
                       f"{growth:.4g} per sample", growth)
    if (theory.growth(value) or 0.0) > 1:
        return Verdict(UNKNOWN, f"{name} {value:.4g} lies outside {within}: {theory.excuse(value)}")
    if growth is not None:
        return Verdict(UNKNOWN, f"{name} {value:.4g} lies at the edge of {within}", growth)
    return Verdict(UNKNOWN, f"no sufficient condition holds for {theory.name} with {name} {value:.4g}: "
                   f"{theory.excuse(value)}")


def _moving(theory: Theory, within: str) -> Verdict:
    """Under momentum or a delay frozen bounds prove nothing while a gain moves: it is followed until it rests."""
    drive = theory.drive
    limit, found = drive.limit, theory.settling
    if math.isinf(limit):
        return _unlimited(theory, within)
    if (rate := theory.repeated_growth) is not None:
        what = f"{drive.name} up to {float(drive.scan[1].max()):.4g} repeats: over a period the error power "
        if rate < 1.0 - 1e-12:
            return Verdict(STABLE, f"{what}shrinks, by {1.0 - rate:.3g} per sample", rate)
        if rate > 1.0 + 1e-12:
            return Verdict(UNSTABLE, f"{what}grows by {rate:.7g} per sample (parametric resonance)" if theory.stable_at(
                float(drive.scan[1].max())) else f"{what}grows by {rate:.7g} per sample", rate)
        return Verdict(UNKNOWN, f"{what}neither grows nor shrinks", rate)
    low, high = float(drive.scan[1].min()), float(drive.scan[1].max())
    if theory.any_gain is not None and high < theory.any_gain:
        return Verdict(STABLE, f"{drive.name} {low:.4g} to {high:.4g} stays below {theory.any_gain:.4g}, where gains "
                       "in any order are stable", _growth(theory, limit))
    if limit > 0 and not theory.stable_at(limit):
        return _constant(theory, limit, within)
    if found is None or found.factor is None:
        below = "" if theory.any_gain is None else f" nor stay below {theory.any_gain:.4g}, where any order is stable,"
        return Verdict(UNKNOWN, f"{theory.moved} can make the loop grow where every frozen one is stable, and this "
                       f"one does not come to rest{below} within 50000 samples")
    if found.factor > _DIVERGED:
        count = found.last - found.first + 1
        return Verdict(UNSTABLE, f"on the way to rest, for {count} samples, the squared weight error "
                       f"grows {found.factor:.3g} times: it diverges before it rests",
                       found.factor ** (1 / count) if math.isfinite(found.factor) else math.inf)
    rest = f"settles at {limit:.4g}, within {within}" if math.isfinite(limit) else (
        f"stays below {theory.any_gain:.4g} from sample {found.last + 1} on, where gains in any order are stable")
    return Verdict(STABLE, f"{drive.name} {rest}; on the way there the squared weight error stays below "
                   f"{found.factor:.3g} times its start", _growth(theory, limit))


def _unlimited(theory: Theory, within: str) -> Verdict:
    """A schedule that passes every bound and never returns: the growth where it leaves the range is its witness."""
    drive = theory.drive
    ks, values = drive.scan
    outside = np.flatnonzero(values >= (theory.range[1] if theory.range else 0.0))
    for at in (*outside[:_TRIED], *outside[-1:]):              # right at the bound growth may round to 1
        k, value = int(ks[at]), float(values[at])
        growth = theory.witness(value)
        if growth is not None and growth > 1:
            return Verdict(UNSTABLE, f"{drive.name} grows without limit and leaves {within}: at sample {k} it is "
                           f"{value:.4g}, where the error {theory.measure} grows by {growth:.7g} per sample", growth)
    return Verdict(UNKNOWN, f"{drive.name} grows without limit, and {theory.name} has no theory for it")


def _law(theory: Theory, within: str) -> Verdict:
    law, limits = theory.drive.law, theory.range
    assert law is not None
    low, high = theory.drive.span
    span, reason = f"the law's range [{low:.4g}, {high:.4g}]", theory.any_sequence()
    if reason and (law.saturate or (limits and high <= limits[1])):
        return Verdict(STABLE, f"{type(law).__name__}: {reason}")
    if theory.resonant:
        if theory.any_gain is not None and not law.per_weight and high < theory.any_gain:
            return Verdict(STABLE, f"{span} lies below {theory.any_gain:.4g}, where gains in any order are stable, "
                           "taking them as independent of the regressors")
        advice = "" if theory.any_gain is None or law.per_weight or not high > 0 else (
            f"; give the law high={0.9 * theory.any_gain * (law.high / high if high < math.inf else 1.0):.2g}, below "
            "which gains in any order are stable")
        return Verdict(UNKNOWN, f"{type(law).__name__} moves the gain: {theory.moved} can make the loop grow where "
                       f"every frozen one is stable{advice}")
    if limits and not law.per_weight and high < limits[1] and low >= limits[0]:
        return Verdict(STABLE, f"{span} lies within {within}, taking the gain as independent of the present regressor")
    if law.per_weight:
        return Verdict(UNKNOWN, f"{type(law).__name__} has a gain per weight: no theory for {theory.name} with it")
    if not limits:
        return Verdict(UNKNOWN, f"{span}: no stable range is known")
    if limits[1] == math.inf:
        return Verdict(UNKNOWN, f"{span} has no end, and {theory.name} is bounded only as its gain is: give the law "
                       "a high")
    share = 0.9 * limits[1] * (law.high / high if 0 < high < math.inf else 1.0)
    return Verdict(UNKNOWN, f"{span} is not within {within}: give the law high={share:.2g}")


def _restless(theory: Theory, low: float, high: float, within: str) -> Verdict:
    """A schedule without a limit, not all of it within the range: where it repeats, its period decides."""
    name, period = theory.drive.name, theory.drive.repeated
    if period is None or not isinstance(theory, Gradient) or theory.delay:
        return Verdict(UNKNOWN, f"{name} {low:.4g} to {high:.4g} has no limit and is not within {within}")
    times = max(1, min(_REPEATED, _PASSES // len(period)))     # a power of the product encloses its growth closely
    smallest, largest = _products(theory, np.tile(period, times))
    per_sample = times * len(period) * theory.every
    what = (f"{name} {low:.4g} to {high:.4g} passes {within} in part, and repeats every {len(period) * theory.every} "
            "samples: ")
    if largest < 0:
        rate = math.exp(largest / per_sample)
        return Verdict(STABLE, f"{what}over a period it shrinks the error power, by at least {1 - rate:.3g} per sample",
                       rate)
    if smallest > 0:
        rate = math.exp(min(smallest / per_sample, _LARGEST_LOG))
        return Verdict(UNSTABLE, f"{what}over a period the error power grows by at least {rate:.4g} per sample", rate)
    return Verdict(UNKNOWN, f"{what}it neither shrinks nor enlarges every direction")


def _products(theory: Gradient, gains: Array) -> tuple[float, float]:
    """ln of the smallest and largest row sum of the product of the mean-square maps.

    The maps are nonnegative, so these enclose the product's spectral radius.
    """
    m, logs = theory.moments, 0.0
    sums = np.ones(m.n)
    for gain in gains.tolist():
        unit = max(gain, 1.0)                                  # squares of huge gains stay finite
        step = gain / unit
        sums = sums / unit**2 + step * (step * (m.B @ sums) - 2.0 * m.a * sums / unit) if unit < LARGEST else m.B @ sums
        if not (size := float(sums.max())) > 0:
            break
        sums, logs = sums / size, logs + math.log(size) + 2.0 * math.log(unit)
    return logs + math.log(max(float(sums.min()), 1e-300)), logs


def _array(theory: Theory, low: float, high: float, within: str) -> Verdict:
    """An array that passes the bound: the product of its mean-square maps decides, where there is one."""
    if not isinstance(theory, Gradient) or theory.delay:
        return Verdict(UNKNOWN, f"gains {low:.4g} to {high:.4g} are not within {within}")
    count = len(theory.drive.scan[1]) * theory.every
    smallest, largest = _products(theory, theory.drive.scan[1])
    if largest <= 0:
        return Verdict(STABLE, f"gains {low:.4g} to {high:.4g} pass {within} in part, and shrink the error power over "
                       "the array", math.exp(largest / count))
    if smallest > _ROUNDING * count:
        rate = math.exp(min(smallest / count, _LARGEST_LOG))
        return Verdict(UNSTABLE, f"gains {low:.4g} to {high:.4g}: over the array the error power grows by at least "
                       f"{rate:.4g} per sample", rate)
    return Verdict(UNKNOWN, f"gains {low:.4g} to {high:.4g} are not within {within}, and the array neither shrinks nor "
                   "enlarges every direction")
