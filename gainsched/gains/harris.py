"""Harris' variable step: one gain per weight, switched by runs of the gradient's sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._harris import kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST = 1e-6            # of `start`: changes of sign lower a gain no further, so that none is lost for ever


class Harris(Law, kernel=kernel):
    r"""Harris, Chabries and Bishop's variable step: runs of equal signs raise a weight's gain, changes lower it.

    .. math::
        \mu_i \leftarrow \begin{cases}
        \mu_i \cdot \mathrm{factor} & \text{after } \textit{agree} \text{ equal signs of } g_i = c\,v_i \\
        \mu_i / \mathrm{factor} & \text{after } \textit{disagree} \text{ changes of sign} \\
        \mu_i & \text{else} \end{cases} \qquad \text{(LMS: } g_i = e\,u_i\text{)}

    In control words a relay with dwell time for each weight. A run that has switched is counted anew.

    Parameters
    ----------
    factor : float
        What a gain is multiplied or divided by; the authors take 2.
    agree : int
        Successive gradients of the same sign as the one before that raise the gain (m0).
    disagree : int
        Successive changes of sign that lower it (m1). Noise alone changes and keeps signs alike: with equal
        numbers it moves gains at random, with a longer `agree` it lets them fall.
    start : float
        The first gains; also taken where a gain of 0 is handed over.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 5 multiplications per weight and sample.

    A gradient of exactly 0 is no evidence. Changes of sign lower a gain to 1e-6 of `start` at least: it comes back.

    Stability: runs look at each weight alone, the loop's stability at all together: give `high` =
    :math:`2/(3\,\mathrm{tr}R)` under LMS.

    References
    ----------
    R. W. Harris, D. M. Chabries, F. A. Bishop, "A variable step (VS) adaptive filter algorithm", IEEE Trans. ASSP 34
    (1986), section III.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.Harris(high=0.2, low=1e-3))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    per_weight: ClassVar[bool] = True

    factor: float = param(1.2, low=1, exclusive=True, doc="what a gain is multiplied or divided by", kw_only=False)
    agree: int = param(3, kind="integer", low=1, symbol="m0", unit="samples", doc="equal signs that raise a gain",
                       kw_only=False)
    disagree: int = param(3, kind="integer", low=1, symbol="m1", unit="samples", doc="changes of sign that lower it",
                          kw_only=False)
    start: float = param(0.01, low=0, exclusive=True, doc="first gains", kw_only=False)

    def constants(self) -> tuple[float, ...]:
        """Factor, lengths of the runs, the least gain that changes of sign lead to."""
        return self.factor, float(self.agree), float(self.disagree), LEAST * self.start

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, last signs, runs."""
        first = np.broadcast_to(np.asarray(self.start if start is None else start, dtype=np.float64), (n,))
        return {"now": np.where(first > 0.0, first, self.start), "sign": np.zeros(n), "run": np.zeros(n)}
