"""Up, along and down: schedules for a run whose length is known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.gains.base import Schedule
from gainsched.gains.schedules.blend import line, wave
from gainsched.gains.schedules.clock import switched
from gainsched.gains.schedules.ramp import OwnRamp
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPES = ("linear", "sqrt", "cosine")


class OneCycle(Schedule):
    r"""Half a cosine up to the peak, half a cosine down to almost nothing.

    .. math::
        \mu: \; \mathrm{start\_factor}\cdot\mathrm{peak} \;\nearrow\; \mathrm{peak} \;\text{at}\;
        k = \mathrm{round}(\mathrm{rise}\cdot\mathrm{steps}) \;\searrow\; \mathrm{end\_factor}\cdot\mathrm{peak}
        \;\text{at}\; k = \mathrm{steps}

    Parameters
    ----------
    peak : float
        The largest gain.
    steps : int
        Length of the cycle; after it the last gain holds.
    rise : float
        The part of it that goes up.
    start_factor, end_factor : float
        First and last gain, as parts of the peak.

    References
    ----------
    L. N. Smith, N. Topin, "Super-convergence: very fast training of neural networks using large learning rates",
    SPIE 11006 (2019).

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.OneCycle(1.0, steps=100)([0, 15, 30, 65, 100]).round(3)
    array([0.04, 0.52, 1.  , 0.5 , 0.  ])
    """

    peak: float = param(low=0, doc="largest gain")
    steps: int = param(kind="integer", low=1, unit="samples", doc="length of the cycle")
    rise: float = param(0.3, low=0, high=1, doc="part of the cycle that goes up", kw_only=False)
    start_factor: float = param(1 / 25, low=0, doc="first gain over peak", kw_only=False)
    end_factor: float = param(1e-4 / 25, low=0, doc="last gain over peak", kw_only=False)

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        top, peak = round(self.rise * self.steps), self.peak
        return switched(k, top, lambda done: wave(peak * self.start_factor, peak, done, top),
                        lambda done: self._falling(done, self.steps - top))

    def _falling(self, done: NDArray[np.float64], length: int) -> NDArray[np.float64]:
        """From the peak on; after the end, and where nothing is left to go down in, the last gain."""
        if done.min(initial=math.inf) >= length:
            return np.full(done.shape, self.limit)
        return wave(self.peak, self.limit, np.minimum(done, length), length)

    @property
    def limit(self) -> float:
        return self.peak * self.end_factor

    @property
    def cycle(self) -> tuple[int, int]:
        return (self.steps, 1)


class WarmupStableDecay(Schedule):
    r"""A ramp, a plateau, and a decay whose start may be put off until the run is about to end.

    .. math::
        \mu_k = \mathrm{peak}\,\frac{k+1}{\mathrm{warmup}} \;\text{for}\; k < \mathrm{warmup}; \quad
        \mathrm{peak} \;\text{for the next}\; \mathrm{stable}; \quad
        \mathrm{end} + (\mathrm{peak} - \mathrm{end})\,g(p) \;\text{over the next}\; \mathrm{decay}

    with g = 1 - p ("linear"), :math:`1 - \sqrt{p}` ("sqrt") or :math:`(1 + \cos \pi p)/2` ("cosine").

    Parameters
    ----------
    peak : float
        The gain of the plateau.
    warmup, stable, decay : int
        Samples of the three parts; the whole is their sum.
    shape : {"linear", "sqrt", "cosine"}
        How it decays.
    end : float
        What it decays to.

    References
    ----------
    S. Hu et al., "MiniCPM: unveiling the potential of small language models with scalable training strategies", 2024;
    A. Hagele et al., "Scaling laws and compute-optimal training beyond fixed training durations", NeurIPS 2024 (sqrt).

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.WarmupStableDecay(1.0, warmup=10, stable=80, decay=10)([0, 9, 50, 90, 95, 100])
    array([0.1, 1. , 1. , 1. , 0.5, 0. ])
    """

    peak: float = param(low=0, doc="gain of the plateau")
    warmup: Any = param(kind="integer", low=0, unit="samples", doc="samples of the ramp")
    stable: int = param(kind="integer", low=0, unit="samples", doc="samples of the plateau")
    decay: int = param(kind="integer", low=0, unit="samples", doc="samples of the decay")
    shape: str = param("linear", kind="choice", choices=SHAPES, doc="how it decays", kw_only=False)
    end: float = param(0.0, low=0, doc="what it decays to", kw_only=False)

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        ramp = int(self.warmup)
        return switched(k, ramp, lambda k: self.peak * (np.minimum(k + 1.0, ramp) / ramp), self._settled)

    def _settled(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        """What follows the ramp."""
        return switched(k, self.stable, lambda k: np.full(k.shape, self.peak), self._decaying)

    def _decaying(self, done: NDArray[np.float64]) -> NDArray[np.float64]:
        """The last part, `done` samples into it."""
        if done.min(initial=math.inf) >= self.decay:
            return np.full(done.shape, self.end)
        done = np.minimum(done, self.decay)
        if self.shape == "linear":
            return line(self.peak, self.end, done, self.decay)
        if self.shape == "cosine":
            return wave(self.peak, self.end, done, self.decay)
        # 1 - sqrt(p) = (1 - p)/(1 + sqrt(p)), which does not cancel close to the end
        part = (self.decay - done) / self.decay / (1.0 + np.sqrt(done / self.decay))
        return self.end + (self.peak - self.end) * part

    @property
    def limit(self) -> float:
        return self.end

    @property
    def cycle(self) -> tuple[int, int]:
        return (self.warmup + self.stable + self.decay, 1)


WarmupStableDecay.warmup = OwnRamp()            # a parameter and a method, as of every schedule
