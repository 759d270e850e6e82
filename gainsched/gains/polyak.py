"""The Polyak step: the error that is left over the slope along which it falls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._polyak import kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Polyak(Law, kernel=kernel):
    r"""Polyak's step size, sample by sample (SPS): what is left to gain over the squared slope.

    .. math:: \mu_k = \frac{\max(e_k^2/2 - \mathrm{floor},\, 0)}{\mathrm{scale}\; e_k\, r_k'(c_k v_k)}
              \qquad \text{(LMS: the denominator is } \mathrm{scale}\,|e_k u_k|^2\text{)}

    In control words feedback linearization of the squared distance to the optimum. Under LMS the default is the step
    of NLMS at gain 1/2, without regularization; scale 1/2 projects. Samples whose error is below the floor teach
    nothing: a dead zone.

    Parameters
    ----------
    scale : float
        The constant c of the literature.
    floor : float
        The value of :math:`e^2/2` that cannot be undercut, about half of the noise power.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`; `high` makes it the bounded step SPS_max.

    Notes
    -----
    Cost: 4 multiplications and a division per sample; n more where the loop does not form :math:`|u|^2` anyway.

    Where nothing is left to correct (silence) the gain stays as it was. It has no memory: taking over from another gain
    it acts at once, unless `rate_limit` spreads the change.

    Stability: the loop gain is at most 1/(2 scale), below 2 for every signal if scale > 1/4.

    References
    ----------
    B. T. Polyak, "Introduction to Optimization" (1987), section 5.3; N. Loizou et al., "Stochastic Polyak step-size for
    SGD", AISTATS (2021), eq. (2)-(3).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(1000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:1000], gain=gs.Polyak())
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-6)
    True
    """

    needs_error: ClassVar[bool] = True

    scale: float = param(1.0, low=0, exclusive=True, doc="divides the step", kw_only=False)
    floor: float = param(0.0, low=0, unit="error power", doc="half of the error power that remains", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain."""
        return {"now": np.full(1, 0.0 if start is None else float(np.max(start)))}
