"""Gains that descend the squared error themselves: the MIT rule applied to the gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.gains._sensitivity import ang_farhang_kernel, benveniste_kernel, mathews_xie_kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _memory(law: Any, n: int, start: Any, number: str, vector: str) -> dict[str, NDArray[np.float64]]:
    first = law.start if start is None else float(np.max(start))
    return {"now": np.full(1, first), number: np.zeros(1), vector: np.zeros(n)}


class MathewsXie(Law, kernel=mathews_xie_kernel):
    r"""Mathews and Xie's gradient adaptive step size: successive gradients that agree raise the gain.

    .. math:: \mu_k = \mu_{k-1} + \mathrm{meta}\; e_k\, r_k'\,(c_{k-1} v_{k-1})
              \qquad \text{(LMS: } \mathrm{meta}\; e_k e_{k-1} u_k' u_{k-1}\text{)}

    :math:`c v` is the filter's correction at unit gain and r how a step lowers the error. In control words a pure
    integrator on the correlation of gradients: it rests where a step neither falls short nor overshoots.

    Parameters
    ----------
    meta : float
        Gain of the gain. It carries a unit: halving the signals takes 16 times the value for the same relative speed
        of the gain (which itself is 4 times as large).
    start : float
        The first gain.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: n + 2 multiplications and a copy of n numbers per sample.

    Steady state under LMS (independent regressors, slow gain): :math:`\mu = \mathrm{tr}(R^2K)/((\sigma_v^2+\zeta)
    \mathrm{tr}R^2)` with K the covariance of the weight error. For white input and a random walk of the weights that
    is the optimal gain; without drift the gain decays to `low`.

    Stability: the integrator has none of its own; give `high` = :math:`2/(3\,\mathrm{tr}R)` under LMS.

    References
    ----------
    V. J. Mathews, Z. Xie, "A stochastic gradient adaptive filter with gradient adaptive step size", IEEE Trans. SP 41
    (1993), eq. (3)-(5).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.MathewsXie(meta=1e-3, high=0.2))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    meta: float = param(1e-6, low=0, unit="gain per product of powers", doc="gain of the gain", kw_only=False)
    start: float = param(0.01, low=0, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, the last c, the last v."""
        return _memory(self, n, start, "c", "v")


class Benveniste(Law, kernel=benveniste_kernel):
    r"""Benveniste, Metivier and Priouret's step size: the exact derivative of the weights to the gain.

    .. math::
        \mu_k = \mu_{k-1} + \mathrm{meta}\; e_k\, r_k' \psi_k, \qquad
        \psi_{k+1} = \psi_k + c_k v_k - \mu_k \frac{c_k}{e_k} (r_k' \psi_k)\, v_k

    Under LMS :math:`\psi_{k+1} = (I - \mu_k u_k u_k')\psi_k + e_k u_k`. In control words an integrator driven by a
    sensitivity model: the MIT rule with the gain as the parameter.

    Parameters
    ----------
    meta : float
        Gain of the gain, in the unit of `MathewsXie`; the sum over the loop's whole memory drives it, so it is
        :math:`1/(\mu\lambda)` times as fast.
    start : float
        The first gain.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 2n + 5 multiplications per sample.

    A sample that asks for a change of the loop gain by more than 2, its whole stable range, is out of reach of a
    derivative: the sensitivity then begins anew. Ordinary signals never come there, bursts do.

    Steady state: in the mean the gain of least error power, also for colored input; without drift it decays to `low`,
    and the sensitivity's memory grows with it.

    Stability: the integrator has none of its own; give `high` = :math:`2/(3\,\mathrm{tr}R)` under LMS. The sensitivity
    takes its derivative at a constant gain, so `meta` must keep the gain slow against the loop.

    References
    ----------
    A. Benveniste, M. Metivier, P. Priouret, "Adaptive Algorithms and Stochastic Approximations", Springer (1990),
    section 4.1; H. J. Kushner, J. Yang, "Analysis of adaptive step-size SA algorithms for parameter tracking", IEEE
    Trans. AC 40 (1995), eq. (1.4).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.Benveniste(meta=1e-4, high=0.2))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    meta: float = param(1e-7, low=0, unit="gain per product of powers", doc="gain of the gain", kw_only=False)
    start: float = param(0.01, low=0, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, the last slope, the sensitivity of the weights."""
        return _memory(self, n, start, "slope", "sensitivity")


class AngFarhang(Law, kernel=ang_farhang_kernel):
    r"""Ang and Farhang-Boroujeny's step size: the sensitivity by a leaky sum of corrections.

    .. math::
        \mu_k = \mu_{k-1} + \mathrm{meta}\; e_k\, r_k' \psi_k, \qquad \psi_{k+1} = \alpha\, \psi_k + c_k v_k

    Between `MathewsXie` (alpha = 0) and `Benveniste`, whose memory it replaces by a constant one: as cheap as the
    first, nearly as far-sighted as the second.

    Parameters
    ----------
    meta : float
        Gain of the gain, in the unit of `MathewsXie`.
    alpha : float
        Memory of the sensitivity; at about 1 minus the gain times the input power it is that of the loop.
    start : float
        The first gain.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 3n + 2 multiplications per sample.

    A sample that asks for a change of the loop gain by more than 2 makes the sensitivity begin anew: see `Benveniste`.

    Stability: the integrator has none of its own; give `high` = :math:`2/(3\,\mathrm{tr}R)` under LMS.

    References
    ----------
    W.-P. Ang, B. Farhang-Boroujeny, "A new class of gradient adaptive step-size LMS algorithms", IEEE Trans. SP 49
    (2001), eq. (9)-(12).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.AngFarhang(meta=1e-4, high=0.2))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    meta: float = param(1e-7, low=0, unit="gain per product of powers", doc="gain of the gain", kw_only=False)
    alpha: float = param(0.95, low=0, high=1, symbol="alpha", doc="memory of the sensitivity", kw_only=False)
    start: float = param(0.01, low=0, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, the last slope, the sensitivity of the weights."""
        return _memory(self, n, start, "slope", "sensitivity")
