"""Gains from a diagonal model of the weights' uncertainty: Sutton's K1 and K2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._idbd import k1_kernel, k2_kernel
from gainsched.gains.base import Law, taken_over
from gainsched.gains.idbd import alive
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class K1(Law, kernel=k1_kernel):
    r"""A Kalman gain from variances of the weights that are learned as IDBD learns gains.

    .. math::
        \beta_i &\leftarrow \beta_i + \mathrm{meta}\; g_i h_i, \qquad p_i = e^{\beta_i}, \qquad
        \mu_i = \frac{p_i}{\hat R + \sum_j p_j x_j^2}, \qquad w_i \leftarrow w_i + \mu_i g_i \\
        h_i &\leftarrow (h_i + \mu_i g_i)\, [1 - \mu_i x_i^2]_0^1, \qquad g = c\, v \text{ of the filter (LMS: } e\,u)

    In control words a Kalman filter whose covariance is diagonal and tuned by the MIT rule; as NLMS it never
    overshoots.

    Parameters
    ----------
    meta : float
        Gain of the log-variance, per squared output.
    noise : float
        R-hat, the noise power to be expected in the error.
    start : float
        The first variance of every weight.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 15 multiplications per weight and sample.

    A step of a log-variance is held within 2, and with `saturate` is smaller by as much as the variances explain more
    than 100 times the noise (a burst); a variance stays within 1e-30 and 1e30. A gain that its limits hold takes its
    variance along. For filters other than LMS :math:`x_i^2` is :math:`(c/e)\, v_i u_i`.

    Stability: :math:`\sum_i \mu_i x_i^2 < 1` by construction.

    References
    ----------
    R. S. Sutton, "Gain adaptation beats least squares?", Proc. 7th Yale Workshop on Adaptive and Learning Systems
    (1992), algorithm K1.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal((5000, 8))
    >>> run = gs.LMS(gs.FIR(taps=1, channels=8)).run(x, x[:, 0] - x[:, 1], gain=gs.K1())
    >>> bool(np.abs(run.w[0, :2] - [1.0, -1.0]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True
    needs_error: ClassVar[bool] = True

    meta: float = param(0.01, low=0, unit="per output power", doc="gain of the log-variance", kw_only=False)
    noise: float = param(1.0, low=0, exclusive=True, symbol="R", unit="error power", doc="noise power",
                         kw_only=False)
    start: float = param(0.1, low=0, exclusive=True, doc="first variance", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, variances, trace, noise + sum p x^2."""
        first, variance = _variances(self, n, start)
        return {"now": first, "variance": variance, "trace": np.zeros(n), "total": np.full(1, self.noise)}


class K2(Law, kernel=k2_kernel):
    r"""A Kalman gain from variances of the weights that match the error's power.

    .. math::
        \beta_i &\leftarrow \beta_i + \mathrm{meta}\; \frac{x_i^2}{1 + \sum_j x_j^4}
        \Big(e^2 - \hat R - \sum_j p_j x_j^2\Big) \\
        p_i &= e^{\beta_i}, \qquad \mu_i = \frac{p_i}{\hat R + \sum_j p_j x_j^2}, \qquad
        w_i \leftarrow w_i + \mu_i g_i, \qquad g = c\, v \text{ of the filter (LMS: } e\,u)

    In control words a regulator of the innovation's variance (covariance matching): a larger error than the variances
    explain raises those of the inputs that were active.

    Parameters
    ----------
    meta : float
        Gain of the log-variance.
    noise : float
        R-hat, the noise power to be expected in the error. Set too high, it puts the weights to sleep.
    start : float
        The first variance of every weight.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 12 multiplications per weight and sample.

    A step of a log-variance is held within 2, a variance within 1e-30 and 1e30. A gain that its limits hold takes its
    variance along. For filters other than LMS :math:`x_i^2` is :math:`(c/e)\, v_i u_i`.

    Stability: :math:`\sum_i \mu_i x_i^2 < 1` by construction.

    References
    ----------
    R. S. Sutton, "Gain adaptation beats least squares?", Proc. 7th Yale Workshop on Adaptive and Learning Systems
    (1992), algorithm K2.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal((5000, 8))
    >>> run = gs.LMS(gs.FIR(taps=1, channels=8)).run(x, x[:, 0] - x[:, 1], gain=gs.K2(noise=0.01))
    >>> bool(np.abs(run.w[0, :2] - [1.0, -1.0]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True
    needs_error: ClassVar[bool] = True

    meta: float = param(0.01, low=0, doc="gain of the log-variance", kw_only=False)
    noise: float = param(1.0, low=0, exclusive=True, symbol="R", unit="error power", doc="noise power",
                         kw_only=False)
    start: float = param(0.1, low=0, exclusive=True, doc="first variance", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, variances, noise + sum p x^2."""
        first, variance = _variances(self, n, start)
        return {"now": first, "variance": variance, "total": np.full(1, self.noise)}


def _variances(law: K1 | K2, n: int, start: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gains in force and the variances that give them while inputs have unit power."""
    if start is None:
        return np.zeros(n), np.full(n, law.start)
    first = taken_over(start, n)
    total = law.noise / max(1.0 - first.sum(), 1e-3)
    return first, np.clip(alive(first * total, law.start), 1e-30, 1e30)
