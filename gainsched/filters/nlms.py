"""Normalized least mean squares."""

from __future__ import annotations

from typing import Any, ClassVar

from gainsched.filters._nlms import kernel
from gainsched.filters.base import Filter
from gainsched.param import param


class NLMS(Filter, kernel=kernel):
    r"""Normalized LMS: a gain without units.

    .. math:: w_{k+1} = w_k + \mu_k\, \frac{e_k u_k^*}{\epsilon + |u_k|^2}

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.
    eps : float
        Regularization, in units of the power of x (summed over the regressor).

    Notes
    -----
    Gain: :math:`\mu`, dimensionless, default 0.5; plain numbers above 2 are refused.

    Cost: 3 n multiplications per sample.

    Stability: :math:`0 < \mu < 2` for every signal: the a-posteriori error of a sample is
    :math:`(1 - \mu |u|^2 / (\epsilon + |u|^2))\, e`.

    Steady state, white Gaussian input: EMSE :math:`= \frac{\mu \sigma_v^2}{2 - \mu} \frac{N}{N - 2}`;
    the analysis integrates the exact moments for any covariance and eps.

    References
    ----------
    R. R. Bitmead, B. D. O. Anderson, "Performance of adaptive estimation algorithms in dependent random
    environments", IEEE Trans. AC 25 (1980). D. T. M. Slock, "On the convergence behavior of the LMS and the
    normalized LMS algorithms", IEEE Trans. SP 41 (1993).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(1000)
    >>> run = gs.NLMS(2).run(100 * x, np.convolve(x, [1.0, -0.5])[:1000])
    >>> print(run.w.round(6))
    [ 0.01  -0.005]
    """

    default_gain: ClassVar[float | None] = 0.5
    gain_high: ClassVar[float] = 2.0
    gain_unit: ClassVar[str] = ""
    takes_complex: ClassVar[bool] = True

    eps: float = param(1e-6, low=0, symbol="eps", unit="power of x", doc="regularization")

    def moments(self, exc: Any) -> Any:
        """Exact under independent Gaussian regressors: one-dimensional integrals over the covariance's modes."""
        return exc.sized(self.model.n).normalized_moments(self.eps)
