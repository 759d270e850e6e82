"""Variable step sizes: scalar laws driven by the error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._vss import kwong_johnston_kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class KwongJohnston(Law, kernel=kwong_johnston_kernel):
    r"""Kwong and Johnston's variable step size: the gain follows the error power through a low-pass filter.

    .. math:: \mu_{k+1} = \mathrm{clip}(\alpha\, \mu_k + \gamma\, e_k^2,\; \mathrm{low},\; \mathrm{high})

    In control words a leaky integrator on the error power: fast while the error is large, quiet when it is small.

    Parameters
    ----------
    alpha : float
        Forgetting of the gain, 0 <= alpha < 1.
    gamma : float
        Gain per error power.
    start : float
        The first gain.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 3 multiplications per sample.

    Steady state under LMS: :math:`E\mu = \gamma(\sigma_v^2 + \zeta)/(1-\alpha)`; with
    :math:`y = \gamma\sigma_v^2(3-\alpha)\mathrm{tr}R / (2(1-\alpha^2))` the misadjustment is
    :math:`(1-\sqrt{1-4y})/(1+\sqrt{1-4y})`.

    Stability (LMS, independent Gaussian regressors): :math:`E\mu^2/E\mu \le 2/(3\,\mathrm{tr}R)`.

    References
    ----------
    R. H. Kwong, E. W. Johnston, "A variable step size LMS algorithm", IEEE Trans. SP 40 (1992), eq. (5)-(6).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.KwongJohnston(low=1e-3, high=0.05))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    takes_complex: ClassVar[bool] = True
    ports: ClassVar[tuple[str, ...]] = ("gain", "forgetting")
    needs_error: ClassVar[bool] = True

    alpha: float = param(0.97, low=0, high=1, symbol="alpha", doc="forgetting of the gain", kw_only=False)
    gamma: float = param(4.8e-4, low=0, symbol="gamma", unit="gain per error power",
                         doc="drive by the error power", kw_only=False)
    start: float = param(0.01, low=0, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, the last error power, whether a sample was seen."""
        first = self.start if start is None else float(np.max(start))
        return {"now": np.full(1, first), "e2": np.zeros(1), "seen": np.zeros(1)}
