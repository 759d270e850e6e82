"""Equalizing: symbols through a channel, trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.tuning.scenarios.base import Scenario, Trial, choice, put, ratio, real, response, whole, wiener

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gainsched.excitation import Excitation

_SIDE = {"bpsk": 1, "qam4": 2, "qam16": 4}        # levels along one axis, and BPSK's two on one axis alone


@dataclass(frozen=True)
class Equalizing(Scenario):
    r"""A training sequence through a channel; the desired signal is the symbol sent `delay` samples ago.

    .. math:: x_k = \sum_i h_i s_{k-i} + n_k, \qquad d_k = s_{k-\mathrm{delay}}, \qquad E|s|^2 = 1

    Parameters
    ----------
    channel : sequence of float
        Impulse response h; the default is the raised cosine of S. Haykin's *Adaptive Filter Theory*, W = 2.9.
    delay : int
        Samples from symbol to desired output; about half of channel and equalizer together is best.
    symbols : {"bpsk", "qam4", "qam16"}
        Real, or complex.
    samples : int
        Of a trial.
    snr_db : float
        Power at the channel's output over that of its noise, dB.

    Notes
    -----
    No weights remove the error altogether: what the best of n leave (`excitation`) is the noise of theory. It depends
    on the input, so that only the whole error is measured.

    References
    ----------
    S. Haykin, *Adaptive Filter Theory*, 5th ed., chapter 6: the channel, and LMS on it.

    Examples
    --------
    >>> import gainsched as gs
    >>> scenario = gs.scenarios.Equalizing(delay=7, snr_db=30, symbols="qam4", samples=3000)
    >>> exc = scenario.excitation(11)
    >>> found = gs.monte_carlo(gs.Loop(gs.NLMS(11), gain=0.2), scenario, trials=20)
    >>> found.kind, exc.noise < found.steady.value < 2 * exc.noise
    ('mse', True)
    """

    channel: Sequence[float] = (0.2194, 1.0, 0.2194)
    delay: int = 7
    symbols: str = "bpsk"
    samples: int = 4000
    snr_db: float = 30.0

    def __post_init__(self) -> None:
        put(self, "channel", response(self, "channel"))
        put(self, "delay", whole(self, "delay", 0))
        put(self, "symbols", choice(self, "symbols", tuple(_SIDE)))
        put(self, "samples", whole(self, "samples", 1))
        put(self, "snr_db", real(self, "snr_db"))

    @property
    def _floor(self) -> float:
        """Variance of the channel's noise."""
        return float(np.sum(np.square(self.channel))) / ratio(self.snr_db)

    def draw(self, rng: np.random.Generator) -> Trial:
        """Symbols, those before the record included; then the noise."""
        before = len(self.channel) - 1 + self.delay
        s = self._symbols(rng, self.samples + before)
        noise = self._gaussian(rng)
        x = np.convolve(s, self.channel)[before:before + self.samples] + noise
        return Trial(x, s[before - self.delay:before - self.delay + self.samples])

    def excitation(self, n: int) -> Excitation:
        """Covariance of n samples of the channel's output; what the best n weights leave is the noise."""
        H = np.stack([np.concatenate([np.zeros(j), self.channel, np.zeros(n - 1 - j)]) for j in range(n)])
        if self.delay >= H.shape[1]:
            return wiener(H @ H.T + self._floor * np.eye(n), np.zeros(n), 1.0)
        kind = np.float64 if self.symbols == "bpsk" else np.complex128
        R = (H @ H.T + self._floor * np.eye(n)).astype(kind)
        return wiener(R, H[:, self.delay].astype(kind), 1.0)

    def _symbols(self, rng: np.random.Generator, count: int) -> Any:
        side = _SIDE[self.symbols]
        if side == 1:
            return 2.0 * rng.integers(2, size=count) - 1.0
        levels = 2.0 * np.arange(side) - (side - 1.0)
        levels /= np.sqrt(2.0 * np.mean(levels**2))
        real_part, imaginary = levels[rng.integers(side, size=(2, count))]
        return real_part + 1j * imaginary

    def _gaussian(self, rng: np.random.Generator) -> Any:
        if self.symbols == "bpsk":
            return np.sqrt(self._floor) * rng.standard_normal(self.samples)
        parts = np.sqrt(self._floor / 2.0) * rng.standard_normal((2, self.samples))
        return parts[0] + 1j * parts[1]
