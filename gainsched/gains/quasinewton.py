"""Online quasi-Newton: gain matrices that learn the inverse Hessian from steps and gradient changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._quasinewton import dense_kernel, limited_kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class OnlineBFGS(Law, kernel=dense_kernel):
    r"""Online BFGS: a full gain matrix that learns the inverse Hessian from the steps it takes.

    .. math::
        s &= \mathrm{rate}\, B_k g_k, \qquad w_{k+1} = w_k + s, \qquad
        y = (x_k x_k' + \lambda_k I)\, s, \qquad \rho = 1 / s'y \\
        B_{k+1} &= (I - \rho\, s y')\, B_k\, (I - \rho\, y s') + \rho\, s s' + \mathrm{reset}\, B^0_k,
        \qquad B^0_k = I / ((1 + \mathrm{damping}) |x_k|^2)

    with g the filter's correction at unit gain (LMS: e x). y is what the step takes off the gradient of the same
    sample, in closed form because the gradient is linear in w, so no gradient is taken twice; over a block of
    regressors it is the mean over the block. :math:`\lambda_k = \mathrm{damping}\,|x_k|^2`, and B starts as
    :math:`\mathrm{scaling}\, B^0_0`, the scale that the paper gives B after its first step. So the law has no units:
    signals may be scaled at will.

    In control words a decoupling gain: it makes all modes equally fast, as RLS and `KalmanGain` do with the whole
    matrix and diagonal laws (RMSProp, Adam, IDBD) do as far as a diagonal can.

    Parameters
    ----------
    rate : float
        Gain on the Newton step. B settles where :math:`x'Bx` is about 1, so that it acts as the gain of NLMS does.
    damping : float
        :math:`\lambda` as a part of the regressor's power: how much curvature every direction has at least.
    scaling : float
        Trust in the first B, in units of the first step's own scale: the paper's 1 / c. (c B obeys the same recursion
        for any c, so its c acts on B_0 alone.)
    reset : float
        Part of the first step's matrix that every sample adds. Without it (0, the paper's form) a direction in which a
        burst has made B vanish never comes back, because no step goes there.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`; they act on the largest element of B's diagonal times rate. `saturate`
        here keeps :math:`\mathrm{rate}\, x'Bx \le 1`: no step carries the error past zero, which is what bounds the
        first samples, when B is still to be learned.

    Notes
    -----
    Cost: 3 n^2 + 12 n multiplications per sample.

    Stability: with `saturate` no step overshoots its own sample, whatever B is. B stays positive definite, as s'y > 0
    for every step, and one step makes :math:`x'Bx \le 1` for its own sample. A sample that is silent, or whose
    curvature lies outside the range of numbers, leaves B as it is; where rounding takes its sign all the same, as in
    signals that fade by hundreds of decades, B begins anew. Without `saturate` a loop of 32 taps and white input was
    seen to diverge within its first 20 samples.

    Steady state: as NLMS with gain `rate`, but with equal speed in all modes; a rate that decays to zero
    (``gs.InverseTime(1.0, 0.01) * gs.OnlineBFGS()``) averages the noise away.

    References
    ----------
    N. N. Schraudolph, J. Yu, S. Guenter, "A stochastic quasi-Newton method for online convex optimization",
    AISTATS (2007), algorithm 2.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.convolve(np.random.default_rng(0).standard_normal(3000), 0.95 ** np.arange(100))[:3000]
    >>> d = np.convolve(x, [1.0, -0.5, 0.25, 0.1])[:3000]
    >>> run = gs.LMS(4).run(x, d, gain=gs.OnlineBFGS(rate=0.2))
    >>> print(run.w.round(4))
    [ 1.   -0.5   0.25  0.1 ]
    """

    per_weight: ClassVar[bool] = True
    needs_error: ClassVar[bool] = True

    rate: float = param(0.1, low=0, exclusive=True, doc="gain on the Newton step", kw_only=False)
    damping: float = param(0.01, low=0, exclusive=True, symbol="lambda", unit="power of x", kw_only=False,
                           doc="least curvature of every direction")
    scaling: float = param(1.0, low=0, exclusive=True, doc="trust in the first matrix")
    reset: float = param(0.01, low=0, doc="part of the first step's matrix added per sample")

    def constants(self) -> tuple[float, ...]:
        """The law's own numbers and whether steps are bounded."""
        return (*super().constants(), float(self.saturate))

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, B, the last pair, the filter's direction, curvature and whether B has its scale."""
        first = np.zeros(n) if start is None else np.broadcast_to(np.asarray(start, dtype=np.float64), (n,)).copy()
        return {"now": first, "B": np.diag(first / self.rate), "s": np.zeros(n), "y": np.zeros(n), "v": np.zeros(n),
                "known": np.array([0.0, 1.0, float(bool(first.any()))])}


class LimitedBFGS(Law, kernel=limited_kernel):
    r"""Online limited-memory BFGS: a gain matrix held as its last few steps, at a cost linear in the weights.

    .. math::
        w_{k+1} = w_k + \mathrm{rate}\, B_k g_k, \qquad
        B_k = \mathrm{BFGS}\big(\gamma_k I;\ (s_j, y_j),\ j = 1 .. \mathrm{memory}\big), \qquad
        \gamma_k = \mathrm{mean}_j \frac{s_j' y_j}{y_j' y_j}

    with pairs (s, y) as in `OnlineBFGS`, newest last. B is never formed: two loops over the pairs give B g.

    In control words a decoupling gain over the few modes that the last steps have shown.

    Parameters
    ----------
    rate : float
        Gain on the quasi-Newton step; it acts as the gain of NLMS does.
    memory : int
        Pairs that are kept.
    damping : float
        Least curvature of every direction, as a part of the regressor's power.
    scaling : float
        Scale of the first step, in units of 1 / ((1 + damping) x'x): 1 is a step of NLMS.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`; they act on the gain along the direction, :math:`g'Bg / g'g` times rate,
        which is also what is recorded for every weight. `saturate` keeps :math:`\mathrm{rate}\, x'Bx \le 1`.

    Notes
    -----
    Cost: (4 memory + 8) n multiplications per sample, and as many moves of the pairs.

    Stability: with `saturate` no step carries its own sample's error past zero. Silent samples leave the pairs as they
    are.

    A delay line shows n directions in n samples: with `memory` much less than n the matrix knows little more than the
    last regressors, and the law is a damped affine projection. Where a dense matrix can be paid for, `OnlineBFGS`,
    `KalmanGain` or RLS converge faster.

    References
    ----------
    N. N. Schraudolph, J. Yu, S. Guenter, "A stochastic quasi-Newton method for online convex optimization",
    AISTATS (2007), algorithm 3. J. Nocedal, "Updating quasi-Newton matrices with limited storage", Math. Comp. 35
    (1980).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.convolve(np.random.default_rng(0).standard_normal(3000), 0.9 ** np.arange(60))[:3000]
    >>> d = np.convolve(x, [1.0, -0.5, 0.25, 0.1])[:3000]
    >>> run = gs.LMS(4).run(x, d, gain=gs.LimitedBFGS(rate=0.2))
    >>> print(run.w.round(4))
    [ 1.   -0.5   0.25  0.1 ]
    """

    per_weight: ClassVar[bool] = True
    needs_error: ClassVar[bool] = True

    rate: float = param(0.1, low=0, exclusive=True, doc="gain on the quasi-Newton step", kw_only=False)
    memory: int = param(5, kind="integer", low=1, unit="pairs", doc="steps remembered", kw_only=False)
    damping: float = param(0.01, low=0, exclusive=True, symbol="lambda", unit="power of x",
                           doc="least curvature of every direction")
    scaling: float = param(1.0, low=0, exclusive=True, doc="scale of the first step")

    def constants(self) -> tuple[float, ...]:
        """The law's own numbers in the hook's order, and whether steps are bounded."""
        return (self.rate, self.damping, self.scaling, float(self.memory), float(self.saturate))

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, the pairs, the two loops' numbers, direction, curvature, pairs and first scale."""
        first = np.zeros(n) if start is None else np.broadcast_to(np.asarray(start, dtype=np.float64), (n,)).copy()
        m = self.memory
        return {"now": first, "S": np.zeros((m, n)), "Y": np.zeros((m, n)), "rho": np.zeros(m), "scale": np.zeros(m),
                "a": np.zeros(m), "direction": np.zeros(n), "v": np.zeros(n),
                "known": np.array([0.0, 1.0, 0.0, first.mean() / self.rate])}
