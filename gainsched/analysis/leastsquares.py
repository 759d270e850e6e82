r"""Recursive least squares with forgetting: what its weights' error is after k samples, and in the steady state.

After k samples with forgetting factors :math:`\lambda_j` the weights minimize
:math:`\sum_i \alpha_i |d_i - w'u_i|^2 + g |w - w_0|^2` with :math:`\alpha_i = \prod_{j>i}\lambda_j`,
:math:`g = \prod_j\lambda_j/\mathrm{delta}`. Let :math:`b_m = \sum_i \alpha_i^m`. For stationary Gaussian regressors
the error of mode i (eigenvalue :math:`\lambda_i` of R) has the mean square

.. math::
    c_i = \frac{\sigma_n^2\, b_2\,\lambda_i}{(b_1\lambda_i + g)^2}\cdot\frac{1}{1 - (N+1)\kappa}
          + \Big(\frac{g}{b_1\lambda_i + g}\Big)^2 c_i(0) + \ell_i,
    \qquad \kappa = \frac{3 b_2}{b_1^2} - \frac{2 b_3}{b_1 b_2} .

The first term is the noise. :math:`\kappa` comes from expanding :math:`E\,\mathrm{tr}[\Phi^{-1}\Phi_2\Phi^{-1}]` to
second order in the scatter of the weighted sums :math:`\Phi, \Phi_2`, with
:math:`E\,\mathrm{tr}(uu' - I)^2 = N(N+1)` (circular complex: :math:`N^2`, so N stands for N + 1); written as a pole it
is exact without forgetting: :math:`\kappa = 1/k` and :math:`E|\tilde w|^2 = \sigma_n^2\,\mathrm{tr}R^{-1}/(k-N-1)`.
At constant forgetting it tends to :math:`\sigma_n^2 N\frac{1-\lambda}{1+\lambda}` times
:math:`1/(1 - (N+1)(1-\lambda)/6 \dots)`.

The third term is the lag behind drifting weights. A step :math:`q_m` of the optimum is held back by
:math:`\Phi^{-1}\Phi_{\le m}`, the share of the samples before it; to second order in the scatter, with
:math:`\beta_m, \gamma_m` the parts of b_1 and b_2 up to m, :math:`s = b_2/b_1^2` and
:math:`\tilde q_i = \lambda_i q_i`,

.. math::
    \lambda_i\ell_i = \tilde q_i \sum_m \frac{\beta_m^2}{b_1^2}
        + (\tilde q_i + \mathrm{tr}\,\tilde q) \sum_m\Big(\frac{\gamma_m}{b_1^2} + \frac{s\beta_m^2}{b_1^2}
        - \frac{2\beta_m\gamma_m}{b_1^3}\Big)
        + 2(N+1)\,\tilde q_i \sum_m\Big(\frac{s\beta_m^2}{b_1^2} - \frac{\beta_m\gamma_m}{b_1^3}\Big) .

At constant forgetting the EMSE of it tends to :math:`\mathrm{tr}\,\tilde q/(1-\lambda^2)` times
:math:`1 + \tfrac{2}{3}(N+1)(1-\lambda) + \dots`

Before about 2 N samples the sums are not yet settled, and nothing is claimed.

E. Eleftheriou, D. D. Falconer, IEEE Trans. ASSP 34 (1986); S. Haykin, *Adaptive Filter Theory*, ch. 10 and 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass
class Memory:
    """The weighted sums b_1, b_2, b_3, those over past steps, and the prior's share, run along with the samples."""

    prior: float                        # 1 / delta
    one: float = 0.0
    two: float = 0.0
    three: float = 0.0
    lag: float = 0.0                    # sum of beta^2
    lag_power: float = 0.0              # sum of gamma
    lag_mixed: float = 0.0              # sum of beta gamma

    def take(self, forgetting: float) -> None:
        """One sample."""
        self.prior *= forgetting
        self.one = forgetting * self.one + 1.0
        self.two = forgetting**2 * self.two + 1.0
        self.three = forgetting**3 * self.three + 1.0
        self.lag = forgetting**2 * self.lag + self.one**2
        self.lag_power = forgetting**2 * self.lag_power + self.two
        self.lag_mixed = forgetting**3 * self.lag_mixed + self.one * self.two

    @classmethod
    def settled(cls, forgetting: float) -> Memory:
        """The limit of constant forgetting < 1."""
        one, two, three = (1.0 / (1.0 - forgetting**m) for m in (1, 2, 3))
        return cls(0.0, one, two, three, one**2 * two, two * two, one * two * three)

    def powers(self, modes: Array, start: Array, noise: float, drift: Array, scatter: int) -> Array:
        """Modal error powers; nan while the samples do not determine the weights."""
        if not self.one:
            return np.full(len(modes), np.nan)
        excess = scatter * (3.0 * self.two / self.one**2 - 2.0 * self.three / (self.one * self.two))
        if excess >= 0.75:                                    # the expansion has lost its meaning
            return np.full(len(modes), np.nan)
        phi = self.one * modes + self.prior
        with np.errstate(divide="ignore", invalid="ignore"):
            own = noise * self.two * modes / phi**2 / (1.0 - excess) if noise else 0.0
            c = own + (self.prior / phi) ** 2 * start + self._lags(modes, drift, scatter)
        return np.where(modes > 0, c, np.nan)

    def _lags(self, modes: Array, drift: Array, scatter: int) -> Array:
        """What drifting weights are behind, mode by mode."""
        held, mixed = self.lag / self.one**2, self.lag_mixed / self.one**3
        share = self.two / self.one**2
        spread = self.lag_power / self.one**2 + share * held - 2.0 * mixed
        white = modes * drift
        own = white * (held + 2.0 * scatter * (share * held - mixed)) + spread * (scatter - len(modes)) * white
        return np.asarray((own + spread * white.sum()) / modes)


def scatter(n: int, circular: bool) -> int:
    """N + 1, or N for circular complex regressors."""
    return n if circular else n + 1


def validity(n: int, forgetting: float) -> float:
    """N (1 - forgetting): weights over memory; the theory needs it much smaller than 1."""
    return n * (1.0 - forgetting)


def curve(modes: Array, start: Array, forgetting: Callable[[NDArray[Any]], Any], samples: range, noise: float,
          drift: Array, delta: float, circular: bool = False) -> Array:
    """Modal powers before each sample of `samples`, rows (len(samples), N); nan before 2 N samples."""
    n, memory = len(modes), Memory(1.0 / delta)
    rows = np.full((len(samples), n), np.nan)
    last = samples[-1] + 1 if len(samples) else 0
    for begin in range(0, last, 4096):
        ks = np.arange(begin, min(begin + 4096, last))
        for k, factor in zip(ks.tolist(), np.asarray(forgetting(ks), float).tolist(), strict=True):
            if k in samples and k >= 2 * n:
                rows[samples.index(k)] = memory.powers(modes, start, noise, drift, scatter(n, circular))
            memory.take(factor)
    return rows
