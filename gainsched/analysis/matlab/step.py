"""maxstep: the largest step sizes of an LMS filter, as MATLAB's documentation states them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gainsched.analysis.matlab.columns import realizations, taps
from gainsched.errors import NoTheory, refusal
from gainsched.filters import LMS, NLMS, Filter, SignDataLMS, SignErrorLMS, SignSignLMS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]


class MaxStep(NamedTuple):
    """Answer of `maxstep`: bounds of the gain for the mean and for the mean square of the weights."""

    mumax: float
    mumaxmse: float


def maxstep(filter: Filter, x: ArrayLike) -> MaxStep:
    r"""Largest step sizes of an LMS filter for this input, as MATLAB's documentation states them.

    .. math:: \mu_{max} = \frac{2}{L\,\overline{|x|^2}}, \qquad
              \mu_{maxMSE} = \frac{2}{\sum_i \lambda_i + \lambda_{max}\,(\mathrm{Kurt} + 2)}

    The :math:`\lambda_i` are the eigenvalues of the input's L x L autocorrelation matrix (biased estimate: their sum is
    :math:`L\,\overline{|x|^2}`). Kurt is the mean over its eigenvectors v of :math:`E|u|^4/(E|u|^2)^2 - 3` for x
    filtered by v; with this definition the formula holds for complex input as well (circular Gaussian: Kurt = -1).
    Eigenvectors that no power passes are left out of that mean.

    Parameters
    ----------
    filter : Filter
        LMS, NLMS (both bounds 2), SignErrorLMS, SignDataLMS or SignSignLMS (both infinite), over one channel.
    x : (N,) or (N, M) array, or number
        Input; columns are realizations. Zero mean is assumed.

    Returns
    -------
    MaxStep
        (mumax, mumaxmse), 1 / (power of x); NLMS: without unit.

    Raises
    ------
    NoTheory
        For other filters: MATLAB documents no formula.
    TypeError, ValueError
        Where filter or x is not of this kind.

    Notes
    -----
    mumax is not :math:`2/\lambda_{max}`, where the mean stops to converge, but what is left of it for the least
    favorable spectrum. mumaxmse puts :math:`\lambda_{max}` for every mode into the exact condition
    :math:`\sum_i \mu\lambda_i/(2(1-\mu\lambda_i)) < 1` of independent Gaussian input: never above the exact bound
    (``gs.analyze(loop, exc).range``), equal to it for white input. Both take a delay line's regressors as independent,
    which colored input makes optimistic.

    MATLAB's page prints 0.0625 and 0.0536 for the example below, from random numbers of its own. The formula's exact
    value is 0.05314 (:math:`\lambda_{max} = 2.952`, Kurt = -0.091): 0.0536 takes Kurt = -0.2, which is what the
    kurtosis over the 50 realizations, sample by sample, averages to (over so few it is low by about 6/51). Here Kurt
    is a mean over all samples: any number of realizations gives the same bound.

    The sign algorithms' inf says that no gain lets their mean error power grow without bound under Gaussian signals. It
    does not say that any gain is of use, and for SignDataLMS it is not even that: white Gaussian input sets
    :math:`\mu < 2\sqrt{2/\pi}/(L\sigma_x)`.

    References
    ----------
    A. Feuer, E. Weinstein, "Convergence analysis of LMS filters with uncorrelated Gaussian data", IEEE Trans. ASSP 33
    (1985). MathWorks, DSP System Toolbox reference, `dsp.LMSFilter` `maxstep`.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> from scipy.signal import lfilter
    >>> x = lfilter([0.75**0.5], [1, -0.5], np.sign(np.random.default_rng(0).standard_normal((2000, 50))), axis=0)
    >>> mumax, mumaxmse = gs.matlab.maxstep(gs.LMS(32), x)              # the example of MATLAB's page
    >>> round(mumax, 3), round(mumaxmse, 3)
    (0.063, 0.053)
    """
    if not isinstance(filter, Filter):
        raise TypeError(refusal("maxstep: filter", filter, "must be a filter", "Try gs.LMS(32)."))
    n, X = taps("maxstep", filter), realizations("maxstep: x", x)
    if isinstance(filter, NLMS):
        return MaxStep(2.0, 2.0)
    if isinstance(filter, SignErrorLMS | SignDataLMS | SignSignLMS):
        return MaxStep(math.inf, math.inf)
    if not isinstance(filter, LMS):
        raise NoTheory(f"maxstep: MATLAB documents no formula for {type(filter).__name__}; gs.analyze(loop, x=x, d=d) "
                       "tells its range where theory has one.")
    power = float(np.mean(np.abs(X) ** 2))
    if power == 0.0:
        return MaxStep(math.inf, math.inf)
    modes, kurtosis = _spectrum(X, n)
    return MaxStep(2.0 / (n * power), 2.0 / float(modes.sum() + modes[-1] * (kurtosis + 2.0)))


def _spectrum(X: Array, n: int) -> tuple[Array, float]:
    """(eigenvalues ascending, mean excess kurtosis of what passes the eigenvectors) of the input."""
    from scipy.linalg import toeplitz
    from scipy.signal import oaconvolve

    lags = np.zeros(n, X.dtype)
    for lag in range(min(n, len(X))):
        lags[lag] = np.vdot(X[:len(X) - lag], X[lag:]) / X.size
    modes, vectors = np.linalg.eigh(toeplitz(lags))
    live = modes > n * 1e-12 * modes[-1]
    fourth = [np.sum(np.abs(oaconvolve(X, v[:, None], axes=0)) ** 4) / X.size for v in vectors.T[live]]
    return np.maximum(modes, 0.0), float(np.mean(np.array(fourth) / modes[live] ** 2)) - 3.0
