"""msesim: what an ensemble of runs measures."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gainsched.analysis.matlab.columns import excitation, looked_at, realizations
from gainsched.errors import refusal
from gainsched.filters import FxLMS, MITRule
from gainsched.run import Record

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.loop import Loop

    Array = NDArray[Any]

_CHUNK = 4096                # samples whose weights are held at a time


class MseSim(NamedTuple):
    """Answer of `msesim`: means over the realizations."""

    mse: Array
    meanw: Array
    w: Array
    tracek: Array


def msesim(loop: Loop, x: ArrayLike, d: ArrayLike, m: int = 1) -> MseSim:
    r"""Run a loop over every column, each from its present state, and average.

    .. math:: \mathrm{mse}_k = \overline{|e_k|^2}, \qquad \mathrm{meanw}_k = \overline{w_k}, \qquad
              \mathrm{tracek}_k = \overline{|w_o - w_k|^2}

    Parameters
    ----------
    loop : Loop
        Any filter over one channel whose error is d - w'u, with any gain, law or compensator. It stays as it is.
    x, d : (N,) or (N, M) arrays
        Input and desired output; columns are realizations.
    m : int
        Decimation: rows are the samples m, 2 m, ... of N, counted from 1.

    Returns
    -------
    MseSim
        (mse, meanw, w, tracek): rows as those of `msepred`, before the update of their sample; w (L,), the mean of the
        final weights. The optimal weights w_o are the Wiener solution over all columns.

    Raises
    ------
    DivergedError
        Under the loop's ``on_divergence="raise"``. Under "stop" what follows counts as infinite error, and the weights
        as nan.
    TypeError, ValueError
        Where an argument is not of this kind.

    References
    ----------
    MathWorks, DSP System Toolbox reference, `msesim`.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x, v = np.random.default_rng(0).standard_normal((2, 2000, 10))
    >>> loop = gs.Loop(gs.LMS(4), gain=0.05)
    >>> mse, meanw, w, tracek = gs.matlab.msesim(loop, x, x + 0.1 * v, m=500)
    >>> print(mse.shape, w[0].round(1), loop.n)
    (4,) 1.0 0
    """
    n, m = looked_at("msesim", loop, m)
    if isinstance(loop.filter, FxLMS | MITRule):
        raise ValueError(refusal("msesim: filter", loop.filter, "must compare d with w'u itself: a plant between them "
                                 "leaves no Wiener solution to measure tracek from", "Try loop.run_many(X, D)."))
    exc, count = excitation("msesim", n, x, d)
    X, D = realizations("msesim: x", x), realizations("msesim: d", d)
    kept = np.arange(m - 1, count, m)
    mse, tracek = np.zeros(len(kept)), np.zeros(len(kept))
    is_complex = bool(np.iscomplexobj(X) or np.iscomplexobj(D) or np.iscomplexobj(loop.w))
    meanw, final = (np.zeros(shape, complex if is_complex else float) for shape in ((len(kept), n), (n,)))
    for column, goal in zip(X.T, D.T, strict=True):
        errors, weights, last = _simulated(copy.copy(loop), np.ascontiguousarray(column), goal, kept)
        mse += errors
        meanw += weights
        tracek += np.where(np.isfinite(errors), np.sum(np.abs(exc.w_opt - weights) ** 2, axis=1), np.inf)
        final += last
    trials = X.shape[1]
    return MseSim(mse / trials, meanw / trials, final / trials, tracek / trials)


def _simulated(loop: Loop, x: Array, d: Array, kept: Array) -> tuple[Array, Array, Array]:
    """(squared errors, weights before the sample) at the kept samples, and the final weights."""
    errors = np.full(len(kept), np.inf)
    weights = np.full((len(kept), loop.w.size), np.nan, np.result_type(loop.w, x, d))
    for begin in range(0, len(x), _CHUNK):
        start = loop.w
        run = loop.run(x[begin:begin + _CHUNK], d[begin:begin + _CHUNK], record=Record(weights=1))
        assert run.weights is not None
        rows = np.flatnonzero((kept >= begin) & (kept < begin + run.n - (run.stopped_at is not None)))
        at = kept[rows] - begin
        errors[rows] = np.abs(run.e[at]) ** 2
        weights[rows] = np.concatenate([start[None], run.weights])[at]
        if run.stopped_at is not None:
            return errors, weights, np.full(loop.w.size, np.nan)
    return errors, weights, loop.w
