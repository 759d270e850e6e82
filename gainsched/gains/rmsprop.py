"""Gains over the root of a gradient power: leaky (RMSProp), summed (AdaGrad), against the steps' own (AdaDelta)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._rmsprop import adadelta_kernel, adagrad_kernel, rmsprop_kernel
from gainsched.gains.base import Law, taken_over
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RMSProp(Law, kernel=rmsprop_kernel):
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
        first = taken_over(start, n)
        return {"now": first, "power": root_behind(first, self.rate, self.eps) ** 2}


class AdaGrad(Law, kernel=adagrad_kernel):
    r"""One gain per weight, inversely proportional to the root of all the gradient power it has seen.

    .. math::
        G_i \leftarrow G_i + g_i^2, \qquad
        \mu_i = \frac{\mathrm{rate}}{\sqrt{G_i} + \epsilon}, \qquad g = c\, v \text{ of the filter (LMS: } e\,u)

    In control words a gain schedule on integrated gradient power. It only falls, about as
    :math:`1/\sqrt{k}`, and forgets nothing: made to converge, not to track.

    Parameters
    ----------
    rate : float
        The first step of a weight, in its unit.
    eps : float
        Added outside the root, in units of the gradient.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 3 multiplications, a root and a division per weight and sample.

    Stability: the gains cannot rise, so what is stable stays so; `saturate` bounds the first steps. A burst stays in
    the sum for ever and leaves the gains small; `low` keeps them alive.

    References
    ----------
    J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic optimization",
    JMLR 12 (2011), fig. 1 with diagonal matrices.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.AdaGrad(rate=0.1))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True

    rate: float = param(0.01, low=0, unit="unit of w", doc="the first step of a weight", kw_only=False)
    eps: float = param(1e-8, low=0, exclusive=True, symbol="eps", unit="gradient", doc="regularization", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, gradient powers."""
        if start is None:
            return {"now": np.zeros(n), "power": np.zeros(n)}
        first = taken_over(start, n)
        return {"now": first, "power": root_behind(first, self.rate, self.eps) ** 2}


class AdaDelta(Law, kernel=adadelta_kernel):
    r"""One gain per weight: the root mean square of its own steps over that of its gradient.

    .. math::
        E_i \leftarrow \beta E_i + (1-\beta) g_i^2, \qquad
        \mu_i = \sqrt{\frac{D_i + \epsilon}{E_i + \epsilon}}, \qquad
        D_i \leftarrow \beta D_i + (1-\beta) (\mu_i g_i)^2

    In control words a ratio controller without a reference: the gain has the unit it needs, steps breed larger steps,
    and `eps` is what starts them. D takes in the steps that were made, after limits and saturation.

    Parameters
    ----------
    beta : float
        Forgetting of both mean squares.
    eps : float
        The mean square that starts and floors the steps.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 8 multiplications, a root and a division per weight and sample.

    Stability: nothing inside the law bounds the steps it breeds; `saturate` does, and `high` where it is known.

    References
    ----------
    M. D. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701 (2012), algorithm 1.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.AdaDelta())
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True

    beta: float = param(0.95, low=0, high=1, symbol="beta", doc="forgetting of both mean squares", kw_only=False)
    eps: float = param(1e-6, low=0, exclusive=True, symbol="eps", doc="mean square that starts the steps",
                       kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, mean squares of gradients and of steps (those of unit gradients where a gain comes in)."""
        if start is None:
            return {"now": np.zeros(n), "power": np.zeros(n), "moved": np.zeros(n)}
        first = taken_over(start, n)
        moved = np.maximum(first**2 * (1.0 + self.eps) - self.eps, 0.0)
        return {"now": first, "power": np.ones(n), "moved": moved}


def root_behind(gain: NDArray[np.float64], rate: float, eps: float) -> NDArray[np.float64]:
    """The root of the power at which rate / (root + eps) is the gain; a weight that had none starts afresh."""
    root = np.divide(rate, gain, out=np.zeros(len(gain)), where=gain > 0) - eps
    return np.maximum(root, 0.0)
