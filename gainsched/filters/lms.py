"""Least mean squares."""

from __future__ import annotations

from typing import Any, ClassVar

from gainsched.filters._lms import kernel
from gainsched.filters.base import Filter


class LMS(Filter, kernel=kernel):
    r"""Least mean squares (stochastic gradient).

    .. math:: w_{k+1} = w_k + \mu_k\, e_k u_k^*

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.

    Notes
    -----
    Gain: :math:`\mu`, in 1 / (power of x). It has no default: the safe range depends on the signal
    (`gainsched.analyze` states it).

    Cost: 2 n multiplications per sample.

    Stability, independent Gaussian regressors with covariance eigenvalues :math:`\lambda_i`: in the mean
    :math:`0 < \mu < 2/\lambda_{max}`; in the mean square :math:`\mu < 1/\lambda_{max}` and
    :math:`S = \sum_i \mu\lambda_i / (2 (1 - \mu\lambda_i)) < 1` (white: :math:`\mu < 2/((N+2)\sigma_x^2)`).
    The bound is not safe for a delay line, above all with colored input; `gainsched.DelayLine` has the exact one of
    short lines.

    Steady state: EMSE :math:`= \sigma_v^2 S / (1 - S)`, for small gains
    :math:`\mu\sigma_v^2\,\mathrm{tr}R / 2`.

    Complex x or d give complex w, with y = w'u unconjugated.

    References
    ----------
    B. Widrow et al., "Stationary and nonstationary learning characteristics of the LMS adaptive filter",
    Proc. IEEE 64 (1976). A. Feuer, E. Weinstein, "Convergence analysis of LMS filters with uncorrelated Gaussian
    data", IEEE Trans. ASSP 33 (1985).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=0.05)
    >>> print(run.w.round(6))
    [ 1.  -0.5]
    """

    takes_complex: ClassVar[bool] = True

    def moments(self, exc: Any) -> Any:
        """Exact under independent Gaussian regressors."""
        return exc.sized(self.model.n).linear_moments()
