"""Gains out of ratios of powers: how much of the error is still due to the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._powerratio import npvss_kernel, valin_collings_kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class NPVSS(Law, kernel=npvss_kernel):
    r"""Non-parametric variable step size: after the update the error has the power of the noise, not less.

    .. math::
        \sigma_e^2 \leftarrow \alpha\,\sigma_e^2 + (1-\alpha)\, e_k^2, \qquad
        \mu_k = \frac{\max(1 - \sigma_v/\sigma_e,\, 0)}{\epsilon + a_k}, \qquad a_k = \frac{c_k v_k' r_k}{e_k}

    :math:`a_k` is the sample's own loop gain at unit gain (LMS :math:`|u|^2`, NLMS about 1), so that the law means the
    same to every filter: a projection while the error is large, rest where it is noise.

    Parameters
    ----------
    noise : float
        Power of the measurement noise, :math:`\sigma_v^2`; at 0 the law projects always.
    alpha : float
        Forgetting of the error power; the authors take 1 - 1/(K n) with K of 2 to 6.
    eps : float
        Regularization, in the unit of the loop gain.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 5 multiplications, two divisions and a root per sample; n more where the loop does not form :math:`|u|^2`
    anyway.

    It has no memory of its gain: taking over from another it acts at once, unless `rate_limit` spreads the change.

    Stability: the loop gain is below 1 for every signal.

    References
    ----------
    J. Benesty, H. Rey, L. Rey Vega, S. Tressens, "A nonparametric VSS NLMS algorithm", IEEE Signal Process. Lett. 13
    (2006), eq. (14)-(17).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal(5000)
    >>> d = np.convolve(x, [1.0, -0.5])[:5000] + 0.1 * rng.standard_normal(5000)
    >>> run = gs.NLMS(2).run(x, d, gain=gs.NPVSS(noise=0.01))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.03)
    True
    """

    needs_error: ClassVar[bool] = True

    noise: float = param(0.0, low=0, unit="error power", doc="power of the measurement noise", kw_only=False)
    alpha: float = param(0.99, low=0, high=1, symbol="alpha", doc="forgetting of the error power", kw_only=False)
    eps: float = param(1e-6, low=0, symbol="eps", unit="loop gain", doc="regularization", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, the error power."""
        return {"now": np.full(1, 0.0 if start is None else float(np.max(start))), "error": np.zeros(1)}


class ValinCollings(Law, kernel=valin_collings_kernel):
    r"""Valin and Collings' learning rate: residual echo over error, the residual known as a part of the output.

    .. math::
        \mu_k = \frac{\min(\eta\,\sigma_y^2/\sigma_e^2,\; \mathrm{rate})}{\epsilon + a_k}, \qquad
        \eta = \frac{R_{EY}}{R_{YY}}, \qquad a_k = \frac{c_k v_k' r_k}{e_k}

    Powers are leaky means. :math:`P_y`, :math:`P_e` are the powers with their means removed,
    :math:`P \leftarrow \alpha P + \Delta\sigma^2`, and the leakage :math:`\eta` regresses one on the other,
    :math:`R_{EY} \leftarrow (1-b) R_{EY} + b P_y P_e`, :math:`R_{YY} \leftarrow (1-b) R_{YY} + b P_y^2`,
    :math:`b = \beta \min(\sigma_y^2/\sigma_e^2, 1)`. The optimal learning rate is the part of the error power that the
    weights still cause; near-end speech or a burst of noise raises the error alone, and the gain falls at once.

    Parameters
    ----------
    rate : float
        Largest loop gain; also the loop gain before the leakage is known.
    alpha : float
        Forgetting of the powers.
    beta : float
        Speed at which the leakage is learned, per sample.
    warmup : float
        Length of the start at constant `rate`, in filter lengths, silence not counted.
    eps : float
        Regularization, in the unit of the loop gain.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 16 multiplications and four divisions per sample; n more where the loop does not form :math:`|u|^2` anyway.

    Made for signals whose power varies, such as speech: of a stationary signal's powers there is little to regress.
    The publication works per frequency bin; this is the full band. It has no memory of its gain: taking over from
    another it acts at once, unless `rate_limit` spreads the change; it then skips the warm-up,
    unless that gain was 0.

    Stability: the loop gain is at most `rate`, for every signal.

    References
    ----------
    J.-M. Valin, I. B. Collings, "A new robust frequency domain echo canceller with closed-loop learning rate
    adaptation", ICASSP (2007); J.-M. Valin, "On adjusting the learning rate in frequency domain echo cancellation with
    double-talk", IEEE Trans. ASLP 15 (2007), eq. (13)-(20).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000) * (1 + np.sin(np.arange(5000) / 100))
    >>> run = gs.NLMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.ValinCollings())
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    needs_error: ClassVar[bool] = True

    rate: float = param(0.5, low=0, exclusive=True, unit="loop gain", doc="largest loop gain", kw_only=False)
    alpha: float = param(0.99, low=0, high=1, symbol="alpha", doc="forgetting of the powers", kw_only=False)
    beta: float = param(0.005, low=0, high=1, symbol="beta", unit="per sample", doc="speed of the leakage",
                        kw_only=False)
    warmup: float = param(3.0, low=0, unit="filter lengths", doc="start at constant rate", kw_only=False)
    eps: float = param(1e-6, low=0, symbol="eps", unit="loop gain", doc="regularization", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, powers, powers without mean, their correlation and variance, samples learned from."""
        first = 0.0 if start is None else float(np.max(start))
        names = ("error", "output", "error_change", "output_change", "correlation", "variance")
        adapted = self.warmup * n if first > 0.0 else 0.0
        return {"now": np.full(1, first), **{name: np.zeros(1) for name in names}, "adapted": np.full(1, adapted)}
