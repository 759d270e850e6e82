"""Candidates: the constant gains that a filter may have at an operating point, and those that meet a wish."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.analyze import theory_of
from gainsched.analysis.settled import LONGEST
from gainsched.errors import NoTheory
from gainsched.loop import Loop
from gainsched.tuning.wishes import FAR, Speed, Wish, missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.theory import Theory
    from gainsched.excitation import Excitation
    from gainsched.filters import Filter

_EDGE = 1e-9                 # of its value, by which a gain stays on the safe side of a root or of the stable range
_DECADES = 8                 # below the bound that are looked at
_WIDE = 10                   # decades around 1/(power of x) that are looked at where there is no bound
_PER_DECADE = 5
_HALVINGS = 24               # of the step between two gains of the grid, down to 2e-8 of a gain


@dataclass(frozen=True)
class Span:
    """Speeds that meet a wish; low 0 and high inf where it sets no limit on that side."""

    wish: Wish
    low: float
    high: float


def with_port(filter: Filter, port: str, value: float) -> Loop:
    """A fresh loop with this gain or forgetting factor."""
    return Loop(filter, forgetting=value) if port == "forgetting" else Loop(filter, gain=value)


class Candidates:
    """Constant gains of a filter by their speed: the gain itself, or 1 - forgetting where that is the port.

    Both are the loop gain of the update, so that larger means faster and noisier for all filters alike.
    """

    def __init__(self, filter: Filter, exc: Excitation) -> None:
        self.filter, self.exc = filter, exc.sized(filter.model.n)
        self.port = "forgetting" if "forgetting" in filter.ports else "gain"
        self._known: dict[float, Theory] = {}
        power = float(self.exc.modes.sum())
        if not power > 0:
            raise ValueError("design: the excitation has no power, so that no gain moves anything.")
        low, high = self.theory(min(1e-6 / power, 1.0) if self.port == "gain" else 1e-3).range or (0.0, math.inf)
        self.bounded = math.isfinite(high)
        if self.bounded:
            first = low if low > 0 else high * 10.0**-_DECADES
            self.speeds: NDArray[np.float64] = np.geomspace(first * (1 + _EDGE), high * (1 - _EDGE),
                                                            _DECADES * _PER_DECADE)
        else:
            noise = self.exc.noise or 1.0              # gains of signs go with its amplitude, those of LMF with 1/noise
            scales = (1.0, math.sqrt(noise), 1.0 / noise)
            low, high = 10.0**-_WIDE * min(scales) / power, 10.0**_WIDE * max(scales) / power
            self.speeds = np.geomspace(low, high, math.ceil(math.log10(high / low) * _PER_DECADE))

    def loop(self, speed: float) -> Loop:
        """A fresh loop of this speed."""
        return with_port(self.filter, self.port, self.setting(speed))

    def setting(self, speed: float) -> float:
        """The value of the port."""
        return float(1.0 - speed if self.port == "forgetting" else speed)

    def theory(self, speed: float) -> Theory:
        """What theory says of it."""
        if speed not in self._known:
            self._known[speed] = theory_of(self.loop(speed), self.exc)
        return self._known[speed]

    def excess(self, wish: Wish, speed: float) -> float:
        """How far this speed is from the wish; nan where theory does not say."""
        try:
            return wish.excess(self.theory(speed))
        except NoTheory:
            return math.nan

    def meeting(self, wish: Wish) -> Span:
        """The speeds that meet a wish: the interval around the one that meets it best."""
        if isinstance(wish, Speed) and not self.bounded and (found := self._settling(wish)):
            return found
        excess = np.array([self.excess(wish, float(speed)) for speed in self.speeds])
        if np.isnan(excess).all():
            raise missing(wish, self.theory(float(self.speeds[len(self.speeds) // 2])))
        best = int(np.nanargmin(excess))
        speed = float(self.speeds[best])
        if excess[best] > 0:
            speed = self._better(wish, best)
            if self.excess(wish, speed) > 0:
                raise ValueError(self._hopeless(wish, speed))
        above = [float(s) for s in self.speeds if s > speed]
        below = [float(s) for s in self.speeds[::-1] if s < speed]
        return Span(wish, self._edge(wish, speed, below, 0.0), self._edge(wish, speed, above, math.inf))

    def _settling(self, wish: Speed) -> Span | None:
        """The speeds that settle, from the slowest on, where faster ones do as well and their curves cost seconds."""
        for i, speed in enumerate(self.speeds.tolist()):
            if self.excess(wish, speed) <= 0:
                return Span(wish, self._edge(wish, speed, self.speeds[:i][::-1].tolist(), 0.0), math.inf)
        return None

    def _better(self, wish: Wish, best: int) -> float:
        """The speed that comes nearest to a wish, between the neighbors of the best one of the grid."""
        from scipy.optimize import minimize_scalar

        low, high = (float(self.speeds[min(max(i, 0), len(self.speeds) - 1)]) for i in (best - 1, best + 1))
        found = minimize_scalar(lambda s: np.nan_to_num(self.excess(wish, math.exp(s)), nan=FAR), method="bounded",
                                bounds=(math.log(low), math.log(high)))
        return math.exp(float(found.x))

    def _edge(self, wish: Wish, met: float, beyond: list[float], open_end: float) -> float:
        """Where a wish stops to be met on the way through these speeds; `open_end` where it does not."""
        from scipy.optimize import brentq

        inside = met
        for outside in beyond:
            excess = self.excess(wish, outside)
            if excess <= 0:
                inside = outside
                continue
            if math.isnan(excess):                               # the end of what theory says
                for _ in range(_HALVINGS):
                    middle = math.sqrt(inside * outside)
                    inside, outside = (middle, outside) if self.excess(wish, middle) <= 0 else (inside, middle)
                return inside
            root = math.exp(brentq(lambda s: np.nan_to_num(self.excess(wish, math.exp(s)), nan=FAR),
                                   math.log(inside), math.log(outside), xtol=1e-13, rtol=1e-12))
            return root * (1.0 - _EDGE) if outside > inside else root * (1.0 + _EDGE)
        return open_end

    def fastest(self, speed: float) -> float:
        """The speed up to this one at which error powers fall fastest: beyond it a gain is slower, and noisier too."""
        from scipy.optimize import minimize_scalar

        def growth(log_speed: float) -> float:
            found = self.theory(math.exp(log_speed)).growth(math.exp(log_speed))
            return math.nan if found is None else found

        top = math.log(speed)
        if not growth(top) > growth(top - 0.02):                 # still on the side where larger is faster, or unknown
            return speed
        return math.exp(float(minimize_scalar(growth, bounds=(top - 5.0, top), method="bounded").x))

    def _soonest(self, limit: float) -> Speed | None:
        """The shortest settling that a speed of the grid meets, longer than this one: by doubling, then bisection."""
        short, long = int(limit), 2 * int(limit)
        while not self._any_meets(Speed("settling", long)):
            short, long = long, 2 * long
            if long > LONGEST:
                return None
        while long - short > 1:
            middle = (short + long) // 2
            short, long = (short, middle) if self._any_meets(Speed("settling", middle)) else (middle, long)
        return Speed("settling", long)

    def _any_meets(self, wish: Wish) -> bool:
        return any(self.excess(wish, float(speed)) <= 0 for speed in self.speeds[::-1])

    def _hopeless(self, wish: Wish, speed: float) -> str:
        """The refusal of a wish that even the best gain does not meet."""
        if isinstance(wish, Speed):
            soonest = self._soonest(wish.limit)
            return (f"design: {wish} is met by no {self.port}: none settles so soon."
                    + (f" Ask for {soonest}." if soonest else ""))
        value = wish.value(self.theory(speed))
        word, side = ("smallest", "at least") if wish.largest else ("largest", "at most")
        reason = ("" if self.exc.drift is None or not wish.largest else
                  "; the weights drift: slower gains lag behind them, faster ones amplify the noise")
        if value is None or not math.isfinite(value):
            return f"design: {wish} is met by no {self.port}: the value is {value} at all of them{reason}."
        return (f"design: {wish} is met by no {self.port}: the {word} value is {value:.4g}, at {self.port} "
                f"{self.setting(speed):.4g}{reason}. Ask for {wish.eased(value)} {side}.")
