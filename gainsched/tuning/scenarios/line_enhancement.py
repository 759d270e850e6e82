"""Line enhancement: sinusoids out of broadband noise, by prediction from a delayed copy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.tuning.scenarios.base import Scenario, Trial, put, real, response, whole, wiener

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gainsched.excitation import Excitation


@dataclass(frozen=True)
class LineEnhancement(Scenario):
    r"""Sinusoids in white noise; the input is the record itself, delayed, so that only what repeats can be predicted.

    .. math:: d_k = \sum_i a_i \cos(2\pi f_i k + \varphi_i) + n_k, \qquad x_k = d_{k-\mathrm{delay}}

    Parameters
    ----------
    frequencies : sequence of float
        Cycles per sample, between 0 and 1/2; phases are drawn in every trial.
    amplitudes : sequence of float
        One per frequency.
    noise : float
        Variance of n.
    delay : int
        Samples, at least 1.
    samples : int
        Of a trial.

    Notes
    -----
    ``Trial.noise`` is n: it is independent of what the delayed input can tell, so the excess error is that of the
    enhanced lines y.

    References
    ----------
    B. Widrow et al., "Adaptive noise cancelling: principles and applications", Proc. IEEE 63 (1975).

    Examples
    --------
    >>> import gainsched as gs
    >>> scenario = gs.scenarios.LineEnhancement([0.05], [1.0], noise=0.5, samples=4000)
    >>> found = gs.monte_carlo(gs.Loop(gs.NLMS(32), gain=0.02), scenario, trials=10)
    >>> found.steady.value < 0.25 * 0.5                     # the line at 0 dB comes out with a quarter of its noise
    True
    """

    frequencies: Sequence[float] = (0.05, 0.12)
    amplitudes: Sequence[float] = (1.0, 0.5)
    noise: float = 0.5
    delay: int = 1
    samples: int = 8000

    def __post_init__(self) -> None:
        for name in ("frequencies", "amplitudes"):
            put(self, name, response(self, name))
        if len(self.frequencies) != len(self.amplitudes):
            raise ValueError(refusal("LineEnhancement: amplitudes", self.amplitudes,
                                     f"must be {len(self.frequencies)}, one per frequency"))
        if not all(0 < f < 0.5 for f in self.frequencies):
            raise ValueError(refusal("LineEnhancement: frequencies", self.frequencies,
                                     "must lie between 0 and 0.5 cycles per sample"))
        put(self, "noise", real(self, "noise", 0.0, exclusive=True))
        put(self, "delay", whole(self, "delay", 1))
        put(self, "samples", whole(self, "samples", 1))

    @property
    def noise_power(self) -> float:
        """Variance of the noise."""
        return self.noise

    def draw(self, rng: np.random.Generator) -> Trial:
        """Phases, then the noise, from before the record on."""
        k = np.arange(-self.delay, self.samples)
        lines = np.zeros(len(k))
        for f, a, phase in zip(self.frequencies, self.amplitudes, 2 * math.pi * rng.random(len(self.frequencies)),
                               strict=True):
            lines += a * np.cos(2 * math.pi * f * k + phase)
        noise = math.sqrt(self.noise) * rng.standard_normal(len(k))
        whole_record = lines + noise
        return Trial(whole_record[:-self.delay].copy(), whole_record[self.delay:].copy(), noise[self.delay:].copy())

    def excitation(self, n: int) -> Excitation:
        """Covariance of lines and noise; the best n weights predict lines alone."""
        R = self._lines(np.subtract.outer(np.arange(n), np.arange(n))) + self.noise * np.eye(n)
        power = float(self._lines(np.zeros(1))[0]) + self.noise
        return wiener(R, self._lines(self.delay + np.arange(n)), power)

    def _lines(self, lag: Any) -> Any:
        """Autocovariance of the sinusoids."""
        f, a = np.array(self.frequencies), np.array(self.amplitudes)
        return np.tensordot(a**2 / 2.0, np.cos(2 * math.pi * np.multiply.outer(f, lag)), axes=1)
