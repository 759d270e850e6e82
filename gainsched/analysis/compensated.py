"""Theory of filters that know their moments, with momentum between correction and weights."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import momentum
from gainsched.analysis.anyorder import PROOF, momentum_bound
from gainsched.analysis.bound import Bound
from gainsched.analysis.drive import Drive
from gainsched.analysis.gradient import Gradient
from gainsched.analysis.leaky import leaky_moments
from gainsched.analysis.margins import gain_range
from gainsched.analysis.momentum import Mode
from gainsched.analysis.settling import settle
from gainsched.analysis.theory import NOTHING, Theory
from gainsched.errors import NoTheory

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.analysis.theory import Transient
    from gainsched.excitation import Excitation, Moments
    from gainsched.loop import Loop

    Array = NDArray[Any]

_MOMENTUM = "Roy and Shynk, IEEE Trans. ASSP 38 (1990)"
_MAPPED = 4e8               # period times cube of weights up to which the map over a period is computed


class Compensated(Gradient):
    """Exact first and second moments with momentum; frozen bounds say nothing of a gain that moves."""

    resonant = True

    def __init__(self, loop: Loop, exc: Excitation) -> None:
        self.compensator: Any = loop.compensator
        self.beta = Drive(loop, "beta")
        self.mode = Mode.of(self.compensator, self.beta.rest)
        super().__init__(loop, exc)
        self.named = f"{self.name} with {type(self.compensator).__name__}"
        self.started = loop.n > 0

    # -- limits ------------------------------------------------------------------------------------------------

    @property
    def mean_bound(self) -> float:
        fastest = float(self.moments.a.max(initial=0.0))
        return self.compensator.limit(self.mode.beta) / fastest if fastest > 0 else math.inf

    def limit_of_range(self) -> float:
        return momentum.mean_square_bound(self.moments, self.mode, self.mean_bound)

    @property
    def range(self) -> tuple[float, float]:
        return (0.0, self.bound)

    @property
    def bounds(self) -> dict[str, Bound]:
        plain = super().bounds
        where = "largest" if math.isnan(self.beta.limit) else "limit"
        at = "" if self.beta.is_constant else f", beta at its {where} {self.mode.beta:.4g}"
        out = {name: Bound(value, plain[name].assumption + at, _MOMENTUM)
               for name, value in (("mean", self.mean_bound), ("mean_square", self.bound))}
        if self.any_gain is not None:
            out["any_sequence"] = Bound(self.any_gain, f"{plain['mean_square'].assumption}; gains in any order, "
                                        "sufficient", PROOF)
        return out

    @cached_property
    def any_gain(self) -> float | None:
        return momentum_bound(self.moments, self.mode) if self.beta.is_constant else None

    @property
    def assumptions(self) -> list[str]:
        drawn = "distributed as the record's" if self.normalized and self.exc.sample is not None else "Gaussian"
        out = [f"independent regressors, {drawn}, all numbers; a delay line's are not independent"]
        out.append(f"{self.compensator!r}: a gain or a beta that moves can make the loop grow where every frozen one "
                   "is stable (parametric resonance)")
        if self.normalized:
            out.append("margins: the regressor's own direction, the worst at every instant")
        if self.started:
            out.append("learning curve: the compensator's memory is taken as empty")
        if self.exc.w_opt is None:
            out.append("learning curve: optimal weights isotropic (w_opt_power) unless w_opt is given")
        return out

    def worst_loop(self, gain: float) -> Any:
        import control

        return super().worst_loop(gain) * control.tf(*self.compensator.transfer(self.mode.beta), True)

    def growth(self, gain: float) -> float:
        return float(momentum.growth(self.moments, gain, self.mode) ** (1.0 / self.every))

    def any_sequence(self) -> str | None:
        return None

    # -- dynamics ----------------------------------------------------------------------------------------------

    def radii(self, gain: float) -> Array:
        return self.mode.radius(gain * self.moments.a)

    def steady(self) -> tuple[float | None, float | None]:
        return NOTHING if math.isnan(self.beta.limit) else super().steady()       # no figure for a beta without rest

    def settled(self, gain: float) -> Array:
        return momentum.steady_state(self.moments, gain, self.mode, self.exc.noise, self.drift)

    def rows(self, start: Array, samples: Any, noise: float, drift: Array) -> Array:
        return momentum.curve(self.moments, start, self.compensator, self.updates, self.beta, samples, noise, drift)

    @property
    def moves(self) -> bool:
        return not (self.drive.is_constant and self.beta.is_constant)

    @cached_property
    def repeated_growth(self) -> float | None:
        period = self.drive.repeated
        if period is None or not self.beta.is_constant or len(period) * self.moments.n**3 > _MAPPED:
            return None
        total = momentum.over_a_period(self.moments, period, self.mode)
        size = float(np.abs(np.linalg.eigvals(total)).max()) if np.isfinite(total).all() else math.inf
        return size ** (1.0 / (len(period) * self.every)) if math.isfinite(size) else math.inf

    def _periodic(self) -> tuple[float | None, float | None]:
        return NOTHING                                                 # no figure for what repeats under momentum

    @cached_property
    def settling(self) -> Transient | None:
        return settle(self, (self.drive, self.beta), 1.0 - self.mode.beta)


class CompensatedLeaky(Compensated):
    """LeakyLMS with momentum: its stability is exact, its bias has no theory, so that no error power is claimed."""

    def its_moments(self, exc: Excitation) -> Moments:
        return leaky_moments(exc, float(self.filter.leak))

    @property
    def assumptions(self) -> list[str]:
        bias = f"no theory for the bias of {self.named}: no error power is claimed"
        others = [line for line in super().assumptions if not line.startswith("learning curve")]
        return [*others, f"{bias}; margins: correction and leak together, which the gain scales alike"]

    def steady(self) -> tuple[float | None, float | None]:
        return NOTHING

    def curve(self, n: int, every: int, w_opt: ArrayLike | None, w_opt_power: float) -> tuple[Array, Array]:
        raise NoTheory(f"no theory for the bias of {self.named}: no learning curve is predicted.")


class MeanOnly(Theory):
    """Momentum around a loop of which only the mean is known: its margins and its bound, no error powers."""

    resonant = True

    def __init__(self, loop: Loop, exc: Excitation) -> None:
        super().__init__(loop, exc)
        self.compensator: Any = loop.compensator
        self.name = f"{self.name} with {type(self.compensator).__name__}"
        self.beta = Drive(loop, "beta")
        self.fastest = float(loop.filter.moments(exc).a.max(initial=0.0))

    @property
    def moves(self) -> bool:
        return not (self.drive.known and self.drive.is_constant and self.beta.is_constant)

    def worst_loop(self, gain: float) -> Any:
        import control

        plain = control.tf([gain * self.fastest], [1.0, -1.0, *np.zeros(self.filter.delay)], True)
        return plain * control.tf(*self.compensator.transfer(self.beta.rest), True)

    @property
    def bounds(self) -> dict[str, Bound]:
        found = gain_range(self.worst_loop(1.0)) if self.fastest > 0 else None
        if found is None:
            return {}
        return {"mean": Bound(found[1], "independent regressors; the mean of the weights only: necessary, not "
                              "sufficient", _MOMENTUM)}

    @property
    def assumptions(self) -> list[str]:
        return [f"no theory for the mean square of {self.name}: no error power is claimed"]

    @property
    def references(self) -> list[str]:
        return [_MOMENTUM]

    def witness(self, gain: float) -> float | None:
        if not self.fastest:
            return None
        loop = self.worst_loop(gain)
        num, den = (np.atleast_1d(part[0][0]) for part in (loop.num, loop.den))
        radius = float(np.abs(np.roots(np.polyadd(num, den))).max())
        return radius**2 if radius > 1.0 + 1e-12 else None

    def excuse(self, gain: float) -> str:
        return f"no mean-square theory for {self.name}; its mean is stable"
