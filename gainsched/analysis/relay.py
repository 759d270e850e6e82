r"""Theory of relays on the error: a gain bounds what they do at every sample, so they end in a limit cycle.

With Gaussian errors of power :math:`s^2 = \sigma_n^2 + \zeta` Price's theorem gives the relay's mean slope, and the
modal powers obey

.. math:: c^+ = c - 2\mu\sqrt{2/\pi}\,\Lambda c/s + \mu^2\lambda + q                 \qquad \text{(sign of the error)}

.. math:: c^+ = c - (4/\pi)\mu\sigma_x c/s + \mu^2 + q             \qquad \text{(both signs, white input)}

Both rest where :math:`\zeta = a s`, so that :math:`\zeta = (a/2)(a + \sqrt{a^2 + 4\sigma_n^2})`, with
:math:`a = \sqrt{\pi/8}\,(\mu\,\mathrm{tr}R + \mathrm{tr}Q/\mu)` and
:math:`a = (\pi/4)\sigma_x(\mu N + \mathrm{tr}Q/\mu)`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.bound import Bound
from gainsched.analysis.drive import LARGEST
from gainsched.analysis.theory import NOTHING, Theory
from gainsched.errors import NoTheory

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

    Array = NDArray[Any]

# The slope is that of the mean error power; the power of single trials fluctuates, by one part in the number of modes.
# Monte Carlo (2, 8, 16 modes, a spread of 10 to 1, a/noise amplitude from .1 to 1): the EMSE comes out low by this
# factor times (EMSE over error power) / (effective number of modes), to a third of it.
_SHORTFALL = 0.7
_CLAIMED = 0.1               # largest shortfall of a number that is given
_GERSHO = "Gersho, IEEE Trans. IT 30 (1984); Mathews and Cho, IEEE Trans. ASSP 35 (1987)"
_BOTH = ("Claasen and Mecklenbrauker, IEEE Trans. ASSP 29 (1981); Dasgupta and Johnson, Systems & Control Letters 7 "
         "(1986)")
_KURTOSIS = 0.5              # excess kurtosis up to which a regressor counts as Gaussian
_WHITE = 0.05                # largest correlation at which it counts as white


def is_gaussian(exc: Excitation) -> bool:
    """Whether the excitation is real and near enough to Gaussian for the sign of it to have a known slope."""
    return not exc.circular and abs(exc.kurtosis) <= _KURTOSIS


def is_white(exc: Excitation) -> bool:
    """Whether all weights see the same power, uncorrelated, within 5 %.

    Examples
    --------
    >>> import gainsched as gs
    >>> is_white(gs.Excitation(2.0).sized(3)), is_white(gs.Excitation([[1, 0.5], [0.5, 1]]))
    (True, False)
    """
    power = float(np.mean(np.diag(exc.R).real))
    return power > 0 and bool(np.abs(exc.R - power * np.eye(len(exc.R))).max() <= _WHITE * power)


class SignError(Theory):
    """Mean bounds for any signal; error powers for Gaussian signals, by the recursion of the modal powers."""

    remark = "bounded, not quiet: a relay on the error goes on in a limit cycle whose size is proportional to the gain"
    reference = _GERSHO

    def __init__(self, loop: Loop, exc: Excitation) -> None:
        super().__init__(loop, exc)
        self.modes, self.drift = exc.modes, self.modal_drift()
        self.gaussian = is_gaussian(exc)
        self.slope, self.injected = self.pull_and_noise()
        if not self.gaussian:
            self.warnings.append(f"no theory for {self.name} with a regressor that is {self.other}: no error power is "
                                 "predicted")

    @property
    def other(self) -> str:
        """What the regressor is where it is not real and Gaussian."""
        return "complex" if self.exc.circular else f"not Gaussian (excess kurtosis {self.exc.kurtosis:.3g})"

    def pull_and_noise(self) -> tuple[Array, Array]:
        """(fall of the modal powers per unit of gain, power and 1/s, what one step of unit gain adds to them)."""
        return 2.0 * math.sqrt(2.0 / math.pi) * self.modes, self.modes

    @property
    def range(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def stable_at(self, value: float) -> bool:
        return 0.0 < value < LARGEST

    @property
    def bounds(self) -> dict[str, Bound]:
        settles = "any signal: the mean of |e| settles below that of |noise| + mu tr R/2"
        return {"deterministic": Bound(math.inf, settles, self.reference)}

    @property
    def assumptions(self) -> list[str]:
        out = ["range: any signal, bounded is not quiet (a limit cycle proportional to the gain)"]
        if self.gaussian:
            out.append(self.limits)
        return out

    @property
    def limits(self) -> str:
        """What the error powers rest on, and how far off they may be."""
        low = f"; about {self.short(self.rest, self.drive.limit):.1%} too low here" if self.claims(self.drive) else ""
        return ("error powers: independent Gaussian regressors, Gaussian noise, errors of near constant power; claimed "
                f"while that costs less than {_CLAIMED:.0%}{low}")

    @property
    def references(self) -> list[str]:
        return [self.reference]

    def any_sequence(self) -> str | None:
        law = self.drive.law
        if law is None or law.per_weight or not law.saturate:
            return None
        return ("the law's saturation keeps mu u'u <= 2|e|: without noise no step enlarges the weight error, whatever "
                "the signal")

    # -- dynamics ----------------------------------------------------------------------------------------------

    def claims(self, drive: Any) -> bool:
        """Whether the steady state of this gain is one that theory claims."""
        limit = drive.limit if drive.known else math.nan
        return bool(self.gaussian and 0 < limit < LARGEST and self.rest < math.inf
                    and self.short(self.rest, limit) <= _CLAIMED)

    def size(self, gain: float) -> float:
        """a, with which EMSE = a s in the steady state."""
        active = self.slope > 0
        ratio = self.modes[active] / self.slope[active]
        return float(np.sum(ratio * (gain * self.injected[active] + self.drift[active] / gain)))

    @property
    def rest(self) -> float:
        """s^2, the error power in the steady state of the limit of the gain."""
        if (self.drift[self.slope <= 0] > 0).any():
            return math.inf
        a, noise = self.size(self.drive.limit), self.exc.noise
        return noise + (a / 2.0) * (a + math.sqrt(a * a + 4.0 * noise))

    def short(self, power: float, gain: float) -> float:
        """Share by which the predicted EMSE is too low while errors have this power."""
        total = float(self.modes.sum())
        crowded = float(np.sum(self.modes**2)) / total**2 if total > 0 else 1.0
        return _SHORTFALL * crowded * self.size(gain) / math.sqrt(power) if power > 0 and gain > 0 else 0.0

    def steady(self) -> tuple[float | None, float | None]:
        drive = self.drive
        if not (drive.known and self.gaussian):
            return NOTHING
        if drive.limit == 0 and drive.now > 0:
            return self._spent()
        if not 0 < drive.limit < LARGEST:
            return NOTHING
        if self.rest == math.inf:
            return math.inf, math.inf
        if not self.claims(drive):
            self.warnings.append(f"gain {drive.limit:.4g} is beyond the theory of small limit cycles: the error power "
                                 "fluctuates too much from trial to trial; no steady state is predicted")
            return NOTHING
        s, gain = math.sqrt(self.rest), drive.limit
        with np.errstate(divide="ignore", invalid="ignore"):
            c = np.where(self.slope > 0, s * (gain * self.injected + self.drift / gain) / self.slope, np.nan)
        msd = float(c.sum())
        return self.rest - self.exc.noise, None if math.isnan(msd) else msd

    def _spent(self) -> tuple[float | None, float | None]:
        """A gain that tends to 0: quiet if its sum diverges, lost if the weights drift."""
        if self.drift.any():
            self.warnings.append("the gain tends to 0 while the weights drift: the error grows without bound")
            return math.inf, math.inf
        far = np.geomspace(1e9, 1e12, 4)
        endless = np.all(far * self.drive(far.astype(np.int64)) > 1e-3 * self.drive.now)
        return (0.0, 0.0 if np.all(self.slope > 0) else None) if endless else NOTHING

    def time_constants(self, gain: float) -> Array | None:
        """Of the mean in the steady state of the limit of the gain: the limit cycle sets the slope of its relay."""
        if not self.claims(self.drive):
            return None
        pull = np.minimum(self.drive.limit * self.slope / (2.0 * math.sqrt(self.rest)), 1.0)
        with np.errstate(divide="ignore"):
            return np.asarray(np.where(pull < 1.0, -1.0 / np.log1p(-np.minimum(pull, 1.0 - 1e-16)), 0.0))

    def curve(self, n: int, every: int, w_opt: ArrayLike | None, w_opt_power: float) -> tuple[Array, Array]:
        if not self.gaussian:
            raise NoTheory(f"no theory for {self.name} with a regressor that is {self.other}.")
        self.covered(n)
        first, rows = self.drive.first, np.full((-(-n // every), self.filter.model.n), np.nan)
        c = self.start(w_opt, w_opt_power, self.w)
        for begin in range(first, first + n, 4096):
            ks = np.arange(begin, min(begin + 4096, first + n))
            for k, mu in zip((ks - first).tolist(), self.drive(ks).tolist(), strict=True):
                power = self.exc.noise + float(self.modes @ c)
                if k % every == 0 and self.short(power, mu) <= _CLAIMED:
                    rows[k // every] = c
                if mu >= LARGEST:
                    return self._powers(rows)
                fall = mu * self.slope / math.sqrt(power) if power > 0 else 0.0
                c = np.maximum(c - fall * c, 0.0) + mu * mu * self.injected + self.drift
        return self._powers(rows)

    def _powers(self, rows: Array) -> tuple[Array, Array]:
        if np.isnan(rows).all():
            raise NoTheory(f"no theory for {self.name} with gains this large: no sample of the curve lies within the "
                           "theory of small limit cycles.")
        return rows @ self.modes, rows.sum(axis=1)


class SignSign(SignError):
    """Relays on error and regressor, for white Gaussian input alone: some periodic inputs diverge at every gain."""

    reference = _BOTH

    def pull_and_noise(self) -> tuple[Array, Array]:
        deviation = math.sqrt(float(self.modes.mean()))
        self.modes = np.full_like(self.modes, self.modes.mean())
        return np.full_like(self.modes, (4.0 / math.pi) * deviation), np.ones_like(self.modes)

    @property
    def bounds(self) -> dict[str, Bound]:
        return {"mean_square": Bound(math.inf, "independent white Gaussian regressors; some periodic inputs diverge at "
                                     "every gain", self.reference)}

    @property
    def assumptions(self) -> list[str]:
        cycle = "bounded is not quiet (a limit cycle proportional to the gain)"
        return [f"range: independent white Gaussian regressors, {cycle}; some periodic inputs diverge at every gain",
                self.limits]

    def any_sequence(self) -> str | None:
        return None
