"""Recursive least squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from gainsched.filters._rls import kernel
from gainsched.filters.base import Filter
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RLS(Filter, kernel=kernel):
    r"""Recursive least squares with exponential forgetting: Newton's method, one sample at a time.

    .. math::
        K_k &= \frac{P_k u_k}{\lambda_k + u_k' P_k u_k}, \qquad w_{k+1} = w_k + \mu_k K_k e_k \\
        P_{k+1} &= (P_k - K_k u_k' P_k) / \lambda_k, \qquad P_0 = \mathrm{delta}\, I

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.
    delta : float
        Initial covariance, in 1 / (power of x). Large: little trust in the initial weights.

    Notes
    -----
    Ports: ``forgetting`` :math:`\lambda` in (0, 1], default 1, and ``gain`` :math:`\mu`, default 1 (textbook RLS).

    Cost: 2 n^2 + 9 n multiplications per sample (1.5 n^2 without forgetting), in one pass over P. P lives on its upper
    triangle, so it cannot lose symmetry, which is what makes the textbook's full matrix diverge after about
    37 / (1 - forgetting) samples.

    Windup guard: P is divided by 1 instead of forgetting while :math:`|u|^2 \le 10^{-10}` of its largest value so
    far, or when the trace of P would exceed :math:`10^9` times its initial value. In both cases P stays as it is where
    :math:`u'Pu \le 10^{-14} |u|^2 \mathrm{tr} P`, which is rounding: a sine into eight taps would make P indefinite.

    In the family of gains RLS is the exact Newton member: K is the inverse Hessian of the weighted squares times the
    gradient. `KalmanGain` and `OnlineBFGS` hold such a matrix as a law over any gradient filter; laws with one gain per
    weight (RMSProp, Adam, IDBD) are its approximation by a diagonal.

    Forgetting laws (`Fortescue`, `VariableForgetting`) drive :math:`\lambda` by the error; `DirectionalForgetting`,
    `ExponentialResetting` and `ConstantTrace` take the place of the last equation and bound P for any input.

    Stability: :math:`0 < \lambda \le 1` with persistent excitation. Memory 1 / (1 - forgetting) samples.

    Steady state: EMSE :math:`= \sigma_v^2 N (1-\lambda)/(1+\lambda)` for N (1 - forgetting) much less than 1; at
    forgetting 1 after k samples :math:`E|w_o - w|^2 = \sigma_v^2\, \mathrm{tr}R^{-1} / (k - N - 1)`.

    References
    ----------
    E. Eleftheriou, D. D. Falconer, "Tracking properties and steady-state performance of RLS adaptive filter
    algorithms", IEEE Trans. ASSP 34 (1986). S. Haykin, *Adaptive Filter Theory*, 5th ed., chapter 10.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(500)
    >>> run = gs.RLS(2, delta=1e6).run(x, np.convolve(x, [1.0, -0.5])[:500], forgetting=0.99)
    >>> print(run.w.round(6))
    [ 1.  -0.5]
    """

    ports: ClassVar[tuple[str, ...]] = ("gain", "forgetting")
    default_gain: ClassVar[float | None] = 1.0

    delta: float = param(1e2, low=0, exclusive=True, symbol="delta", unit="1 / power of x", doc="initial covariance")

    def initial(self) -> dict[str, NDArray[np.float64]]:
        """P_0 = delta I, its trace, the largest power so far."""
        n = self.model.n
        return {"P": self.delta * np.eye(n), "trace": np.full(1, self.delta * n), "peak": np.zeros(1)}
