"""msepred: what statistics predict of an LMS loop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gainsched.analysis.gradient import Gradient
from gainsched.analysis.linear import has_moments
from gainsched.analysis.matlab.columns import excitation, looked_at
from gainsched.errors import NoTheory
from gainsched.gains import PolyakRuppert

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

    Array = NDArray[Any]


class MsePred(NamedTuple):
    """Answer of `msepred`: powers of d, weights, and the sum of their squared errors."""

    mmse: float
    emse: float
    meanw: Array
    mse: Array
    tracek: Array


def msepred(loop: Loop, x: ArrayLike, d: ArrayLike, m: int = 1) -> MsePred:
    r"""Predict an LMS loop's error power, weights and steady state from the statistics of x and d.

    From all columns together: covariance R of the complete regressors, Wiener weights :math:`w_o = R^{-1}E[u^*d]`,
    their residual power mmse, and the kurtosis of the modes. From the loop's present weights on, under its gains

    .. math:: E w_{k+1} = E w_k + \mu_k \bar R\,(w_o - E w_k), \qquad
              \mathrm{mse}_k = \mathrm{mmse} + \mathrm{tr}(R K_k), \qquad \mathrm{tracek}_k = \mathrm{tr} K_k

    with the recursion of `gainsched.analysis.meansquare` for the covariance K of the weight error.

    Parameters
    ----------
    loop : Loop
        LMS, or another filter whose moments are known (NLMS, DelayedLMS, BlockLMS), over one channel. It is not run.
    x, d : (N,) or (N, M) arrays
        Input and desired output; columns are realizations.
    m : int
        Decimation: rows are the samples m, 2 m, ... of N, counted from 1.

    Returns
    -------
    MsePred
        (mmse, emse, meanw, mse, tracek): least error power of any weights; steady excess over it (inf: unstable, nan:
        unknown); mean weights (N // m, L), mean squared a-priori errors (N // m,), E|w_o - w|^2 (N // m,), all of them
        before the update of the row's sample: ``mse = mmse + tr(R K)`` row by row.

    Raises
    ------
    NoTheory
        For other filters, compensators other than an average, laws and gains per weight.
    TypeError, ValueError
        Where an argument is not of this kind.

    Notes
    -----
    Where this differs from ``gs.analyze(loop, x=x, d=d)``: weights that move count as noise here (MATLAB knows no
    drift), mmse is the plain mean of the residual (there: divided by rows less rank), and several realizations are
    pooled. Regressors are taken as independent in both.

    References
    ----------
    A. Feuer, E. Weinstein, "Convergence analysis of LMS filters with uncorrelated Gaussian data", IEEE Trans. ASSP 33
    (1985). MathWorks, DSP System Toolbox reference, `dsp.LMSFilter` `msepred`.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x, v = np.random.default_rng(0).standard_normal((2, 2000, 10))
    >>> d = x + 0.1 * v
    >>> mmse, emse, meanw, mse, tracek = gs.matlab.msepred(gs.Loop(gs.LMS(4), gain=0.05), x, d, m=500)
    >>> round(mmse, 3), round(emse, 4), mse.shape, meanw.shape
    (0.01, 0.0012, (4,), (4, 4))
    """
    n, m = looked_at("msepred", loop, m)
    name = type(loop.filter).__name__
    if not has_moments(loop.filter):
        raise NoTheory(f"msepred: no theory for {name}: the moments of its update are not known.")
    if loop.compensator is not None and not isinstance(loop.compensator, PolyakRuppert):
        raise NoTheory(f"msepred: no theory for {name} with {type(loop.compensator).__name__} under MATLAB's names; "
                       "gs.analyze has some.")
    exc, count = excitation("msepred", n, x, d)
    theory = Gradient(loop, exc)
    emse, msd = theory.curve(count, 1, None, 1.0)
    rows = slice(m - 1, None, m)
    steady = theory.steady()[0]
    return MsePred(exc.noise, math.nan if steady is None else steady, _mean_weights(loop, exc, theory, count)[rows],
                   exc.noise + emse[rows], msd[rows])


def _mean_weights(loop: Loop, exc: Excitation, theory: Gradient, count: int) -> Array:
    """E w before each of the coming samples."""
    assert exc.w_opt is not None
    vectors, late, first = exc.basis()[1], theory.delay, loop.n
    ks = np.arange(first, first + count)
    gains = np.nan_to_num(theory.updates(ks))
    error = vectors.conj().T @ (exc.w_opt - loop.w)
    rows = np.empty((count, len(error)), error.dtype)
    for i, gain in enumerate(gains.tolist()):
        rows[i] = error
        if ks[i] >= late:
            error = error - gain * theory.moments.a * rows[max(i - late, 0)]
    return np.asarray(exc.w_opt - rows @ vectors.T)
