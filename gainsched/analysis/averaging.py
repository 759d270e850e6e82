"""What averaging the iterates leaves: the bound that no gain beats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import NoTheory, refusal
from gainsched.excitation import Excitation

if TYPE_CHECKING:
    from numpy.typing import NDArray


def averaged_covariance(exc: Excitation, n: int, gradient_noise: NDArray[Any] | None = None) -> NDArray[Any]:
    r"""Covariance of the mean of n iterates (Polyak and Ruppert): :math:`H^{-1} C H^{-1}/n`, what no gain can beat.

    It holds for gains :math:`a/k^p` with 1/2 < p < 1, whatever a is, once the start is forgotten. For LMS H = R and C =
    noise R, so that the average is as good as RLS: noise R^-1/n.

    Parameters
    ----------
    exc : Excitation
        H is its R; its noise gives C where gradient_noise is not given.
    n : int
        Iterates averaged, > 0.
    gradient_noise : (N, N) array, optional
        C, the covariance of the noise of the corrections at the optimum. Default: noise R.

    Returns
    -------
    (N, N) array

    Raises
    ------
    ValueError
        When n is not positive, or C of another size.
    NoTheory
        When R is singular, or the weights drift.

    Notes
    -----
    B. T. Polyak, A. B. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30
    (1992).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> exc = gs.Excitation(np.diag([2.0, 0.5]), noise=0.01)
    >>> print(gs.averaged_covariance(exc, n=1000).diagonal())
    [5.e-06 2.e-05]
    """
    if not isinstance(exc, Excitation):
        raise TypeError(refusal("averaged_covariance: exc", exc, "must be an Excitation", "Try gs.Excitation(1.0)."))
    if not n > 0:
        raise ValueError(refusal("averaged_covariance: n", n, "must be > 0"))
    if exc.drift is not None:
        raise NoTheory("no theory for averages of weights that drift: an average lags behind.")
    R = np.atleast_2d(exc.R)
    if not np.all(exc.modes > 0):
        raise NoTheory("no theory for averages where modes carry no power: those weights never move.")
    C = exc.noise * R if gradient_noise is None else np.asarray(gradient_noise)
    if C.shape != R.shape:
        raise ValueError(refusal("averaged_covariance: gradient_noise", C.shape, f"must have shape {R.shape}"))
    half = np.linalg.solve(R, C)
    return np.asarray(np.linalg.solve(R, half.conj().T).conj().T / n)
