"""Lion: a relay per weight, behind a momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._adam import lion_kernel
from gainsched.gains.base import Law, taken_over
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Lion(Law, kernel=lion_kernel):
    r"""Every weight moves by the same step, in the direction of the sign of an averaged gradient.

    .. math::
        w_i \leftarrow w_i + \mathrm{rate}\; \mathrm{sgn}(\beta_1 m_i + (1-\beta_1) g_i), \qquad
        m_i \leftarrow \beta_2 m_i + (1-\beta_2) g_i, \qquad g = c\, v \text{ of the filter (LMS: } e\,u)

    In control words a relay (bang-bang) behind a low-pass filter with a direct path. The gain is the rate; what decays
    it is a schedule in front: ``gs.InverseTime(1, 0.01) * gs.Lion()``. For the paper's weight decay take `LeakyLMS`.

    Parameters
    ----------
    rate : float
        The step of a weight, in its unit per sample.
    beta1 : float
        Weight of the momentum in the direction.
    beta2 : float
        Forgetting of the momentum.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 5 multiplications per weight and sample.

    Stability: a relay leaves a limit cycle of the size of `rate`; saturation shrinks the steps where the error is
    smaller than what they would move.

    References
    ----------
    X. Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023, program 1.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.Lion(rate=1e-3))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True

    rate: float = param(3e-4, low=0, unit="unit of w per sample", doc="the step of a weight", kw_only=False)
    beta1: float = param(0.9, low=0, high=1, doc="weight of the momentum in the direction", kw_only=False)
    beta2: float = param(0.99, low=0, high=1, doc="forgetting of the momentum", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, momentum, signs; the rate does not depend on what went before."""
        first = np.zeros(n) if start is None else taken_over(start, n)
        return {"now": first, "momentum": np.zeros(n), "signs": np.zeros(n)}
