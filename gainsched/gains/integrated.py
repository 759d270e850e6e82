"""Gains over the root of all gradient power so far: they only look back, and forget nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.gains._integrated import adagrad_norm_kernel, dog_kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class AdaGradNorm(Law, kernel=adagrad_norm_kernel):
    r"""AdaGrad with one gain for all weights: rate over the root of the summed gradient power.

    .. math:: \mu_k = \frac{\mathrm{rate}}{\sqrt{b_0^2 + \sum_{j \le k} |g_j|^2}}, \qquad
              g = c\,v \text{ of the filter (LMS: } e\,u), \qquad b_0 = \frac{\mathrm{rate}}{\mathrm{start}}

    In control words a gain schedule on integrated gradient power: it falls as 1/sqrt(k) under constant noise, whatever
    the noise, and never rises.

    Parameters
    ----------
    rate : float
        About the distance the weights have to go, in their unit.
    start : float
        The gain before any gradient; it sets b_0.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 2 multiplications, a root and a division per sample; n more where the loop does not form :math:`|u|^2` anyway.

    It forgets nothing: after a burst the gain stays small. `RMSProp` forgets.

    Stability: any start is survived by enough samples, since the gain falls until the gradients do.

    References
    ----------
    R. Ward, X. Wu, L. Bottou, "AdaGrad stepsizes: sharp convergence over nonconvex landscapes", ICML (2019), alg. 1;
    M. Streeter, H. B. McMahan, "Less regret via online conditioning" (2010).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.AdaGradNorm(rate=1.0))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    rate: float = param(1.0, low=0, exclusive=True, unit="unit of w", doc="distance to go", kw_only=False)
    start: float = param(0.1, low=0, exclusive=True, doc="gain before any gradient", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, the summed gradient power beginning with b_0^2."""
        first = (0.0 if start is None else float(np.max(start))) or self.start
        return {"now": np.full(1, first), "sum": np.full(1, np.square(self.rate / first))}


class DoG(Law, kernel=dog_kernel):
    r"""Distance over gradients: a gain without a rate.

    .. math:: \mu_k = \frac{\max(r_0,\; \max_{j \le k} |w_j - w_0|)}{\sqrt{\sum_{j \le k} |g_j|^2}}, \qquad
              r_0 = \mathrm{distance}\,(1 + |w_0|), \qquad g = c\,v \text{ of the filter (LMS: } e\,u)

    In control words the measured excursion over integrated gradient power: positive feedback on the distance, which
    grows until it is that to the optimum, and nothing that damps it.

    Parameters
    ----------
    distance : float
        First step relative to 1 + the norm of the weights; small on purpose, it costs a few samples only.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: n + 3 multiplications, two roots and a division per sample; n more where the loop does not form
    :math:`|u|^2` anyway.

    It forgets nothing: after a burst the gain stays small, and where the optimum drifts the gain falls all the same.
    Taking over from another gain it begins there, with the weights of that moment as w_0.

    Stability: none is proven for this form; the default saturation bounds each step. The authors average the iterates.

    References
    ----------
    M. Ivgi, O. Hinder, Y. Carmon, "DoG is SGD's best friend: a parameter-free dynamic step size schedule", ICML (2023),
    eq. (1)-(2).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.DoG())
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    distance: float = param(1e-6, low=0, exclusive=True, unit="1 + |w|", doc="first step", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, summed gradient power, largest distance, whether it has begun, the weights it began from."""
        first = 0.0 if start is None else float(np.max(start))
        return {"now": np.full(1, first), "sum": np.zeros(1), "distance": np.zeros(1), "begun": np.zeros(1),
                "origin": np.zeros(n)}
