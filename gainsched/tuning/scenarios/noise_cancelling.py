"""Noise cancelling: a reference microphone hears the noise alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gainsched.tuning.scenarios.base import Scenario, Trial, on_delay_line, put, ratio, real, response, whole
from gainsched.tuning.scenarios.coloring import autocovariance, color_of, colored, toeplitz

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gainsched.excitation import Excitation


@dataclass(frozen=True)
class NoiseCancelling(Scenario):
    r"""A signal of interest in noise, and a reference that hears the noise alone: the error is the cleaned signal.

    .. math:: x_k = v_k, \qquad d_k = s_k + \sum_i p_i v_{k-i}, \qquad e_k \to s_k

    Parameters
    ----------
    path : sequence of float
        Impulse response from the reference to the primary microphone.
    samples : int
        Of a trial.
    color : float or sequence of float
        Autoregression of the noise; a number is AR(1), 0 white.
    signal_color : float or sequence of float
        Autoregression of the signal of interest.
    signal_db : float
        Power of the signal over that of the noise at the primary microphone, dB.

    Notes
    -----
    To the loop the signal of interest is noise: ``Trial.noise`` is s, the excess error is what is left of the noise.
    s is correlated in time, which the theory of white noise leaves out.

    References
    ----------
    B. Widrow et al., "Adaptive noise cancelling: principles and applications", Proc. IEEE 63 (1975).

    Examples
    --------
    >>> import gainsched as gs
    >>> scenario = gs.scenarios.NoiseCancelling([0.8, -0.4, 0.2], signal_db=-10, samples=4000)
    >>> found = gs.monte_carlo(gs.Loop(gs.NLMS(3), gain=0.01), scenario, trials=10)
    >>> found.steady.value < 0.02 * scenario.noise_power                 # cleaned to 17 dB below the signal
    True
    """

    path: Sequence[float] = (0.8, -0.4, 0.2)
    samples: int = 8000
    color: float | Sequence[float] = 0.0
    signal_color: float | Sequence[float] = 0.9
    signal_db: float = 0.0

    def __post_init__(self) -> None:
        put(self, "path", response(self, "path"))
        put(self, "samples", whole(self, "samples", 1))
        for name in ("color", "signal_color"):
            put(self, name, color_of(f"NoiseCancelling: {name}", getattr(self, name)))
        put(self, "signal_db", real(self, "signal_db"))

    @property
    def noise_power(self) -> float:
        """Variance of the signal of interest, which is noise to the loop."""
        p = np.array(self.path)
        R = toeplitz(autocovariance(self.color, 1.0, len(p)))  # type: ignore[arg-type]
        return ratio(self.signal_db) * float(p @ R @ p)

    def draw(self, rng: np.random.Generator) -> Trial:
        """Noise, then the signal."""
        x = colored(rng, (self.samples,), self.color, 1.0)  # type: ignore[arg-type]
        signal = colored(rng, (self.samples,), self.signal_color, self.noise_power)  # type: ignore[arg-type]
        path = np.array(self.path)
        return Trial(x, np.convolve(x, path)[:self.samples] + signal, signal, path)

    def excitation(self, n: int) -> Excitation:
        """Covariance of n taps of the reference; the signal's power, with what more taps of the path leave over."""
        path = np.array(self.path)
        r = autocovariance(self.color, 1.0, max(n, len(path)))  # type: ignore[arg-type]
        return on_delay_line(r, np.outer(path, path), self.noise_power, n, path)
