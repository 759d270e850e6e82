"""Identification of a finite impulse response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gainsched.tuning.scenarios.base import Scenario, Trial, choice, on_delay_line, put, ratio, real, response, whole
from gainsched.tuning.scenarios.coloring import autocovariance, color_of, colored, toeplitz

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gainsched.excitation import Excitation


@dataclass(frozen=True)
class Identification(Scenario):
    r"""An unknown finite impulse response, its input known, its output noisy.

    .. math:: d_k = w'u_k + n_k, \qquad x_k = \sum_i c_i x_{k-i} + v_k, \qquad \sigma_n^2 = 10^{-snr/10}\, E(w'u)^2

    Parameters
    ----------
    plant : int or sequence of float
        Taps; or their number: every trial then draws its own, isotropic and of length 1.
    samples : int
        Of a trial.
    color : float or sequence of float
        Autoregression of the input; a number is AR(1), 0 white.
    power : float
        Of the input.
    snr_db : float
        Power of the output over that of the noise, dB.
    regressors : {"delay line", "independent"}
        "independent": a new Gaussian regressor at every sample, of the delay line's covariance, which is what theory
        assumes; the input then has one channel per tap, for ``gs.FIR(taps=1, channels=n)``.

    Examples
    --------
    >>> import gainsched as gs
    >>> scenario = gs.scenarios.Identification([1.0, 0.5], color=0.7, snr_db=20)
    >>> trial = scenario.trial(0)
    >>> trial.x.shape, trial.weights
    ((5000,), array([1. , 0.5]))
    >>> round(scenario.excitation(2).noise, 4)                      # a hundredth of w'Rw = 1 + 0.7 + 0.25
    0.0195
    """

    plant: int | Sequence[float]
    samples: int = 5000
    color: float | Sequence[float] = 0.0
    power: float = 1.0
    snr_db: float = 30.0
    regressors: str = "delay line"

    def __post_init__(self) -> None:
        name = type(self).__name__
        put(self, "plant", whole(self, "plant", 1) if isinstance(self.plant, int) else response(self, "plant"))
        put(self, "samples", whole(self, "samples", 1))
        put(self, "color", color_of(f"{name}: color", self.color))
        put(self, "power", real(self, "power", 0.0, exclusive=True))
        put(self, "snr_db", real(self, "snr_db"))
        put(self, "regressors", choice(self, "regressors", ("delay line", "independent")))

    @property
    def taps(self) -> int:
        """Of the plant."""
        return self.plant if isinstance(self.plant, int) else len(self.plant)

    @property
    def width(self) -> int:
        """Input channels of a trial: one, or one per tap."""
        return self.taps if self.regressors == "independent" else 1

    @property
    def noise_power(self) -> float:
        """Variance of the noise; of drawn plants: for the mean output power."""
        output = float(np.trace(self._covariance @ self._spread))
        return output / ratio(self.snr_db)

    @property
    def _covariance(self) -> NDArray[np.float64]:
        return toeplitz(autocovariance(self.color, self.power, self.taps))  # type: ignore[arg-type]

    @property
    def _spread(self) -> NDArray[np.float64]:
        """E[w w']."""
        return np.eye(self.taps) / self.taps if isinstance(self.plant, int) else np.outer(self.plant, self.plant)

    def draw(self, rng: np.random.Generator) -> Trial:
        """Plant, input, noise, in this order."""
        if isinstance(self.plant, int):
            w = rng.standard_normal(self.plant)
            w /= np.linalg.norm(w)
        else:
            w = np.array(self.plant)
        if self.regressors == "independent":
            x = rng.standard_normal((self.samples, self.taps)) @ np.linalg.cholesky(self._covariance).T
            clean = x @ w
        else:
            x = colored(rng, (self.samples,), self.color, self.power)  # type: ignore[arg-type]
            clean = np.convolve(x, w)[:self.samples]
        noise = np.sqrt(self.noise_power) * rng.standard_normal(self.samples)
        return Trial(x, clean + noise, noise, w)

    def excitation(self, n: int) -> Excitation:
        """Covariance of n taps; what more taps of the plant leave unexplained counts as noise."""
        r = autocovariance(self.color, self.power, max(n, self.taps))  # type: ignore[arg-type]
        return on_delay_line(r, self._spread, self.noise_power, n, None if isinstance(self.plant, int) else
                             np.array(self.plant))
