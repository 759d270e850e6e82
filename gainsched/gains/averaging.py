"""Iterate averaging: compensators at the output of the loop, Polyak-Ruppert's and the schedule-free one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._averaging import polyak_ruppert_kernel, schedule_free_kernel
from gainsched.gains.compensator import Compensator
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class PolyakRuppert(Compensator, kernel=polyak_ruppert_kernel):
    r"""The mean of the iterates, beside the loop: w adapts as without it, ``loop.average`` is quiet.

    .. math:: \bar w_{k+1} = \bar w_k + \frac{w_{k+1} - \bar w_k}{\min(m, \mathrm{memory})}

    m counts the updates from sample `start` on, this one included; before that the average is w itself. ``loop.apply``
    uses the average; ``run.average`` is the one at the end of a run. The loop's own output y stays w'u.

    In control words an output filter: it takes nothing from the loop's margins. A gain that is too large for good
    estimates, averaged, gives the accuracy of least squares.

    Parameters
    ----------
    start : int
        First sample (of the loop's clock) whose iterate enters the mean: after the transient has died.
    memory : float
        Updates remembered. Infinite: the mean of all; finite: beyond so many an exponential average, which tracks.

    Notes
    -----
    Cost: 2 n multiplications per update more than without it.

    Stability: that of the loop without it.

    Steady state, g = H w + noise of covariance C in the correction: for gains :math:`a/k^g`, 1/2 < g < 1, and for small
    constant gains the covariance of the average tends to :math:`H^{-1} C H^{-1} / m`, that of the best estimate.

    References
    ----------
    B. T. Polyak, A. B. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30
    (1992), theorem 1. D. Ruppert, "Efficient estimations from a slowly convergent Robbins-Monro process", Cornell
    University, ORIE report 781 (1988).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal(5000)
    >>> d = np.convolve(x, [1.0, -0.5])[:5000] + rng.standard_normal(5000)
    >>> run = gs.LMS(2).run(x, d, gain=0.05, compensator=gs.PolyakRuppert(start=500))
    >>> print(np.abs(run.w - [1, -0.5]).round(3), np.abs(run.average - [1, -0.5]).round(3))
    [0.072 0.014] [0.021 0.007]
    """

    averages: ClassVar[bool] = True

    start: int = param(0, kind="integer", low=0, unit="samples", doc="first sample whose iterate is averaged",
                       kw_only=False)
    memory: float = param(math.inf, low=1.0, unit="updates", doc="updates remembered")

    def initial(self, w: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """The average, how many iterates it is of."""
        return {"average": w.copy(), "count": np.zeros(1)}


class ScheduleFree(Compensator, kernel=schedule_free_kernel):
    r"""Averaging inside the loop, in place of a gain that falls.

    .. math::
        z_{k+1} = z_k + \Delta_k, \qquad
        x_{k+1} = (1 - c_k)\, x_k + c_k z_{k+1}, \qquad
        w_{k+1} = (1-\beta_k)\, z_{k+1} + \beta_k x_{k+1}, \qquad
        c_k = \frac{\mu_k^2}{\sum_{j \le k} \mu_j^2}

    ``loop.w`` is w, where output, error and correction are taken (the paper's y); ``loop.average`` is x, the answer.
    ``loop.apply`` uses x. With one gain per weight :math:`\mu_k^2` is the mean of their squares.

    In control words an averaging observer of gain 1/k, fed back: for errors that are new to x the loop's gain is
    multiplied by 1 - beta.

    Parameters
    ----------
    beta : float or Schedule
        How far w lies towards the average, 0 <= beta < 1. At 0 the average stands beside a plain loop.

    Notes
    -----
    Cost: 5 n multiplications per update more than without it.

    Stability in the mean, per mode, at a constant gain and once the average moves slowly:
    :math:`0 < \mu\lambda < 2/(1-\beta)`; while it is young (c near 1) that of the plain loop.

    References
    ----------
    A. Defazio et al., "The road less scheduled", NeurIPS 2024, arXiv 2405.15682, eq. (3)-(5) and algorithm 1.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(3000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:3000], gain=0.1, compensator=gs.ScheduleFree(0.9))
    >>> print(run.average.round(3))
    [ 1.  -0.5]
    """

    averages: ClassVar[bool] = True
    ports: ClassVar[tuple[str, ...]] = ("beta",)

    beta: Any = param(0.9, kind="number or Schedule", low=0.0, high=1.0, symbol="beta", doc="pull towards the average",
                      kw_only=False)

    def initial(self, w: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """The average, the iterate, the sum of squared gains."""
        return {"average": w.copy(), "iterate": w.copy(), "weight": np.zeros(1)}
