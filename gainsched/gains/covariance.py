"""Forgetting laws that shape P itself and bound it for any input: by direction, by resetting, by constant trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.gains._covariance import directional_kernel, resetting_kernel, trace_kernel
from gainsched.gains.forgetting import ForgettingLaw
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class CovarianceLaw(ForgettingLaw, abstract=True):
    """A forgetting law whose factor is its own constant; limits, and a schedule times the law, act on it."""

    forgetting: float = param(0.98, low=0, high=1, exclusive=True, symbol="lambda", kw_only=False,
                              doc="forgetting factor")
    low: float = param(1e-3, low=0.0, high=1.0, exclusive=True, doc="smallest forgetting factor")

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The factor in force."""
        return {"now": np.full(1, self.forgetting if start is None else float(np.max(start)))}


class DirectionalForgetting(CovarianceLaw, kernel=directional_kernel):
    r"""Kulhavy's directional forgetting: old information is forgotten only where new information comes in.

    .. math::
        K_k = \frac{P_k u_k}{1 + \xi_k}, \qquad
        P_{k+1} = P_k - \frac{P_k u_k u_k' P_k}{\epsilon_k^{-1} + \xi_k}, \qquad
        \epsilon_k = \lambda - \frac{1 - \lambda}{\xi_k}, \qquad \xi_k = u_k' P_k u_k

    In control words the memory is a property of a direction of the regressor, not of time: a plant at rest is not
    forgotten, and no burst follows when it moves again.

    Parameters
    ----------
    forgetting : float
        :math:`\lambda`: along the present regressor P becomes :math:`P / (\lambda (1 + \xi))`.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`; `saturate` has no meaning for a forgetting factor.

    Notes
    -----
    Cost: n^2 + 5 n multiplications per sample, that of RLS.

    Memory: 1 / (1 - forgetting) samples with one weight, where the law is `RLS` with the same factor and forgetting
    times its delta, exactly. With n weights and white input every direction is met by 1/n of the power only: about
    n / (1 - forgetting) samples.

    Stability: :math:`0 < \lambda \le 1` for any input. Without excitation P keeps its value: nothing winds up, whatever
    the length of the silence. A direction that is excited ever more weakly is forgotten until its P fits the new
    power; as in `RLS` not below 1e-10 of the largest power so far, nor beyond 1e9 times the initial trace.

    References
    ----------
    R. Kulhavy, "Restricted exponential forgetting in real-time identification", Automatica 23 (1987). R. Kulhavy,
    M. B. Zarrop, "On a general concept of forgetting", Int. J. Control 58 (1993).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(3000)
    >>> x[1000:] = 1.0                                                   # nothing is learned about the difference
    >>> d = np.convolve(x, [1.0, -0.5])[:3000]
    >>> loop = gs.Loop(gs.RLS(2), forgetting=gs.DirectionalForgetting(0.95))
    >>> print(loop.run(x, d).w.round(6), bool(loop.state["filter_trace"][0] < 1.0))
    [ 1.  -0.5] True
    """


class ExponentialResetting(CovarianceLaw, kernel=resetting_kernel):
    r"""Exponential forgetting and resetting (EFRA): P is bounded from above and below for any input.

    .. math::
        K_k = \frac{\alpha P_k u_k}{1 + u_k' P_k u_k}, \qquad
        P_{k+1} = \frac{P_k}{\lambda} - \frac{\alpha P_k u_k u_k' P_k}{1 + u_k' P_k u_k} + \beta I - \delta P_k^2

    In control words a Riccati equation with leakage: beta keeps the gain open, delta closes it when nothing comes in.

    Parameters
    ----------
    forgetting : float
        :math:`\lambda`: how fast P opens.
    alpha : float
        Gain on the step and on what a sample takes off P.
    beta : float
        What every sample adds to P.
    delta : float
        Leakage of P.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`; `saturate` has no meaning for a forgetting factor.

    Notes
    -----
    Cost: n^3 / 2 + 4 n^2 multiplications per sample, for P^2: for small n.

    Memory: with :math:`\eta = (1-\lambda)/\lambda` P lies between
    :math:`\frac{\alpha-\eta}{2\delta}\big(\sqrt{1 + 4\beta\delta/(\alpha-\eta)^2} - 1\big) I`, its value under strong
    excitation, and :math:`\frac{\eta}{2\delta}\big(1 + \sqrt{1 + 4\beta\delta/\eta^2}\big) I`, its value in silence
    (0.0112 and 10.6 at the defaults): about 1 / (alpha P x^2) samples along a regressor x. beta and delta carry units:
    scale the input to about unit power, or them with it.

    Stability: any input. A P whose norm exceeds :math:`(1/\lambda - \alpha)/(2\delta)`, as RLS's delta may make it at
    the start, is scaled to that first, so that P^2 never overtakes P.

    References
    ----------
    M. E. Salgado, G. C. Goodwin, R. H. Middleton, "Modified least squares algorithm incorporating exponential resetting
    and forgetting", Int. J. Control 47 (1988), 477-491.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(3000)
    >>> d = np.convolve(x, [1.0, -0.5])[:3000]
    >>> loop = gs.Loop(gs.RLS(2), forgetting=gs.ExponentialResetting())
    >>> print(loop.run(x, d).w.round(6))
    [ 1.  -0.5]
    >>> run = loop.run(np.zeros(5000), np.zeros(5000))                  # silence: P goes to its upper bound
    >>> loop.state["filter_P"].diagonal().round(2)
    array([10.62, 10.62])
    """

    forgetting: float = param(0.95, low=0, high=1, exclusive=True, symbol="lambda", kw_only=False,
                              doc="how fast P opens")
    alpha: float = param(0.5, low=0, high=1, exclusive=True, symbol="alpha", doc="gain on the step", kw_only=False)
    beta: float = param(0.005, low=0, exclusive=True, symbol="beta", unit="1 / power of x", kw_only=False,
                        doc="what a sample adds to P")
    delta: float = param(0.005, low=0, exclusive=True, symbol="delta", unit="power of x", doc="leakage of P",
                         kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The factor in force, room for P."""
        return {**super().initial(n, start), "old": np.zeros((n, n))}


class ConstantTrace(CovarianceLaw, kernel=trace_kernel):
    r"""Constant trace: P keeps its size and gives what one direction has learned to the others.

    .. math::
        K_k = \frac{P_k u_k}{\lambda + u_k' P_k u_k}, \qquad Q = P_k - K_k u_k' P_k, \qquad
        P_{k+1} = T_k \Big( (1 - \mathrm{ratio}) \frac{Q}{\mathrm{tr}\,Q} + \mathrm{ratio}\, \frac{I}{n} \Big)

    with :math:`T_k = n \cdot \mathrm{level}`, to which the trace first falls from where RLS's delta put it:
    :math:`T_k = \max(n\,\mathrm{level}, \min(\mathrm{tr} P_k, \mathrm{tr}\,Q / \lambda))`.

    In control words a gain matrix of fixed size whose shape alone adapts: the loop gain never fades and never grows.

    Parameters
    ----------
    forgetting : float
        :math:`\lambda`: the noise that the gain reckons with, and how fast the start may fall to `level`.
    level : float
        Mean of P's diagonal, which stays.
    ratio : float
        Part of P that is isotropic: no direction is ever closed.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`; `saturate` has no meaning for a forgetting factor.

    Notes
    -----
    Cost: n^2 + 6 n multiplications per sample, that of RLS.

    Memory: about 1 / (level x^2) samples for white input of power x^2, as RLS with forgetting = 1 - level x^2.

    Stability: any input. P lies between ratio level I and n level I, in silence and in bursts.

    References
    ----------
    G. C. Goodwin, K. S. Sin, *Adaptive Filtering, Prediction and Control* (1984), section 3.4. K. J. Astrom,
    B. Wittenmark, *Adaptive Control*, 2nd ed. (1995), section 11.5.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(3000)
    >>> d = np.convolve(x, [1.0, -0.5])[:3000]
    >>> loop = gs.Loop(gs.RLS(2), forgetting=gs.ConstantTrace(level=0.02))
    >>> print(loop.run(x, d).w.round(6), loop.state["filter_P"].trace().round(12))
    [ 1.  -0.5] 0.04
    """

    forgetting: float = param(0.99, low=0, high=1, exclusive=True, symbol="lambda", kw_only=False,
                              doc="noise reckoned with")
    level: float = param(0.01, low=0, exclusive=True, unit="1 / power of x", doc="mean of P's diagonal", kw_only=False)
    ratio: float = param(1e-4, low=0, high=1, symbol="c2 / c1", doc="isotropic part of P", kw_only=False)
