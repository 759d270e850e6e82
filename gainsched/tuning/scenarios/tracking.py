"""Weights that walk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gainsched.excitation import Excitation
from gainsched.tuning.scenarios.base import Scenario, Trial, choice, on_delay_line, put, real, whole
from gainsched.tuning.scenarios.coloring import autocovariance, color_of, colored

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Tracking(Scenario):
    r"""A plant whose weights walk: the faster they do, the larger the gain that follows best.

    .. math:: d_k = w_{o,k}'u_k + n_k, \qquad w_{o,k+1} = w_{o,k} + q_k, \quad E q_k q_k' = \mathrm{drift}\; I

    Parameters
    ----------
    taps : int
        Of the plant, which starts isotropic and of length 1, another in every trial.
    drift : float
        Variance of each weight's step per sample, (unit of w) squared.
    noise : float
        Variance of the output's noise.
    samples : int
        Of a trial.
    color : float or sequence of float
        Autoregression of the input; a number is AR(1), 0 white.
    power : float
        Of the input.
    regressors : {"delay line", "independent"}
        As of `Identification`.

    Notes
    -----
    `gainsched.tracking` gives the best constant gain and forgetting for ``excitation(taps)``.

    Examples
    --------
    >>> import gainsched as gs
    >>> scenario = gs.scenarios.Tracking(8, drift=1e-6, noise=0.01)
    >>> scenario.trial(0).weights.shape                              # before every sample, and after the last
    (5001, 8)
    >>> round(gs.tracking(gs.RLS(8), scenario.excitation(8)).forgetting_opt, 3)
    0.99
    """

    taps: int
    drift: float
    noise: float = 0.01
    samples: int = 5000
    color: float | Sequence[float] = 0.0
    power: float = 1.0
    regressors: str = "delay line"

    def __post_init__(self) -> None:
        put(self, "taps", whole(self, "taps", 1))
        put(self, "drift", real(self, "drift", 0.0))
        put(self, "noise", real(self, "noise", 0.0))
        put(self, "samples", whole(self, "samples", 1))
        put(self, "color", color_of("Tracking: color", self.color))
        put(self, "power", real(self, "power", 0.0, exclusive=True))
        put(self, "regressors", choice(self, "regressors", ("delay line", "independent")))

    @property
    def width(self) -> int:
        """Input channels of a trial: one, or one per tap."""
        return self.taps if self.regressors == "independent" else 1

    @property
    def noise_power(self) -> float:
        """Variance of the noise."""
        return self.noise

    def draw(self, rng: np.random.Generator) -> Trial:
        """First weights, their steps, input, noise, in this order."""
        start = rng.standard_normal(self.taps)
        steps = np.sqrt(self.drift) * rng.standard_normal((self.samples, self.taps))
        w = np.cumsum(np.vstack([start / np.linalg.norm(start), steps]), axis=0)
        if self.regressors == "independent":
            root = np.linalg.cholesky(self.excitation(self.taps).R)
            x = u = rng.standard_normal((self.samples, self.taps)) @ root.T
        else:
            x = colored(rng, (self.samples,), self.color, self.power)  # type: ignore[arg-type]
            padded = np.concatenate([np.zeros(self.taps - 1), x])
            u = np.lib.stride_tricks.sliding_window_view(padded, self.taps)[:, ::-1]
        noise = np.sqrt(self.noise) * rng.standard_normal(self.samples)
        return Trial(x, np.sum(u * w[:-1], axis=1) + noise, noise, w)

    def excitation(self, n: int) -> Excitation:
        """Covariance of the input, noise, and the walk's covariance; n must be `taps`."""
        r = autocovariance(self.color, self.power, max(n, self.taps))  # type: ignore[arg-type]
        exc = on_delay_line(r, np.eye(self.taps) / self.taps, self.noise, self.taps)
        return Excitation(exc.R, exc.noise, drift=self.drift).sized(n)
