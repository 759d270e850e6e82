r"""The forgetting of RLS as a Kalman filter: which memory follows a walk best at every sample.

While the memory is long against the weights, the theory of `gainsched.analysis.leastsquares` reads, with
:math:`b_k = \sum_i\prod_{j>i}\lambda_j` and the share :math:`K_k = 1/b_{k+1}` of the newest sample,

.. math::
    p_{k+1} = (1 - K_k)^2 p_k + K_k^2 r + q, \qquad b_{k+1} = \lambda_k b_k + 1, \qquad
    r = \sigma_n^2\,\mathrm{tr}R^{-1}, \quad q = \mathrm{tr}Q,

p the MSD. This is a scalar Kalman filter that knows nothing at first; its gain is the best at every horizon:

.. math:: K_k = \frac{p_k}{p_k + r} \quad\Longleftrightarrow\quad \lambda_k = \frac{1}{1 + (q/r)\, b_k} .
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis import leastsquares
from gainsched.errors import NoTheory
from gainsched.gains import Constant
from gainsched.tuning.knots import TOLERANCE, lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.excitation import Excitation
    from gainsched.filters import RLS
    from gainsched.gains import Schedule

    Array = NDArray[np.float64]

_WEIGHTS = 4                 # samples per weight before which theory cannot choose: at 2 and 3 a short memory of still
                             # weights is predicted to beat all samples, as nothing does


def walk_and_noise(exc: Excitation) -> tuple[float, float]:
    """(q, r) of the scalar Kalman filter."""
    if not np.all(exc.modes > 0):
        raise NoTheory("no theory for RLS where some directions carry no power: their error is never corrected.")
    q = 0.0 if exc.drift is None else float(np.trace(exc.drift).real)
    r = exc.noise * float(np.sum(1.0 / exc.modes))
    if q > 0 and r == 0:
        raise NoTheory("no theory for weights that walk without noise: the best memory is shorter than the weights.")
    return q, r


def factors(q: float, r: float, steps: int) -> Array:
    """The best forgetting factors.

    Examples
    --------
    >>> factors(0.01, 1.0, 4).round(5)
    array([1.     , 0.9901 , 0.98049, 0.97133])
    """
    out, b, ratio = np.ones(steps), 0.0, q / r if q else 0.0
    for k in range(steps):
        out[k] = factor = 1.0 / (1.0 + ratio * b)
        b = factor * b + 1.0
    return out


def best_forgetting(exc: Excitation, steps: int) -> Schedule:
    """Its schedule in few knots; forgetting 1 for weights that stand still."""
    q, r = walk_and_noise(exc)
    if not q:
        return Constant(1.0)
    values = factors(q, r, steps)
    return lines(values, TOLERANCE * (1.0 - values))


def best_constant(filter: RLS, exc: Excitation, steps: int, w_opt_power: float) -> Schedule:
    """The constant factor that leaves the least MSD after so many samples, scatter and prior included."""
    from scipy.optimize import minimize_scalar

    q, _ = walk_and_noise(exc)
    n = filter.model.n
    if steps < _WEIGHTS * n:
        raise NoTheory(f"no theory for RLS before {_WEIGHTS} samples per weight: steps must be >= {_WEIGHTS * n}.")
    if not q:
        return Constant(1.0)
    vectors = exc.basis()[1]
    drift = np.maximum(np.einsum("ji,jk,ki->i", vectors.conj(), exc.drift, vectors).real, 0.0)
    start = np.full(n, w_opt_power / n)

    def msd(log_loss: float) -> float:
        value = 1.0 - math.exp(log_loss)
        rows = leastsquares.curve(exc.modes, start, lambda ks: np.full(len(ks), value), range(steps, steps + 1),
                                  exc.noise, drift, filter.delta, exc.circular)
        total = float(rows.sum())
        return math.inf if math.isnan(total) else math.log(total)

    found = minimize_scalar(msd, bounds=(math.log(1e-9), math.log(0.5 / n)), method="bounded")
    return Constant(1.0 - math.exp(float(found.x)))
