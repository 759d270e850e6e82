"""Acoustic echo: a room answers the loudspeaker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.tuning.scenarios.base import Scenario, Trial, on_delay_line, put, ratio, real, whole
from gainsched.tuning.scenarios.coloring import autocovariance, color_of, colored

if TYPE_CHECKING:
    from gainsched.excitation import Excitation

_FORMANTS = ((500.0, 300.0), (1500.0, 250.0))       # of a vowel: center and bandwidth, Hz
_RATE = 8000.0                                      # samples per second of telephone speech


@dataclass(frozen=True)
class Echo(Scenario):
    r"""An echo canceller's job: a decaying room response, input colored like speech, a talker at the near end.

    .. math:: d_k = h'u_k + n_k + s_k, \qquad h_i \sim N(0,\, \sigma_0^2\, 10^{-6 i/\mathrm{decay}}), \quad E|h|^2 = 1

    Parameters
    ----------
    taps : int
        Of the room response; every trial draws its own.
    decay : float
        Samples in which the response falls by 60 dB (the reverberation time).
    samples : int
        Of a trial.
    color : float or sequence of float, or None
        Autoregression of the far end's signal; None: the two lowest formants of a vowel at 8 kHz, smeared as they are
        over an utterance.
    snr_db : float
        Echo over the near end's noise, dB.
    double_talk : (start, stop, level_db), optional
        Samples between which the near end talks, of the same color, and its power over that of the echo, dB.

    Notes
    -----
    `excitation` is that without double talk. Taps of the room that a filter lacks count as noise there.

    References
    ----------
    J.-D. Polack, "La transmission de l'énergie sonore dans les salles", thesis, Université du Maine, Le Mans 1988: a
    room response as decaying Gaussian noise.

    Examples
    --------
    >>> import gainsched as gs
    >>> scenario = gs.scenarios.Echo(taps=64, decay=64, samples=4000)
    >>> report = gs.analyze(gs.Loop(gs.NLMS(64), gain=0.5), scenario.excitation(64))
    >>> report.verdict
    'stable'
    """

    taps: int = 128
    decay: float = 128.0
    samples: int = 16_000
    color: float | Sequence[float] | None = None
    snr_db: float = 30.0
    double_talk: tuple[int, int, float] | None = None

    def __post_init__(self) -> None:
        put(self, "taps", whole(self, "taps", 1))
        put(self, "decay", real(self, "decay", 0.0, exclusive=True))
        put(self, "samples", whole(self, "samples", 1))
        put(self, "color", color_of("Echo: color", _vowel() if self.color is None else self.color))
        put(self, "snr_db", real(self, "snr_db"))
        if self.double_talk is not None:
            talk = tuple(self.double_talk) if isinstance(self.double_talk, Sequence) else (self.double_talk,)
            if len(talk) != 3 or not 0 <= talk[0] < talk[1] <= self.samples or not math.isfinite(talk[2]):
                raise ValueError(refusal("Echo: double_talk", self.double_talk, "must be (start, stop, level_db) with "
                                         f"0 <= start < stop <= {self.samples}", "Try (8000, 12000, 0.0)."))
            put(self, "double_talk", (int(talk[0]), int(talk[1]), float(talk[2])))

    @property
    def noise_power(self) -> float:
        """Variance of the near end's noise; the mean power of the echo is 1."""
        return 1.0 / ratio(self.snr_db)

    @property
    def _envelope(self) -> Any:
        """Variance of every tap."""
        falling = 10.0 ** (-6.0 * np.arange(self.taps) / self.decay)
        return falling / falling.sum()

    def draw(self, rng: np.random.Generator) -> Trial:
        """Room, far end, noise, near end, in this order."""
        h = np.sqrt(self._envelope) * rng.standard_normal(self.taps)
        x = colored(rng, (self.samples,), self.color, 1.0)  # type: ignore[arg-type]
        noise = np.sqrt(self.noise_power) * rng.standard_normal(self.samples)
        if self.double_talk is not None:
            start, stop, level = self.double_talk
            noise[start:stop] += colored(rng, (stop - start,), self.color, ratio(level))  # type: ignore[arg-type]
        return Trial(x, np.convolve(x, h)[:self.samples] + noise, noise, h)

    def excitation(self, n: int) -> Excitation:
        """Covariance of n taps of the far end; the noise, with what more taps of the room leave unexplained."""
        r = autocovariance(self.color, 1.0, max(n, self.taps))  # type: ignore[arg-type]
        return on_delay_line(r, np.diag(self._envelope), self.noise_power, n)


def _vowel() -> tuple[float, ...]:
    """Autoregression with a pair of poles for each formant."""
    poles = [np.exp((-np.pi * width + sign * 2j * np.pi * center) / _RATE)
             for center, width in _FORMANTS for sign in (1, -1)]
    return tuple((-np.poly(poles).real[1:]).tolist())
