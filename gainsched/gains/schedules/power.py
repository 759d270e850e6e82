"""Decay by a power of the sample number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.gains.base import Schedule
from gainsched.gains.schedules.ramp import OwnRamp
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class InversePower(Schedule):
    r"""Decay by a power of the sample number: the Robbins-Monro family.

    .. math:: \mu_k = \mathrm{start}\, \Big(\frac{\mathrm{offset}}{\mathrm{offset} + k}\Big)^{\mathrm{power}}

    Parameters
    ----------
    start : float
        The gain at k = 0.
    power : float
        1 averages; 0.5 keeps moving; between them, averaging the iterates is optimal.
    offset : float
        Samples before the decay sets in.

    Notes
    -----
    For 0.5 < power <= 1 the sum of the gains diverges and that of their squares converges.

    References
    ----------
    H. Robbins, S. Monro, "A stochastic approximation method", Ann. Math. Stat. 22 (1951); B. T. Polyak, A. B. Juditsky,
    "Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30 (1992).

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.InversePower(1.0, power=0.5, offset=100)([0, 300, 9900])
    array([1. , 0.5, 0.1])
    """

    start: float = param(low=0, doc="gain at k = 0")
    power: float = param(low=0, doc="exponent of the decay")
    offset: float = param(1.0, low=0, exclusive=True, unit="samples", doc="samples before the decay sets in",
                          kw_only=False)

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.start * (self.offset / (self.offset + k)) ** self.power

    @property
    def limit(self) -> float:
        return 0.0 if self.power > 0 else self.start


class InverseSqrt(Schedule):
    r"""A linear warm-up, then decay by the square root of the sample number.

    .. math:: \mu_k = \mathrm{peak}\,\min\Big(\frac{k+1}{\mathrm{warmup}},\; \sqrt{\frac{\mathrm{warmup}}{k+1}}\Big)

    Parameters
    ----------
    peak : float
        The largest gain, at k = warmup - 1.
    warmup : int
        Samples of the ramp; the first update already moves, by peak / warmup.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017, equation 3.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.InverseSqrt(1.0, warmup=100)([0, 49, 99, 399])
    array([0.01, 0.5 , 1.  , 0.5 ])
    """

    peak: float = param(low=0, doc="largest gain")
    warmup: Any = param(kind="integer", low=1, unit="samples", doc="samples of the ramp")

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        count = k + 1.0
        return np.asarray(self.peak * np.minimum(count / self.warmup, np.sqrt(self.warmup / count)))

    @property
    def limit(self) -> float:
        return 0.0


InverseSqrt.warmup = OwnRamp()            # a parameter and a method, as of every schedule
