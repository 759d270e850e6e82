"""RMSProp: one gain per weight, over the root mean square of its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._rmsprop import kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RMSProp(Law, kernel=kernel):
    r"""One gain per weight, inversely proportional to the running root mean square of its gradient.

    .. math::
        v_i \leftarrow \beta v_i + (1-\beta) g_i^2, \qquad
        \mu_i = \frac{\mathrm{rate}}{\sqrt{v_i} + \epsilon}, \qquad g = c\, v \text{ of the filter (LMS: } e\,u)

    In control words a gain schedule on leaky gradient power: every weight moves at about the same speed.

    Parameters
    ----------
    rate : float
        Speed of a weight, in its unit per sample.
    beta : float
        Forgetting of the gradient power.
    eps : float
        Added outside the root, in units of the gradient.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 4 multiplications, a root and a division per weight and sample.

    Stability: as a relay, it leaves a limit cycle of the size of `rate`; saturation bounds each step.

    References
    ----------
    T. Tieleman, G. Hinton, "Lecture 6.5 - RMSProp", Coursera: Neural Networks for Machine Learning (2012).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.RMSProp(rate=1e-3))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True

    rate: float = param(1e-3, low=0, unit="unit of w per sample", doc="speed of a weight", kw_only=False)
    beta: float = param(0.99, low=0, high=1, symbol="beta", doc="forgetting of the gradient power", kw_only=False)
    eps: float = param(1e-8, low=0, exclusive=True, symbol="eps", unit="gradient", doc="regularization", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, gradient powers."""
        if start is None:
            return {"now": np.zeros(n), "power": np.zeros(n)}
        first = np.broadcast_to(np.asarray(start, dtype=np.float64), (n,)).copy()
        # the gradient power at which the law itself would give the gain it takes over
        root = np.divide(self.rate, first, out=np.zeros(n), where=first > 0) - self.eps
        return {"now": first, "power": np.maximum(root, 0.0) ** 2}
