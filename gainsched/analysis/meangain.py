r"""Theory of LMS under a scalar law: E mu in place of the gain, E mu^2 in place of its square.

.. math:: c = (I - 2 E\mu\,\mathrm{diag}(a) + E\mu^2 B)\, c + E\mu^2\sigma_n^2 G + q

With :math:`s = \sigma_n^2 + \zeta` the error power, and Gaussian errors,

.. math::
    \text{KwongJohnston:}\quad  E\mu &= \frac{\gamma s}{1-\alpha}, \quad
    E\mu^2 = E\mu\,\frac{\gamma s(3-\alpha)}{1-\alpha^2} \\
    \text{AboulnasrMayyas:}\quad E\mu &= \frac{\gamma(1-\beta)s^2}{(1+\beta)(1-\alpha)}, \quad
    (E\mu)^2 \le E\mu^2 \le 3(E\mu)^2 \\
    \text{MathewsXie:}\quad E\mu &= \frac{\mathrm{tr}(R^2K)}{s\,\mathrm{tr}R^2}, \quad E\mu^2 = (E\mu)^2

K the covariance of the weight error. Each is solved with the balance above as a fixed point.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import meansquare
from gainsched.analysis.gradient import Gradient
from gainsched.analysis.theory import NOTHING
from gainsched.excitation import Moments
from gainsched.gains import AboulnasrMayyas, KwongJohnston, MathewsXie

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

    Array = NDArray[Any]
    Means = Callable[[float], tuple[float, float]]            # error power -> (E mu, E mu^2)

KNOWN = (KwongJohnston, AboulnasrMayyas, MathewsXie)
_TURNS, _SETTLED = 10_000, 1e-12       # of the fixed point
_SPREAD = 3.0                          # standard deviations that a gain needs between its mean and the law's limits
_REFERENCES = {KwongJohnston: "Kwong and Johnston, IEEE Trans. SP 40 (1992)",
               AboulnasrMayyas: "Aboulnasr and Mayyas, IEEE Trans. SP 45 (1997)",
               MathewsXie: "Mathews and Xie, IEEE Trans. SP 41 (1993)"}


class MeanGain(Gradient):
    """Steady state of a law by its mean gain, where neither its limits nor its saturation shape that gain."""

    def __init__(self, loop: Loop, exc: Excitation) -> None:
        super().__init__(loop, exc)
        self.rule: Any = self.drive.law
        self.found: list[str] = []
        self.mean: float | None = None
        self.ended = self._settle()

    @property
    def assumptions(self) -> list[str]:
        return [*super().assumptions, *self.found]

    @property
    def references(self) -> list[str]:
        return sorted({*super().references, _REFERENCES[type(self.rule)]})

    @property
    def mean_gain(self) -> float | None:
        return self.mean

    def steady(self) -> tuple[float | None, float | None]:
        return self.ended

    # -- the fixed point -----------------------------------------------------------------------------------------

    def powers(self, mean: float, square: float) -> Array:
        """Modal powers that a gain of this mean and mean square settles at, drawn anew for every sample."""
        m = self.moments
        drawn = Moments(mean * m.a, square * m.B, square * m.G)
        return meansquare.steady_state(drawn, 1.0, self.exc.noise, self.drift)

    def _settle(self) -> tuple[float | None, float | None]:
        if self.exc.noise == 0 or not np.all(self.modes > 0) or math.isfinite(self.rule.rate_limit):
            return NOTHING
        if isinstance(self.rule, KwongJohnston):
            return self._one(self._kwong_johnston, "error power")
        if isinstance(self.rule, AboulnasrMayyas):
            return self._bracket()
        return self._mathews_xie()

    def _fixed(self, means: Means) -> tuple[float, float, Array] | None:
        """(E mu, E mu^2, modal powers) at which law and filter agree; None where no finite ones do."""
        excess = 0.0
        for _ in range(_TURNS):
            mean, square = means(self.exc.noise + excess)
            c = self.powers(mean, square)
            before, excess = excess, float(self.modes @ c)
            if not math.isfinite(excess):
                return None
            if math.isclose(before, excess, rel_tol=_SETTLED):
                return mean, square, c
        return None

    def _free(self, low: float, high: float) -> bool:
        """Whether gains from low to high stay clear of the law's limits and of its saturation."""
        heavy = float(self.modes.sum() + _SPREAD * math.sqrt(2.0 * float(self.modes @ self.modes)))
        clear = self.rule.low <= low and high <= self.rule.high and not (self.rule.saturate and high * heavy > 2.0)
        if not clear:
            self.warnings.append(f"the law alone would hold the gain between about {low:.3g} and {high:.3g}: its "
                                 "limits or its saturation cut that, and no steady state is predicted")
        return clear

    def _state(self, mean: float, c: Array, cause: str) -> tuple[float, float]:
        self.mean = mean
        self.found.append(f"mean gain {mean:.4g}, set by the {cause}; steady state: that gain and its mean square, "
                          "independent of the present regressor (good to about 10 %)")
        return float(self.modes @ c), float(c.sum())

    def _one(self, means: Means, cause: str) -> tuple[float | None, float | None]:
        if (found := self._fixed(means)) is None:
            self.warnings.append("the law's gain and the error power raise each other: no steady state exists")
            return NOTHING
        mean, square, c = found
        spread = _SPREAD * math.sqrt(max(square - mean * mean, 0.0))
        return self._state(mean, c, cause) if self._free(max(mean - spread, 0.0), mean + spread) else NOTHING

    def _kwong_johnston(self, power: float) -> tuple[float, float]:
        alpha, drive = self.rule.alpha, self.rule.gamma * power
        mean = drive / (1.0 - alpha)
        return mean, mean * drive * (3.0 - alpha) / (1.0 - alpha**2)

    def _bracket(self) -> tuple[None, None]:
        """Its mean square depends on how fast p is: two answers, and the truth between them."""
        law = self.rule
        unit = law.gamma * (1.0 - law.beta) / ((1.0 + law.beta) * (1.0 - law.alpha))
        first = self._fixed(lambda power: (unit * power**2, unit**2 * power**4))
        last = self._fixed(lambda power: (unit * power**2, 3.0 * unit**2 * power**4))
        if first is None or last is None:
            self.warnings.append("the law's gain and the error power may raise each other: no steady state is claimed")
            return NOTHING
        (low, _, fast), (high, _, slow) = first, last
        if self._free(0.0, high * (1.0 + _SPREAD * math.sqrt(2.0))):
            shares = [100.0 * float(self.modes @ c) / self.exc.noise for c in (fast, slow)]
            self.found.append(f"mean gain {low:.4g} to {high:.4g}, set by the correlation of successive errors; "
                              f"misadjustment between {shares[0]:.3g} % (fast p) and {shares[1]:.3g} % (slow p)")
        return NOTHING

    def _mathews_xie(self) -> tuple[float | None, float | None]:
        if not self.drift.any():
            self.warnings.append(f"without drift the law's gain falls to its floor, {self.rule.low:.4g}, and what its "
                                 "own noise adds to that: no steady state is predicted")
            return NOTHING
        low, high, lam = 0.0, self.bound, self.modes
        for _ in range(200):
            mean = (low + high) / 2.0
            c = self.powers(mean, mean * mean)
            rising = float(lam**2 @ c) > mean * (self.exc.noise + float(lam @ c)) * float(lam @ lam)
            low, high = (mean, high) if rising and np.isfinite(c).all() else (low, mean)
        return self._state(mean, c, "balance of noise and drift") if self._free(mean / 2.0, 2.0 * mean) else NOTHING
