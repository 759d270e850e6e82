r"""The mean-square recursion as an objective of its gains: curves of many schedules at once, and an exact gradient.

With the moments a, B, G of a filter (`gainsched.excitation.Moments`) and modal error powers c,

.. math:: c_{k+1} = c_k - 2\mu_k a c_k + \mu_k^2 (B c_k + \sigma_n^2 G) + q, \qquad J = \sum_k \omega_k \ln 1'c_k .

The adjoint :math:`p_k = \partial J/\partial c_k` runs backwards,

.. math::
    p_k &= (I - 2\mu_k\,\mathrm{diag}(a) + \mu_k^2 B')\, p_{k+1} + \omega_k / (1'c_k), \\
    \partial J/\partial\mu_k &= 2\, p_{k+1}'(\mu_k (B c_k + \sigma_n^2 G) - a c_k) .
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.gradient import Gradient
from gainsched.analysis.linear import has_moments
from gainsched.errors import NoTheory
from gainsched.loop import Loop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.excitation import Excitation, Moments
    from gainsched.filters import Filter

    Array = NDArray[np.float64]

_NOTHING = 1e-290           # powers that count as 0, where nothing is left to learn: with no slope, and a logarithm
_INSIDE = 1.0 - 1e-6         # of the stable range: where its end is reached, powers no longer fall


@dataclass(frozen=True, eq=False)
class Powers:
    """What the recursion needs beside its gains.

    Attributes
    ----------
    moments : Moments
        Of the filter's update.
    start : (N,) array
        Modal error powers before the first sample.
    noise : float
        Variance of the noise.
    drift : (N,) array
        Modal drift power per sample.
    high : float
        Largest gain that is projected onto: just inside the stable range.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> powers = Powers.of(gs.LMS(8), gs.Excitation(1.0, noise=0.01), 1.0)
    >>> powers.greedy(3).round(4)
    array([0.0992, 0.0991, 0.099 ])
    >>> print(powers.curves(np.full((1, 3), 0.1)).round(4))
    [[1.     0.9008 0.8115 0.7312]]
    """

    moments: Moments
    start: Array
    noise: float
    drift: Array
    high: float

    @classmethod
    def of(cls, filter: Filter, exc: Excitation, w_opt_power: float, high: float = math.inf) -> Powers:
        """Those of a filter that starts at zero weights, under gains up to `high`."""
        if not has_moments(filter) or filter.delay or filter.every > 1:
            raise NoTheory(f"no theory for the best schedule of {type(filter).__name__}: its recursion of error powers "
                           "is not known, or not one of the present powers alone. LMS and NLMS have one, RLS another.")
        theory = Gradient(Loop(filter, gain=0.0), exc.sized(filter.model.n))
        if not np.isfinite(theory.moments.G).all():
            raise NoTheory(f"no theory for {filter!r} with this input: 1/|u|^2 has no mean; try eps > 0.")
        if not theory.moments.a.any():
            raise NoTheory("no theory for input without power: no gain moves the weights.")
        return cls(theory.moments, theory.start(None, w_opt_power, theory.w), exc.noise, theory.drift,
                   min(float(theory.range[1]) * _INSIDE, high))

    @property
    def injected(self) -> Array:
        """Noise power that enters each mode at unit gain."""
        return np.asarray(self.noise * self.moments.G)

    def greedy(self, steps: int) -> Array:
        r"""The gains each of which makes the next MSD smallest: the vertex of a parabola.

        .. math:: \mu_k = \frac{a'c_k}{1'(B c_k + \sigma_n^2 G)}
        """
        a, B, injected, c = self.moments.a, self.moments.B, self.injected, self.start.copy()
        across, forced = B.sum(axis=0), float(injected.sum())
        gains = np.empty(steps)
        for k in range(steps):
            below = float(across @ c) + forced
            gains[k] = m = min(float(a @ c) / below, self.high) if below > 0 else 0.0    # nothing left to learn
            c = c + m * (m * (B @ c + injected) - 2.0 * a * c) + self.drift
        return gains

    def curves(self, gains: Array) -> Array:
        """MSD before each sample and after the last: (m, steps + 1), of m rows of gains."""
        a2, B, injected = 2.0 * self.moments.a, self.moments.B.T, self.injected
        c = np.tile(self.start, (len(gains), 1))
        out = np.empty((len(gains), gains.shape[1] + 1))
        out[:, 0] = self.start.sum()
        for k, m in enumerate(np.ascontiguousarray(gains.T)[:, :, None]):
            c = c + m * (m * (c @ B + injected) - a2 * c) + self.drift
            out[:, k + 1] = c.sum(axis=1)
        return out

    def values(self, gains: Array, weights: Array) -> Array:
        """J of m rows of gains; weights (steps + 1,) belong to the logarithms of the curve."""
        return np.asarray(np.log(np.maximum(self.curves(gains), _NOTHING)) @ weights)

    def slope(self, gains: Array, weights: Array) -> tuple[float, Array]:
        """(J, dJ/d gains), by the adjoint: as many operations as two curves, however many gains."""
        a2, B, injected, steps = 2.0 * self.moments.a, self.moments.B, self.injected, len(gains)
        c, entered = np.empty((steps + 1, self.moments.n)), np.empty((steps, self.moments.n))
        c[0] = self.start
        mu = gains.tolist()
        for k, m in enumerate(mu):
            entered[k] = B @ c[k] + injected
            c[k + 1] = c[k] + m * (m * entered[k] - a2 * c[k]) + self.drift
        msd = np.maximum(c.sum(axis=1), _NOTHING)
        source = np.where(msd > _NOTHING, weights / msd, 0.0)
        p, after = np.full(self.moments.n, source[steps]), np.empty((steps, self.moments.n))
        for k in range(steps - 1, -1, -1):
            after[k], m = p, mu[k]
            p = p + m * (m * (p @ B) - a2 * p) + source[k]
        grad = np.einsum("ki,ki->k", after, 2.0 * gains[:, None] * entered - a2 * c[:steps])
        return float(np.log(msd) @ weights), grad
