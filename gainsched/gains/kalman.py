"""The Kalman gain: the full gain matrix that a random-walk model of the weights makes optimal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._kalman import kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class KalmanGain(Law, kernel=kernel):
    r"""Kalman gain of weights that walk at random: the optimal schedule, a gain matrix that a Riccati equation drives.

    .. math::
        K_k = \frac{P_k x_k}{r + x_k' P_k x_k}, \qquad w_{k+1} = w_k + K_k e_k, \qquad
        P_{k+1} = P_k - K_k x_k' P_k + q I, \qquad P_0 = \mathrm{start}\, I

    for the model :math:`w_{k+1} = w_k + \sqrt{q}\,\xi_k`, :math:`d_k = x_k' w_k + \sqrt{r}\,\nu_k`, both noises white.
    x is the direction in which the filter's error falls (LMS: the regressor; FxLMS and MITRule: the filtered one), so
    that every gradient filter becomes its Kalman filter.

    In control words the observer gain of an integrator per weight: q is how much the weights are trusted to stay, r
    how much the error is trusted. Diagonal laws (IDBD, RMSProp, Adam) approximate the inverse Hessian by a diagonal;
    this law keeps the matrix.

    Parameters
    ----------
    q : float
        Variance that every weight gains per update, by which it may drift.
    r : float
        Variance of the noise in the error.
    start : float
        Variance of the weights before the first sample: :math:`P_0` on the diagonal.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`. They act on the largest element of the gain's diagonal,
        :math:`P_{ii} / (r + x' P x)`, and scale the matrix; P itself goes on as it is.

    Notes
    -----
    Cost: n^2 + 5 n multiplications per sample, that of RLS; P lives on its upper triangle.

    Only q / r and start / r matter. With q = 0 the law is `RLS` with forgetting 1 and delta = start / r. A record in
    which q / r is small against 1 gives a scalar weight the steady gain :math:`K = p / (1 + p)`,
    :math:`p = (\rho + \sqrt{\rho^2 + 4 \rho}) / 2` with :math:`\rho = q x^2 / r`, and a memory of about
    :math:`\sqrt{r / (q x^2)}` samples.

    Stability: every q >= 0 and r > 0 is stable, whatever the regressors: :math:`0 \le x' K < 1`, so no step ever
    carries the error past zero. In silence P grows by q per sample, linearly, not exponentially as in least squares
    with forgetting.

    Over a block of regressors (one update for the mean over the block) the same equations take the block in at once.

    References
    ----------
    R. E. Kalman, "A new approach to linear filtering and prediction problems", J. Basic Eng. 82 (1960). L. Ljung,
    S. Gunnarsson, "Adaptation and tracking in system identification: a survey", Automatica 26 (1990), section 3.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.ones(200)
    >>> run = gs.LMS(1).run(x, x, gain=gs.KalmanGain(q=0.01, r=1.0), record=gs.Record(gain=1))
    >>> print(run.gain[[0, 1, -1], 0].round(7))
    [0.5       0.3377483 0.0951249]
    """

    per_weight: ClassVar[bool] = True
    needs_error: ClassVar[bool] = True

    q: float = param(1e-5, low=0, symbol="q", unit="w^2 per update", doc="variance that a weight gains", kw_only=False)
    r: float = param(1.0, low=0, exclusive=True, symbol="r", unit="d^2", doc="variance of the noise", kw_only=False)
    start: float = param(1.0, low=0, unit="w^2", doc="variance of the weights before the first sample", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, P, the direction P x."""
        first = np.zeros(n) if start is None else np.broadcast_to(np.asarray(start, dtype=np.float64), (n,)).copy()
        # a gain in force is P_ii over r + x'Px: at small gains P is r times it
        variance = np.full(n, self.start) if start is None else self.r * first
        return {"now": first, "P": np.diag(variance), "direction": np.zeros(n)}
