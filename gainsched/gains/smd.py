"""Meta-gains that came before and after IDBD: delta-bar-delta, stochastic meta-descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._idbd import deltabardelta_kernel, smd_kernel
from gainsched.gains.base import Law, taken_over
from gainsched.gains.idbd import alive
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class DeltaBarDelta(Law, kernel=deltabardelta_kernel):
    r"""Gains rise by a constant while the gradient keeps its sign, and fall by a factor where it changes.

    .. math::
        \mu_i \leftarrow \begin{cases} \mu_i + \kappa & \bar g_i g_i > 0 \\ (1-\varphi)\, \mu_i & \bar g_i g_i < 0
        \end{cases}, \qquad \bar g_i \leftarrow (1-\theta) g_i + \theta \bar g_i, \qquad
        g = c\, v \text{ of the filter (LMS: } e\,u)

    In control words additive increase, multiplicative decrease, on the sign of a correlation. Made for exact
    gradients: where a sample's sign is a toss-up the gain settles near :math:`\kappa/\varphi`.

    Parameters
    ----------
    kappa : float
        Rise of a gain per sample of agreement.
    phi : float
        Part of a gain lost per sample of disagreement.
    theta : float
        Forgetting of the average gradient.
    start : float
        The first gain of every weight.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 6 multiplications per weight and sample.

    Where saturation would leave a part of a sample's step, the gains change by that part, so a burst leaves them as
    they were.

    Stability: gains rise until they overshoot; `saturate` bounds that at :math:`\sum_i \mu_i x_i^2 \le 2`.

    References
    ----------
    R. A. Jacobs, "Increased rates of convergence through learning rate adaptation", Neural Networks 1 (1988), eq. (8).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.DeltaBarDelta())
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True

    kappa: float = param(1e-4, low=0, symbol="kappa", doc="rise per agreement", kw_only=False)
    phi: float = param(0.01, low=0, high=1, symbol="phi", doc="part lost per disagreement", kw_only=False)
    theta: float = param(0.7, low=0, high=1, symbol="theta", doc="forgetting of the average gradient", kw_only=False)
    start: float = param(0.01, low=0, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, the law's own gains, average gradients."""
        first = taken_over(self.start if start is None else start, n)
        return {"now": first, "own": first.copy(), "average": np.zeros(n)}


class SMD(Law, kernel=smd_kernel):
    r"""Stochastic meta-descent: gains move by the correlation of the gradient with the weights' own sensitivity.

    .. math::
        p_i &\leftarrow p_i \max\big(\tfrac12,\; 1 + \mathrm{meta}\; g_i t_i\big), \qquad w \leftarrow w + p \odot g,
        \qquad g = c\, v \text{ of the filter (LMS: } e\,u) \\
        t &\leftarrow \lambda t + p \odot (g - \lambda H t), \qquad H t = (c/e)\, v\, (u^T t)

    In control words IDBD with the whole sensitivity model in place of its diagonal: H is the sample's own Hessian
    (LMS: :math:`u u^T`), and its product with t costs one dot.

    Parameters
    ----------
    meta : float
        Gain of the gain, per squared output.
    decay : float
        Lambda, forgetting of the sensitivity.
    start : float
        The first gain of every weight.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 9 multiplications per weight and sample.

    A factor is at most :math:`e^2`. Where saturation would leave a part of a sample's step, the gains change by that
    part, so a burst leaves them as they were.

    Stability: on its own the law raises gains until they overshoot; `saturate` bounds that at
    :math:`\sum_i p_i x_i^2 \le 2`.

    References
    ----------
    N. N. Schraudolph, "Local gain adaptation in stochastic gradient descent", ICANN 1999, eq. (3), (4), (9).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal((5000, 8))
    >>> run = gs.LMS(gs.FIR(taps=1, channels=8)).run(x, x[:, 0] - x[:, 1], gain=gs.SMD())
    >>> bool(np.abs(run.w[0, :2] - [1.0, -1.0]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True
    needs_error: ClassVar[bool] = True

    meta: float = param(0.01, low=0, unit="per output power", doc="gain of the gain", kw_only=False)
    decay: float = param(0.99, low=0, high=1, symbol="lambda", doc="forgetting of the sensitivity", kw_only=False)
    start: float = param(0.01, low=0, exclusive=True, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, the law's own gains, sensitivities."""
        first = np.full(n, self.start) if start is None else taken_over(start, n)
        return {"now": first, "own": alive(first, self.start), "sensitivity": np.zeros(n)}
