"""Variable step sizes: scalar laws driven by the error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._vss import aboulnasr_mayyas_kernel, kwong_johnston_kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class KwongJohnston(Law, kernel=kwong_johnston_kernel):
    r"""Kwong and Johnston's variable step size: the gain follows the error power through a low-pass filter.

    .. math:: \mu_{k+1} = \mathrm{clip}(\alpha\, \mu_k + \gamma\, e_k^2,\; \mathrm{low},\; \mathrm{high})

    In control words a leaky integrator on the error power: fast while the error is large, quiet when it is small.

    Parameters
    ----------
    alpha : float
        Forgetting of the gain, 0 <= alpha <= 1; at 1 the gain never falls.
    gamma : float
        Gain per error power.
    start : float
        The first gain.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 3 multiplications per sample.

    Steady state under LMS: :math:`E\mu = \gamma(\sigma_v^2 + \zeta)/(1-\alpha)`; with
    :math:`y = \gamma\sigma_v^2(3-\alpha)\mathrm{tr}R / (2(1-\alpha^2))` the misadjustment is
    :math:`(1-\sqrt{1-4y})/(1+\sqrt{1-4y})`.

    Stability (LMS, independent Gaussian regressors): :math:`E\mu^2/E\mu \le 2/(3\,\mathrm{tr}R)`.

    References
    ----------
    R. H. Kwong, E. W. Johnston, "A variable step size LMS algorithm", IEEE Trans. SP 40 (1992), eq. (5)-(6).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.KwongJohnston(low=1e-3, high=0.05))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    takes_complex: ClassVar[bool] = True
    ports: ClassVar[tuple[str, ...]] = ("gain", "forgetting")
    needs_error: ClassVar[bool] = True

    alpha: float = param(0.97, low=0, high=1, symbol="alpha", doc="forgetting of the gain", kw_only=False)
    gamma: float = param(4.8e-4, low=0, symbol="gamma", unit="gain per error power",
                         doc="drive by the error power", kw_only=False)
    start: float = param(0.01, low=0, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, the last error power, whether a sample was seen."""
        first = self.start if start is None else float(np.max(start))
        return {"now": np.full(1, first), "e2": np.zeros(1), "seen": np.zeros(1)}


class AboulnasrMayyas(Law, kernel=aboulnasr_mayyas_kernel):
    r"""Aboulnasr and Mayyas' variable step size: driven by the correlation of successive errors, not by their power.

    .. math::
        p_k = \beta\, p_{k-1} + (1-\beta)\, e_k e_{k-1}, \qquad
        \mu_{k+1} = \mathrm{clip}(\alpha\, \mu_k + \gamma\, p_k^2,\; \mathrm{low},\; \mathrm{high})

    White measurement noise has no correlation, so it does not hold the gain up as it does in `KwongJohnston`. In
    control words two leaky integrators in a row, on a measurement that the noise does not reach.

    Parameters
    ----------
    alpha : float
        Forgetting of the gain.
    beta : float
        Forgetting of the correlation.
    gamma : float
        Gain per squared correlation.
    start : float
        The first gain.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 7 multiplications per sample.

    Steady state under LMS: :math:`E\mu = \gamma(1-\beta)(\sigma_v^2+\zeta)^2 / ((1+\beta)(1-\alpha))`. The
    misadjustment lies between :math:`E\mu\,\mathrm{tr}R/2` and three times that, the more the slower p is.

    Stability (LMS, independent Gaussian regressors): as for any gain, :math:`E\mu^2/E\mu \le 2/(3\,\mathrm{tr}R)`; the
    gain grows with the fourth power of the signal, so give `high`.

    References
    ----------
    T. Aboulnasr, K. Mayyas, "A robust variable step-size LMS-type algorithm: analysis and simulations", IEEE Trans. SP
    45 (1997), eq. (9)-(11).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.AboulnasrMayyas(low=1e-3, high=0.05))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    needs_error: ClassVar[bool] = True

    alpha: float = param(0.97, low=0, high=1, symbol="alpha", doc="forgetting of the gain", kw_only=False)
    beta: float = param(0.99, low=0, high=1, symbol="beta", doc="forgetting of the correlation", kw_only=False)
    gamma: float = param(1e-3, low=0, symbol="gamma", unit="gain per squared error power",
                         doc="drive by the squared correlation", kw_only=False)
    start: float = param(0.01, low=0, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, the correlation, the last error, whether a sample was seen."""
        first = self.start if start is None else float(np.max(start))
        return {"now": np.full(1, first), "correlation": np.zeros(1), "e": np.zeros(1), "seen": np.zeros(1)}
