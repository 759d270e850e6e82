"""Wishes: what a user asks of a gain, and how far the gain that a theory speaks of is from it."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gainsched.analysis.margins import Margins, margins
from gainsched.analysis.settled import FRACTION, remaining, settling
from gainsched.errors import NoTheory, refusal

if TYPE_CHECKING:
    from gainsched.analysis.theory import Theory

FAR = 50.0                   # |ln(value/limit)| beyond which nothing is told apart: zero and infinity are as far


@dataclass(frozen=True)
class Wish:
    """One number asked for, by the name of its argument of `gainsched.design`."""

    name: str
    limit: float

    largest = True                             # whether the number is the largest value allowed, not the smallest

    def value(self, theory: Theory) -> float | None:
        """What this gain comes to, in the unit of the wish; None where theory does not say."""
        raise NotImplementedError

    def excess(self, theory: Theory) -> float:
        """How far from met, as the logarithm of a ratio: met up to 0; nan where theory does not say."""
        value = self.value(theory)
        if value is None or math.isnan(value):
            return math.nan
        over = FAR if value == math.inf else -FAR if value <= 0 else math.log(value / self.limit)
        return min(max(over if self.largest else -over, -FAR), FAR)

    def assumption(self, theory: Theory) -> str:
        """What the value rests on."""
        raise NotImplementedError

    def eased(self, value: float) -> str:
        """The wish as another gain would meet it, rounded to the side of the wish."""
        if not math.isfinite(value):
            return f"no {self.name}"
        digits = 10.0 ** (math.floor(math.log10(value)) - 1) if value > 0 else 1.0
        rounded = (math.ceil if self.largest else math.floor)(value / digits) * digits
        return f"{self.name}={rounded:.3g}"

    def __str__(self) -> str:
        return f"{self.name}={self.limit:.6g}"


class Accuracy(Wish):
    """The steady-state error power, over the noise ("misadjustment") or in dB ("noise_floor_db")."""

    def value(self, theory: Theory) -> float | None:
        """The misadjustment, or the EMSE in dB."""
        emse = theory.steady()[0]
        if emse is None:
            return None
        if self.name == "misadjustment":
            return emse / theory.exc.noise
        return 10.0 * math.log10(emse) if emse > 0 else -math.inf

    def excess(self, theory: Theory) -> float:
        """In dB differences are ratios already."""
        value = self.value(theory)
        if value is None or self.name == "misadjustment":
            return super().excess(theory)
        return min(max((value - self.limit) * math.log(10.0) / 10.0, -FAR), FAR)

    def assumption(self, theory: Theory) -> str:
        """The one under which the error power is predicted."""
        bound = theory.bounds.get("mean_square")
        told = [text for text in theory.assumptions if text.startswith(("error powers: ", "EMSE: "))]
        rests = told[0] if told else bound.assumption if bound else theory.assumptions[0]
        return "; ".join([rests, *(text for text in theory.warnings if "rough" in text)])

    def eased(self, value: float) -> str:
        """Two digits, or tenths of a dB."""
        if self.name == "misadjustment" or not math.isfinite(value):
            return super().eased(value)
        return f"{self.name}={math.ceil(10 * value) / 10:g}"


class Speed(Wish):
    """Samples until the loop has settled."""

    def value(self, theory: Theory) -> float | None:
        """The settling time of this gain."""
        found = settling(theory)
        return math.inf if found is None else found

    def excess(self, theory: Theory) -> float:
        """By the share of the way that is left at the time asked for, which is smooth in the gain."""
        left = remaining(theory, int(self.limit))
        return min(math.log(left / FRACTION), FAR) if left > 0 else -FAR

    def assumption(self, theory: Theory) -> str:
        """The start, and what the error power is predicted under."""
        if theory.port == "forgetting":
            return "a jump of the optimal weights in the settled loop: what is left falls like forgetting^2k"
        start = "w_opt of the excitation" if theory.exc.w_opt is not None else "isotropic w_opt of power 1"
        bound = theory.bounds.get("mean_square")
        powers = bound.assumption if bound else theory.assumptions[0]
        return f"from zero weights to {start}, {FRACTION:.0%} left; {powers}"

    def eased(self, value: float) -> str:
        """The whole number of samples."""
        return f"{self.name}={math.ceil(value)}" if math.isfinite(value) else f"no {self.name}"


class Robustness(Wish):
    """A margin of the worst mode's loop."""

    largest = False

    def value(self, theory: Theory) -> float | None:
        """The margin; 0 where the mean is unstable."""
        worst = theory.worst if theory.range is not None else None
        if worst is None:
            return None
        found = margins(worst)
        samples = theory.every if self.name == "delay_tolerance" else 1           # the loop's clock counts updates
        return 0.0 if math.isnan(found.disk) else self.of(found) * samples

    def of(self, found: Margins) -> float:
        """The margin that the wish is about."""
        if self.name == "gain_margin_db":
            return 20.0 * math.log10(found.gain)
        return found.phase_deg if self.name == "phase_margin_deg" else found.delay

    def assumption(self, theory: Theory) -> str:
        """Which loop the margin is one of."""
        told = [text.removeprefix("margins: ") for text in theory.assumptions if text.startswith("margins: ")]
        return told[0] if told else "the mean of the weights in the worst mode"


KINDS: dict[str, type[Wish]] = {
    "misadjustment": Accuracy, "noise_floor_db": Accuracy, "settling": Speed, "gain_margin_db": Robustness,
    "phase_margin_deg": Robustness, "delay_tolerance": Robustness}


def wishes(asked: dict[str, Any]) -> list[Wish]:
    """The wishes among these arguments, checked; None is no wish."""
    found = []
    for name, value in asked.items():
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError(refusal(f"design: {name}", value, "must be a number"))
        limit = float(value)
        if not math.isfinite(limit):
            raise ValueError(refusal(f"design: {name}", limit, "must be finite"))
        if name != "noise_floor_db" and limit <= 0:
            raise ValueError(refusal(f"design: {name}", limit, "must be > 0"))
        if name == "settling" and limit % 1:
            raise ValueError(refusal("design: settling", limit, "must be a whole number of samples"))
        found.append(KINDS[name](name, limit))
    if not found:
        raise TypeError(f"design needs a wish, one or several of {', '.join(KINDS)}: misadjustment=.05, say.")
    return found


def missing(wish: Wish, theory: Theory) -> NoTheory:
    """Why no gain can be designed for a wish."""
    try:
        wish.excess(theory)
        told = ""
    except NoTheory as reason:
        told = str(reason)
    reasons = [text for text in (*theory.warnings, told, *theory.assumptions)
               if any(word in text for word in ("no theory", "no number", "not known", "at most"))]
    if isinstance(wish, Robustness) and not reasons:
        reasons = ["no linear loop of its mean is known"]
    what = {Accuracy: "steady error power", Speed: "settling time", Robustness: "certified margin"}[type(wish)]
    return NoTheory(f"design: {wish} needs a {what}, which {theory.name} does not have here"
                    + (f": {reasons[0].rstrip('.')}." if reasons else "."))
