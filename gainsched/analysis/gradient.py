"""Theory of filters that know their moments: LMS, NLMS, DelayedLMS."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import meansquare
from gainsched.analysis.approximation import robbins_monro
from gainsched.analysis.averaging import averaged_powers
from gainsched.analysis.bound import Bound
from gainsched.analysis.drive import LARGEST
from gainsched.analysis.theory import NOTHING, Theory, Transient
from gainsched.errors import NoTheory
from gainsched.gains import PolyakRuppert, Schedule

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.excitation import Excitation, Moments
    from gainsched.loop import Loop

    Array = NDArray[Any]

Samples = range              # a property of this name stands in the classes below
_SETTLING = 200_000          # samples within which a vanishing gain must have spent itself for a limit to be computed
_PASSING = 50_000            # longest stretch above the frozen bound whose transient is followed
PERIODIC = 4e9              # period times cube of weights up to which the recursion's map over a period is computed
_FW = "Feuer and Weinstein, IEEE Trans. ASSP 33 (1985); Horowitz and Senne, IEEE Trans. ASSP 29 (1981)"
_DELAY = "Long, Ling and Proakis, IEEE Trans. ASSP 37 (1989); Kabal, IEEE Trans. COM 31 (1983)"
_BLOCK = "Feuer, IEEE Trans. CAS 32 (1985)"
_HINF = "Hassibi, Sayed and Kailath, IEEE Trans. SP 44 (1996)"
_NLMS = "Tarrab and Feuer, IEEE Trans. IT 34 (1988); Slock, IEEE Trans. SP 41 (1993)"


class Gradient(Theory):
    """Exact first and second moments under independent regressors with the excitation's covariance."""

    def __init__(self, loop: Loop, exc: Excitation) -> None:
        super().__init__(loop, exc)
        self.moments = self.its_moments(exc)
        self.modes = exc.modes
        self.delay = loop.filter.delay
        self.averaged_by: Any = loop.compensator if isinstance(loop.compensator, PolyakRuppert) else None
        self.drift = self.modal_drift()
        self.normalized = math.isfinite(loop.filter.gain_high)
        self.bound = self.limit_of_range()

    def its_moments(self, exc: Excitation) -> Moments:
        """Moments of the update; those that the filter knows, unless a theory finds them otherwise."""
        found: Moments = self.filter.moments(exc)
        return found

    # -- limits ------------------------------------------------------------------------------------------------

    @property
    def leaps(self) -> bool:
        """Without delay and blocks many samples are one power of the map; a theory with rows of its own takes each."""
        own = type(self).rows is not Gradient.rows or type(self)._curve is not Gradient._curve
        return not (self.delay or own) and self.every == 1

    def limit_of_range(self) -> float:
        """The gain up to which error powers converge."""
        return meansquare.mean_square_bound(self.moments, self.delay)

    @property
    def range(self) -> tuple[float, float]:
        return (0.0, float(self.filter.gain_high) if self.normalized else self.bound)

    @property
    def bounds(self) -> dict[str, Bound]:
        source = _NLMS if self.normalized else _DELAY if self.delay else _BLOCK if self.every > 1 else _FW
        gaussian = f"independent {'circular ' if self.exc.circular else ''}Gaussian regressors"
        if self.normalized and self.exc.sample is not None:
            gaussian = "independent regressors, distributed as the record's"
        elif self.exc.kurtosis and not self.normalized:
            gaussian = f"independent regressors with independent modes of excess kurtosis {self.exc.kurtosis:.3g}"
        mean = meansquare.mean_bound(self.moments, self.delay)
        only = "the mean of the weights only: necessary, not sufficient"
        out = {"mean": Bound(mean, f"independent regressors; {only}", source),
               "mean_square": Bound(self.bound, gaussian, source)}
        if self.delay:
            out["delay"] = Bound(mean, f"corrections {self.delay} samples late; {only}", _DELAY)
        contraction = "no step enlarges the weight error (without noise)"
        if self.normalized:
            out["deterministic"] = Bound(self.filter.gain_high, f"any signal, any sequence of gains: {contraction}",
                                         "Slock, IEEE Trans. SP 41 (1993)")
        elif self.exc.burst and not self.delay:
            peak = f"no |u_k|^2 above {self.exc.burst:.4g}, the record's largest: {contraction}"
            out["deterministic"] = Bound(2.0 / self.exc.burst, peak, _HINF)
        return out

    @property
    def assumptions(self) -> list[str]:
        if self.normalized:
            drawn = ("Gaussian regressors with covariance R, exact in R and eps" if self.exc.sample is None else
                     "regressors, distributed as the record's")
            out = ["range: any signal", f"error powers: independent {drawn}",
                   "margins: the regressor's own direction, the worst at every instant"]
        else:
            out = ["regressors independent from sample to sample; a delay line's are not (colored input, large gains)"]
            if self.exc.kurtosis == 0:
                out.append("circular complex Gaussian regressors" if self.exc.circular else "Gaussian regressors")
        if self.every > 1:
            out.append(f"one update per {self.every} samples, whose regressors are independent too; steps of the "
                       "optimal weights within a block have no theory")
        if self.averaged_by:
            out.append(f"error powers are those of w; of loop.average by {self.averaged_by!r}: report.averaged(n)")
        if self.exc.w_opt is None:
            out.append("learning curve: optimal weights isotropic (w_opt_power) unless w_opt is given")
        return out

    @property
    def references(self) -> list[str]:
        return sorted({bound.reference for bound in self.bounds.values()})

    def worst_loop(self, gain: float) -> Any:
        import control

        fastest = 1.0 if self.normalized else float(self.moments.a.max(initial=0.0))
        return control.tf([gain * fastest], [1.0, -1.0, *np.zeros(self.delay)], True)

    def growth(self, gain: float) -> float:
        return float(meansquare.growth(self.moments, gain, self.delay) ** (1.0 / self.every))

    def any_sequence(self) -> str | None:
        law = self.drive.law
        if self.delay or (law is not None and law.per_weight) or self.drive.per_weight:
            return None
        if self.normalized:
            return "any sequence of gains within the range, any signal: no step enlarges the weight error"
        if law is not None and law.saturate:
            step = "mu u'u <= 2" if self.every == 1 else "the errors of each block within twice their size"
            return f"the law's saturation keeps {step}: no step enlarges the weight error, whatever the signal"
        return None

    # -- dynamics ----------------------------------------------------------------------------------------------

    def time_constants(self, gain: float) -> Array:
        radius = self.radii(gain)
        with np.errstate(divide="ignore"):
            tau = np.where(radius < 1.0, -1.0 / np.log(np.maximum(np.minimum(radius, 1.0), 1e-300)), np.inf)
        return np.asarray(self.every * tau)

    def radii(self, gain: float) -> Array:
        """Factor per update of each mode's mean error, in the long run."""
        pull = gain * self.moments.a
        if not self.delay:
            return np.asarray(np.abs(1.0 - pull))
        companion = np.repeat(np.eye(self.delay + 1, k=-1)[None], len(pull), axis=0)
        companion[:, 0, 0] = 1.0
        companion[:, 0, -1] -= pull
        return np.asarray(np.abs(np.linalg.eigvals(companion)).max(axis=1))

    def settled(self, gain: float) -> Array:
        """Modal powers in the steady state of a constant gain."""
        return meansquare.steady_state(self.moments, gain, self.exc.noise, self.drift, self.delay)

    def rows(self, start: Array, samples: Samples, noise: float, drift: Array) -> Array:
        """Modal powers before each of these samples, from the powers before the first."""
        return meansquare.curve(self.moments, start, lambda ks: np.nan_to_num(self.updates(ks)) if self.every > 1 else
                                self.drive(ks), samples, noise, drift, self.delay)

    def updates(self, ks: Array) -> Array:
        """The gains at these samples, nan where the filter does not move."""
        gains = self.drive(ks)
        return gains if self.every == 1 else np.where(ks % self.every == self.every - 1, gains, np.nan)

    def steady(self) -> tuple[float | None, float | None]:
        if not self.drive.known or (self.every > 1 and self.drift.any()):
            return NOTHING
        gain = self.drive.limit
        if math.isnan(gain):
            return self._periodic()
        if gain >= LARGEST:
            return math.inf, math.inf
        c = self._vanishing() if gain == 0 else self.settled(gain)
        if c is None:
            return NOTHING
        if self.normalized and gain >= self.range[1]:    # at the edge only eps holds the powers finite: no figure
            return NOTHING if self.growth(gain) < 1.0 else (math.inf, math.inf)
        return self._power(c)

    def _periodic(self) -> tuple[float | None, float | None]:
        """The mean over a period of the powers that a period brings back."""
        period = self.drive.repeated
        if period is None or self.delay or len(period) * self.moments.n**3 > PERIODIC:
            return NOTHING
        c = meansquare.periodic_state(self.moments, period, self.exc.noise, self.drift)
        return self._power(c)

    def _power(self, c: Array) -> tuple[float | None, float | None]:
        """(EMSE, MSD); modes without power keep their error: no EMSE, and an MSD that nobody can know."""
        active = self.modes > 0
        emse = float(self.modes[active] @ c[active])
        msd = float(c.sum())
        return emse, None if math.isnan(msd) else msd

    def spent(self) -> Array | None:
        """Modal powers once a gain has tended to 0 over an infinite sum; nan in modes without power."""
        return np.where(self.moments.a > 0, 0.0, np.nan)

    def _vanishing(self) -> Array | None:
        """Modal powers in the limit of a gain that tends to 0: zero if its sum diverges, else where it froze."""
        if self.drift.any():
            self.warnings.append("the gain tends to 0 while the weights drift: the error grows without bound (a "
                                 "constant, or a schedule with a floor, keeps tracking)")
            return np.full(self.moments.n, np.inf)
        source = self.drive.source
        endless = robbins_monro(source).sum_diverges if isinstance(source, Schedule) else False  # an array ends
        if endless is None or endless:
            return self.spent() if endless else None
        steps = 1000
        while steps < _SETTLING and self.drive(np.array([self.drive.first + steps]))[0] * steps > 1e-6:
            steps *= 2
        if steps >= _SETTLING:
            return None
        samples = range(self.drive.first, self.drive.first + steps + 1, steps)
        frozen = self._curve(samples, None, 1.0)[-1]
        if self.exc.w_opt is None:                       # unless the start is forgotten, its power would be a guess
            other = self._curve(samples, None, 2.0)[-1]
            if not np.allclose(frozen, other, rtol=0.01):
                self.warnings.append("the gain vanishes before the initial weights are forgotten: the final error "
                                     "depends on w_opt, which is not known")
                return None
        return np.asarray(frozen)

    @cached_property
    def transient(self) -> Transient | None:
        found = super().transient
        if found is None or found.last - self.drive.first > _PASSING:
            return found
        n = self.moments.n
        rows = self.rows(np.ones(n) / n, range(self.drive.first, found.last + 2), 0.0, np.zeros(n))
        return replace(found, factor=float(rows.sum(axis=1).max()))

    def averaged(self, n: int) -> tuple[float | None, float | None]:
        if self.drift.any():
            raise NoTheory("no theory for averages of weights that drift: an average lags behind.")
        if not self.averaged_by:
            raise NoTheory("the loop keeps no average whose theory is known: give compensator=gs.PolyakRuppert(start).")
        if not self.drive.known:
            return super().averaged(n)
        gain, m, memory = self.drive.limit, self.moments, self.averaged_by.memory
        power = robbins_monro(self.drive.source).power if isinstance(self.drive.source, Schedule) else None
        if gain == 0 and 0.5 < (power or 0.0) < 1.0 and memory == math.inf:
            with np.errstate(divide="ignore", invalid="ignore"):
                return self._power(self.exc.noise * m.G / (m.a**2 * n))           # averaged_covariance, mode by mode
        if not (gain > 0 and self.stable_at(gain)) or self.delay:
            raise NoTheory(f"no theory for averages of {self.name} with {self.drive.source!r}"
                           + (" and a delay." if self.delay else "."))
        return self._power(averaged_powers(self.settled(gain), gain * m.a, n, memory))

    def curve(self, n: int, every: int, w_opt: ArrayLike | None, w_opt_power: float) -> tuple[Array, Array]:
        self.covered(n)
        c = self._curve(range(self.drive.first, self.drive.first + n, every), w_opt, w_opt_power)
        active = self.modes > 0
        with np.errstate(over="ignore", invalid="ignore"):                      # where it diverges: inf
            return c[:, active] @ self.modes[active], c.sum(axis=1)

    def _curve(self, samples: Samples, w_opt: ArrayLike | None, power: float) -> Array:
        if self.every > 1 and self.drift.any():
            raise NoTheory(f"no theory for {self.name} with drifting weights: they move within a block.")
        return self.rows(self.start(w_opt, power, self.w), samples, self.exc.noise, self.drift)
