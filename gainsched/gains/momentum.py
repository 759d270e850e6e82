"""Momentum: heavy ball, Nesterov's look-ahead, moving average of the correction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gainsched.gains._momentum import gradient_ema_kernel, heavy_ball_kernel, nesterov_kernel
from gainsched.gains.compensator import Momentum

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class HeavyBall(Momentum, kernel=heavy_ball_kernel):
    r"""Polyak's momentum: the weights keep going.

    .. math:: w_{k+1} = w_k + \Delta_k + \beta_k (w_k - w_{k-1}), \qquad \Delta_k = \mu_k c_k v_k

    In control words :math:`z/(z-\beta)` in the loop: a lag with gain 1/(1-beta) for slow errors. Each mode has the loop
    :math:`\mu\lambda z / ((z-1)(z-\beta))`.

    Parameters
    ----------
    beta : float or Schedule
        Memory, 0 <= beta < 1.

    Notes
    -----
    Cost: 3 n multiplications per sample instead of n for the update.

    Stability in the mean, per mode: :math:`0 < \mu\lambda < 2(1+\beta)`; momentum widens the range of the gain and
    takes nearly all of the delay margin. A gain that alternates far below this bound can still diverge (parametric
    resonance).

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Comput. Math. Math. Phys. 4
    (1964).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(3000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:3000], gain=0.01, compensator=gs.HeavyBall(0.9))
    >>> print(run.w.round(6))
    [ 1.  -0.5]
    """

    def initial(self, w: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """w_k - w_{k-1}."""
        return {"velocity": 0.0 * w}

    def shares(self, beta: float) -> tuple[float, float]:
        """All of the correction enters the memory."""
        return 1.0, 0.0


class Nesterov(Momentum, kernel=nesterov_kernel):
    r"""Nesterov's momentum: output and error are taken at the look-ahead point.

    .. math:: x_{k+1} = w_k + \Delta_k, \qquad w_{k+1} = x_{k+1} + \beta_k (x_{k+1} - x_k)

    ``loop.w`` is the look-ahead point w. In control words :math:`((1+\beta)z - \beta)/(z-\beta)`: a lag with a zero
    beside it, which gives back part of the phase that a heavy ball loses.

    Parameters
    ----------
    beta : float or Schedule
        Memory, 0 <= beta < 1.

    Notes
    -----
    Cost: 4 n multiplications per sample instead of n for the update.

    Stability in the mean, per mode: :math:`0 < \mu\lambda < 2(1+\beta)/(1+2\beta)`.

    References
    ----------
    Y. Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k^2)", Soviet Math. Dokl.
    27 (1983).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(3000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:3000], gain=0.01, compensator=gs.Nesterov(0.9))
    >>> print(run.w.round(6))
    [ 1.  -0.5]
    """

    def initial(self, w: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """w - x: how far the look-ahead point lies before the iterate."""
        return {"lead": 0.0 * w}

    def shares(self, beta: float) -> tuple[float, float]:
        """A share beta of the correction enters the memory, all of it goes straight to the weights."""
        return beta, 1.0


class GradientEMA(Momentum, kernel=gradient_ema_kernel):
    r"""Exponential moving average of the correction: momentum of unit gain for slow errors, as in Adam.

    .. math:: m_{k+1} = \beta_k m_k + (1-\beta_k) \Delta_k, \qquad w_{k+1} = w_k + m_{k+1}

    In control words :math:`(1-\beta) z/(z-\beta)`: a first-order low-pass filter in the loop.

    Parameters
    ----------
    beta : float or Schedule
        Memory, 0 <= beta < 1.

    Notes
    -----
    Cost: 3 n multiplications per sample instead of n for the update.

    Stability in the mean, per mode: :math:`0 < \mu\lambda < 2(1+\beta)/(1-\beta)` (38 at beta = .9).

    References
    ----------
    J. Cohen et al., "Adaptive gradient methods at the edge of stability", arXiv 2207.14484 (2022), for the bound.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(3000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:3000], gain=0.05, compensator=gs.GradientEMA(0.9))
    >>> print(run.w.round(6))
    [ 1.  -0.5]
    """

    def initial(self, w: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """The averaged correction."""
        return {"mean": 0.0 * w}

    def shares(self, beta: float) -> tuple[float, float]:
        """A share 1 - beta of the correction enters the memory."""
        return 1.0 - beta, 0.0
