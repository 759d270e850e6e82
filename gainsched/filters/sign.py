"""The sign family: relays in the adaptation loop."""

from __future__ import annotations

from typing import ClassVar

from gainsched.filters._sign import both_kernel, data_kernel, error_kernel
from gainsched.filters.base import Filter

BOUNDED = {"stops_where_it_diverges": "the sign of the error bounds every step: a large gain gives a limit cycle"}


class SignErrorLMS(Filter, kernel=error_kernel):
    r"""Sign-error LMS: a relay on the error.

    .. math:: w_{k+1} = w_k + \mu_k\, \mathrm{sgn}(e_k)\, u_k, \qquad \mathrm{sgn}(0) = 0

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.

    Notes
    -----
    Gain: :math:`\mu`, in (unit of d) / (power of x); no default.

    Cost: 2 n multiplications per sample.

    Stability: bounded in the mean for every gain under Gaussian signals; what remains is a limit cycle of size
    :math:`a = \sqrt{\pi/8}\, \mu\, \mathrm{tr}R`.

    Steady state, Gaussian signals: EMSE :math:`= (a/2)(a + \sqrt{a^2 + 4\sigma_v^2})`.

    References
    ----------
    A. Gersho, "Adaptive filtering with binary reinforcement", IEEE Trans. IT 30 (1984). V. J. Mathews, S. H. Cho,
    "Improved convergence analysis of stochastic gradient adaptive filters using the sign algorithm", IEEE Trans.
    ASSP 35 (1987).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.SignErrorLMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=0.002)
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    gain_unit: ClassVar[str] = "(unit of d)/(power of x)"
    exemptions: ClassVar[dict[str, str]] = BOUNDED


class SignDataLMS(Filter, kernel=data_kernel):
    r"""Sign-data LMS: a relay on the regressor.

    .. math:: w_{k+1} = w_k + \mu_k\, e_k\, \mathrm{sgn}(u_k), \qquad \mathrm{sgn}(0) = 0

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.

    Notes
    -----
    Gain: :math:`\mu`, in 1 / (unit of x); no default.

    Cost: 2 n multiplications per sample.

    Stability, white Gaussian input: :math:`\mu < 2 \sqrt{2/\pi} / (N \sigma_x)`. For some inputs the mean
    diverges at every gain, because sgn(u) need not correlate with u.

    Steady state, white Gaussian input: EMSE
    :math:`= \mu \sigma_v^2 N / (2\sqrt{2/\pi}/\sigma_x - \mu N)`.

    References
    ----------
    E. Eweda, "Analysis and design of a signed regressor LMS algorithm for stationary and nonstationary adaptive
    filtering with correlated Gaussian data", IEEE Trans. CAS 37 (1990).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.SignDataLMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=0.02)
    >>> print(run.w.round(6))
    [ 1.  -0.5]
    """

    gain_unit: ClassVar[str] = "1/(unit of x)"


class SignSignLMS(Filter, kernel=both_kernel):
    r"""Sign-sign LMS: relays on error and regressor; only additions, as in ADPCM.

    .. math:: w_{k+1} = w_k + \mu_k\, \mathrm{sgn}(e_k)\, \mathrm{sgn}(u_k), \qquad \mathrm{sgn}(0) = 0

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.

    Notes
    -----
    Gain: :math:`\mu`, in the unit of w; no default. Every step moves every weight by exactly :math:`\mu`.

    Cost: n multiplications per sample (the output).

    Stability: no bound in general; some periodic inputs make it diverge at every gain (Dasgupta and Johnson).

    Steady state, white Gaussian input: EMSE
    :math:`\zeta = (\pi/4) \mu N \sigma_x \sqrt{\sigma_v^2 + \zeta}`.

    References
    ----------
    T. A. C. M. Claasen, W. F. G. Mecklenbrauker, "Comparison of the convergence of two algorithms for adaptive FIR
    digital filters", IEEE Trans. ASSP 29 (1981). S. Dasgupta, C. R. Johnson, "Some comments on the behavior of
    sign-sign adaptive identifiers", Systems & Control Letters 7 (1986).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.SignSignLMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=0.002)
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    gain_unit: ClassVar[str] = "unit of the weights"
    exemptions: ClassVar[dict[str, str]] = BOUNDED
