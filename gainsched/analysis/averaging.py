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


def averaged_powers(powers: NDArray[Any], pull: NDArray[Any], n: int, memory: float) -> NDArray[Any]:
    r"""Power of each mode in the average of n iterates of a settled loop, whose own powers are c.

    Without drift :math:`E[x_k x_{k-l}] = c\,r^l` with r = 1 - pull, so that the mean of m iterates has

    .. math:: A_m = \frac{c}{m^2}\Big(m + 2\sum_{l=1}^{m-1}(m-l)\,r^l\Big), \qquad
              X_m = E[\bar x_m x] = \frac cm\,\frac{1-r^m}{1-r} .

    Beyond the memory M the average is exponential, :math:`A^+ = (1-\alpha)^2 A + 2\alpha(1-\alpha) r X + \alpha^2 c`,
    :math:`X^+ = (1-\alpha) r X + \alpha c` with :math:`\alpha = 1/M`.

    Examples
    --------
    >>> import numpy as np
    >>> print(averaged_powers(np.array([1.0]), np.array([0.1]), 1000, np.inf).round(5))     # about (2 - pull)/(pull n)
    [0.01882]
    """
    m = int(min(n, memory))
    r, left = 1.0 - pull, np.where(pull > 0, pull, 1.0)
    once = (1.0 - r**m) / left
    A = powers * np.where(pull > 0, (m + 2.0 * r * (m - once) / left) / m**2, 1.0)
    X = powers * np.where(pull > 0, once / m, 1.0)
    alpha = 1.0 / memory
    for _ in range(n - m):
        before, A = A, (1.0 - alpha) ** 2 * A + 2.0 * alpha * (1.0 - alpha) * r * X + alpha**2 * powers
        X = (1.0 - alpha) * r * X + alpha * powers
        if np.allclose(before, A, rtol=1e-12 * alpha, atol=0.0, equal_nan=True):
            break
    return np.asarray(A)
