"""Forgetting laws: the memory of least squares, driven by the error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._forgetting import fortescue_kernel, variable_kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ForgettingLaw(Law, abstract=True):
    """A law for the port `forgetting` of `RLS`: limits within (0, 1]."""

    ports: ClassVar[tuple[str, ...]] = ("forgetting",)

    low: float = param(0.9, low=0.0, high=1.0, exclusive=True, doc="smallest forgetting factor")
    high: float = param(1.0, low=0.0, high=1.0, exclusive=True, doc="largest forgetting factor")


class Fortescue(ForgettingLaw, kernel=fortescue_kernel):
    r"""Fortescue, Kershenbaum and Ydstie's forgetting: the weighted sum of squared errors is kept constant.

    .. math::
        \lambda_{k+1} = \mathrm{clip}\Big(1 - \frac{e_k^2}{(1 + u_k' P_k u_k / \lambda_k)\,\mathrm{information}},\;
        \mathrm{low},\; \mathrm{high}\Big)

    A sample whose error is no larger than the noise explains shortens the memory little; a large one, in a direction
    that P holds for known, shortens it at once. In `RLS` P is divided by the factor in use at a sample, so that the
    paper's :math:`\lambda_k` is the factor of the next sample here.

    In control words proportional feedback of the error power on the memory.

    Parameters
    ----------
    information : float
        The sum of squares to keep, :math:`\Sigma_0`: the noise's variance times the memory wanted in samples. Larger:
        longer memory, less alert.
    start : float
        The forgetting factor of the first sample.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`; `saturate` has no meaning for a forgetting factor.

    Notes
    -----
    Cost: 2 divisions per sample on top of RLS.

    Memory: :math:`1/(1-\lambda)`, on average information / (noise variance) samples at rest, at least
    1 / (1 - low) samples.

    Stability: any sequence of factors in [low, 1] with input that goes on exciting every weight. The error alone
    decides: in silence the factor tends to 1, and RLS's windup guard bounds P where errors go on without excitation.

    References
    ----------
    T. R. Fortescue, L. S. Kershenbaum, B. E. Ydstie, "Implementation of self-tuning regulators with variable
    forgetting factors", Automatica 17 (1981), eq. (17)-(21).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> rng = np.random.default_rng(0)
    >>> x, noise = rng.standard_normal(4000), 0.01 * rng.standard_normal(4000)
    >>> d = np.where(np.arange(4000) < 3000, x, -x) + noise             # the weight changes sign
    >>> law = gs.Fortescue(information=1e-4 * 1000)                    # noise variance times 1000 samples
    >>> run = gs.RLS(1).run(x, d, forgetting=law)
    >>> bool(abs(run.w[0] + 1) < 0.01), bool(abs(gs.RLS(1).run(x, d).w[0] + 1) > 1)
    (True, True)
    """

    information: float = param(1.0, low=0, exclusive=True, symbol="Sigma_0", unit="power of d",
                               doc="sum of squared errors to keep", kw_only=False)
    start: float = param(1.0, low=0, high=1, exclusive=True, doc="forgetting factor of the first sample", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The factor, the last error power and u'Pu, whether a sample was seen."""
        first = self.start if start is None else float(np.max(start))
        return {"now": np.full(1, first), "e2": np.zeros(1), "spread": np.zeros(1), "seen": np.zeros(1)}


class VariableForgetting(ForgettingLaw, kernel=variable_kernel):
    r"""Variable forgetting by error power: long memory while the error is the noise's, short when it is more.

    .. math::
        \lambda_k = \min\Big(\frac{\sigma_q \sigma_v}{\epsilon + |\sigma_e - \sigma_v|},\; \mathrm{high}\Big)
        \quad\text{if } \sigma_e > \mathrm{margin}\cdot\sigma_v, \text{ else high}

    with :math:`\sigma_e^2` and :math:`\sigma_q^2` the powers of :math:`e_k` and of :math:`q_k = u_k'P_ku_k` over a
    short exponential window, :math:`\sigma_v^2` that of :math:`e_k` over a long one, the estimate of the noise. The
    quotient is the factor at which the a-posteriori error would be the noise and nothing else.

    In control words feedforward from the ratio of two power estimates: a detector of change that opens the memory.

    Parameters
    ----------
    window : float
        Length of the short window in samples per weight: its decay is 1 - 1 / (window n).
    noise_window : float
        Length of the long window in samples per weight.
    margin : float
        How far the error may rise over the noise before memory is shortened.
    eps : float
        Keeps the quotient finite.
    start : float
        The forgetting factor that a `rate_limit` starts from.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`; `saturate` has no meaning for a forgetting factor.

    Notes
    -----
    Cost: 8 multiplications, 3 roots and 2 divisions per sample on top of RLS.

    Memory: 1 / (1 - high) samples at rest, 1 / (1 - low) at least.

    Stability: any sequence of factors in [low, high] with input that goes on exciting every weight; RLS's windup guard
    bounds P without it. After a change the factor stays at `low` until P, and with it q, has grown to the error's size:
    a dozen samples at 0.5, a hundred at 0.9, which must be short against the long window.

    References
    ----------
    C. Paleologu, J. Benesty, S. Ciochina, "A robust variable forgetting factor recursive least-squares algorithm for
    system identification", IEEE Signal Process. Lett. 15 (2008), eq. (9)-(16).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> rng = np.random.default_rng(0)
    >>> x, noise = rng.standard_normal(4000), 0.01 * rng.standard_normal(4000)
    >>> d = np.where(np.arange(4000) < 3000, x, -x) + noise             # the weight changes sign
    >>> run = gs.RLS(1).run(x, d, forgetting=gs.VariableForgetting())
    >>> bool(abs(run.w[0] + 1) < 0.01)
    True
    """

    window: float = param(6.0, low=1, symbol="K_a", unit="samples per weight", doc="short window", kw_only=False)
    noise_window: float = param(30.0, low=1, symbol="K_b", unit="samples per weight", doc="long window", kw_only=False)
    margin: float = param(1.5, low=1, symbol="gamma", doc="rise of the error that counts", kw_only=False)
    eps: float = param(1e-8, low=0, exclusive=True, symbol="eps", unit="d", doc="keeps the quotient finite")
    start: float = param(1.0, low=0, high=1, exclusive=True, doc="forgetting factor before the first sample")
    low: float = param(0.5, low=0.0, high=1.0, exclusive=True, doc="smallest forgetting factor")
    high: float = param(0.9999, low=0.0, high=1.0, exclusive=True, doc="largest forgetting factor")

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The factor, the powers of e, q and the noise."""
        first = self.start if start is None else float(np.max(start))
        return {"now": np.full(1, first), "power": np.zeros(3)}
