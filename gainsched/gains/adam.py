"""Gains over the root of a gradient power, along a momentum: Adam and its relatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._adam import adam_kernel, adamax_kernel, amsgrad_kernel, nadam_kernel
from gainsched.gains.base import Law, taken_over
from gainsched.gains.rmsprop import root_behind
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

BELOW_ONE = 1.0 - 1e-7


class Adam(Law, kernel=adam_kernel):
    r"""Momentum along the gradient, and one gain per weight over the gradient's root mean square.

    .. math::
        m_i &\leftarrow \beta_1 m_i + (1-\beta_1) g_i, \qquad v_i \leftarrow \beta_2 v_i + (1-\beta_2) g_i^2 \\
        \mu_i &= \frac{\mathrm{rate}}{\sqrt{v_i / (1-\beta_2^t)} + \epsilon}, \qquad
        w_i \leftarrow w_i + \mu_i\, \frac{m_i}{1-\beta_1^t}, \qquad g = c\, v \text{ of the filter (LMS: } e\,u)

    In control words RMSProp's schedule on gradient power, behind a low-pass filter; t counts the updates, and the two
    divisions make up for averages that began at zero. The recorded gain is :math:`\mu_i`.

    Parameters
    ----------
    rate : float
        Speed of a weight, in its unit per sample.
    beta1 : float
        Forgetting of the momentum.
    beta2 : float
        Forgetting of the gradient power.
    eps : float
        Added outside the root, in units of the gradient.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 8 multiplications, a root and a division per weight and sample.

    Stability: as a relay, it leaves a limit cycle of the size of `rate`; saturation bounds each step. Frozen gains
    behind the low-pass filter are stable for :math:`\mu\lambda < 2(1+\beta_1)/(1-\beta_1)`.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.Adam())
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True

    rate: float = param(1e-3, low=0, unit="unit of w per sample", doc="speed of a weight", kw_only=False)
    beta1: float = param(0.9, low=0, high=BELOW_ONE, doc="forgetting of the momentum", kw_only=False)
    beta2: float = param(0.999, low=0, high=BELOW_ONE, doc="forgetting of the gradient power", kw_only=False)
    eps: float = param(1e-8, low=0, exclusive=True, symbol="eps", unit="gradient", doc="regularization", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, momentum, powers, and what both averages still lack (a power taken over: nothing)."""
        if start is None:
            return {"now": np.zeros(n), "momentum": np.zeros(n), "power": np.zeros(n), "missing": np.ones(2)}
        first = taken_over(start, n)
        return {"now": first, "momentum": np.zeros(n), "power": root_behind(first, self.rate, self.eps) ** 2,
                "missing": np.array([1.0, 0.0])}


class AMSGrad(Law, kernel=amsgrad_kernel):
    r"""Adam whose gains never rise: over the largest mean square that the gradient has had.

    .. math::
        m_i &\leftarrow \beta_1 m_i + (1-\beta_1) g_i, \qquad v_i \leftarrow \beta_2 v_i + (1-\beta_2) g_i^2, \qquad
        \hat v_i \leftarrow \max(\hat v_i, v_i) \\
        \mu_i &= \frac{\mathrm{rate}}{\sqrt{\hat v_i} + \epsilon}, \qquad w_i \leftarrow w_i + \mu_i m_i

    In control words a schedule on a peak detector. As published, without corrections for averages that begin at zero.

    Parameters
    ----------
    rate : float
        Speed of a weight, in its unit per sample.
    beta1 : float
        Forgetting of the momentum.
    beta2 : float
        Forgetting of the gradient power.
    eps : float
        Added outside the root, in units of the gradient.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 7 multiplications, a root and a division per weight and sample.

    Stability: the gains cannot rise, so what is stable stays so. The peak of a burst is never forgotten and leaves the
    gains small; `low` keeps them alive.

    References
    ----------
    S. J. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", ICLR 2018, algorithm 2 (eps added).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.AMSGrad())
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True

    rate: float = param(1e-3, low=0, unit="unit of w per sample", doc="speed of a weight", kw_only=False)
    beta1: float = param(0.9, low=0, high=1, doc="forgetting of the momentum", kw_only=False)
    beta2: float = param(0.999, low=0, high=1, doc="forgetting of the gradient power", kw_only=False)
    eps: float = param(1e-8, low=0, exclusive=True, symbol="eps", unit="gradient", doc="regularization", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, momentum, gradient powers, their peaks."""
        first = np.zeros(n) if start is None else taken_over(start, n)
        power = root_behind(first, self.rate, self.eps) ** 2 if start is not None else np.zeros(n)
        return {"now": first, "momentum": np.zeros(n), "power": power, "peak": power.copy()}


class NAdam(Law, kernel=nadam_kernel):
    r"""Adam that looks ahead: the momentum of the next sample, with the gradient of this one already in it.

    .. math::
        m_i &\leftarrow \beta_1 m_i + (1-\beta_1) g_i, \qquad v_i \leftarrow \beta_2 v_i + (1-\beta_2) g_i^2 \\
        \mu_i &= \frac{\mathrm{rate}}{\sqrt{v_i / (1-\beta_2^t)} + \epsilon}, \qquad
        w_i \leftarrow w_i + \mu_i \left( \frac{\beta_1 m_i}{1-\beta_1^{t+1}}
        + \frac{(1-\beta_1) g_i}{1-\beta_1^t} \right)

    In control words Adam with a lead: the direct path of the gradient gives back some of the phase that the momentum
    takes. :math:`\beta_1` is constant here (the report lets it warm up).

    Parameters
    ----------
    rate : float
        Speed of a weight, in its unit per sample.
    beta1 : float
        Forgetting of the momentum.
    beta2 : float
        Forgetting of the gradient power.
    eps : float
        Added outside the root, in units of the gradient.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 10 multiplications, a root and a division per weight and sample.

    Stability: as a relay, it leaves a limit cycle of the size of `rate`; saturation bounds each step.

    References
    ----------
    T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop (2016), algorithm 2.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.NAdam())
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True

    rate: float = param(1e-3, low=0, unit="unit of w per sample", doc="speed of a weight", kw_only=False)
    beta1: float = param(0.9, low=0, high=BELOW_ONE, doc="forgetting of the momentum", kw_only=False)
    beta2: float = param(0.999, low=0, high=BELOW_ONE, doc="forgetting of the gradient power", kw_only=False)
    eps: float = param(1e-8, low=0, exclusive=True, symbol="eps", unit="gradient", doc="regularization", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """As Adam's, with the direction between the powers and what the averages lack."""
        first = Adam(self.rate, self.beta1, self.beta2, self.eps).initial(n, start)
        return {name: first[name] for name in ("now", "momentum", "power")} | {
            "direction": np.zeros(n), "missing": first["missing"]}


class Adamax(Law, kernel=adamax_kernel):
    r"""Adam over a decaying peak of the gradient instead of its root mean square.

    .. math::
        m_i &\leftarrow \beta_1 m_i + (1-\beta_1) g_i, \qquad p_i \leftarrow \max(\beta_2 p_i, |g_i|) \\
        \mu_i &= \frac{\mathrm{rate}}{p_i + \epsilon}, \qquad
        w_i \leftarrow w_i + \mu_i\, \frac{m_i}{1-\beta_1^t}

    In control words a schedule on a leaky peak detector: it answers a burst at once, and forgets it at a known rate.

    Parameters
    ----------
    rate : float
        Largest speed of a weight, in its unit per sample.
    beta1 : float
        Forgetting of the momentum.
    beta2 : float
        Decay of the peak.
    eps : float
        Added to the peak, in units of the gradient (the paper has none, and divides by zero in silence).
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 5 multiplications and a division per weight and sample.

    Stability: as a relay, it leaves a limit cycle of the size of `rate`; saturation bounds each step.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 2.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.Adamax())
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True

    rate: float = param(2e-3, low=0, unit="unit of w per sample", doc="largest speed of a weight", kw_only=False)
    beta1: float = param(0.9, low=0, high=BELOW_ONE, doc="forgetting of the momentum", kw_only=False)
    beta2: float = param(0.999, low=0, high=1, doc="decay of the peak", kw_only=False)
    eps: float = param(1e-8, low=0, exclusive=True, symbol="eps", unit="gradient", doc="regularization", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, momentum, peaks, and what the momentum still lacks."""
        first = np.zeros(n) if start is None else taken_over(start, n)
        peak = root_behind(first, self.rate, self.eps) if start is not None else np.zeros(n)
        return {"now": first, "momentum": np.zeros(n), "peak": peak, "missing": np.ones(1)}
