"""Leaky least mean squares."""

from __future__ import annotations

from gainsched.filters._leaky import kernel
from gainsched.filters.base import Filter
from gainsched.param import param


class LeakyLMS(Filter, kernel=kernel):
    r"""LMS whose integrator leaks: bounded weights at the price of a bias.

    .. math:: w_{k+1} = (1 - \mu_k\, \mathrm{leak})\, w_k + \mu_k\, e_k u_k

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.
    leak : float
        Weight of the penalty on :math:`|w|^2`, in units of the power of x.

    Notes
    -----
    Gain: :math:`\mu`, in 1 / (power of x); no default.

    Cost: 3 n multiplications per sample.

    Stability in the mean: :math:`0 < \mu < 2/(\lambda_{max} + \mathrm{leak})`; in the mean square, independent
    regressors, up to the bound that `analyze` gives.

    Steady state: the mean weights tend to :math:`(R + \mathrm{leak}\, I)^{-1} R\, w_o`.

    References
    ----------
    K. Mayyas, T. Aboulnasr, "Leaky LMS algorithm: MSE analysis for Gaussian data", IEEE Trans. SP 45 (1997).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).choice([-1.0, 1.0], 5000)
    >>> run = gs.LeakyLMS(1, leak=0.25).run(x, x, gain=0.05)
    >>> print(run.w.round(6))
    [0.8]
    """

    leak: float = param(1e-3, low=0, symbol="leak", unit="power of x", doc="penalty on the weights' energy")
