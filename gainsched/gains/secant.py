"""The Barzilai-Borwein gain: one over the curvature met between two places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.gains._secant import kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMS = ("long", "short")


class BarzilaiBorwein(Law, kernel=kernel):
    r"""Barzilai and Borwein's secant gain over windows of samples (SGD-BB).

    .. math::
        \bar g \leftarrow (1-\beta)\,\bar g + \beta\, c_k v_k, \qquad
        \mu = \frac{1}{\mathrm{every}} \cdot \begin{cases} s's / |s'\gamma| & \text{long} \\
        |s'\gamma| / \gamma'\gamma & \text{short} \end{cases}

    At the end of every window s is the way of the weights since the end of the one before, and :math:`\gamma` what the
    averaged correction :math:`\bar g` lost on it. In control words a gain scheduled on measured curvature: the inverse
    of a Rayleigh quotient, spread over the samples of a window.

    Parameters
    ----------
    every : int
        Samples per window.
    start : float
        The gain of the first two windows.
    form : {"long", "short"}
        Which quotient; noise in the gradients makes "long" longer and "short" shorter.
    beta : float
        Weight of a gradient in its average; the authors take 10/every.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 2n multiplications per sample, and 3n at the end of a window.

    "short" wants exact gradients: noise in single samples makes every window shorten it, without end; give `low`.

    A window changes the gain by a factor between exp(-2) and exp(2) at most. A gain of 0 that is handed over is left by
    beginning with `start`.

    Stability: none is proven for gradients of single samples; with `every` >= n the factor 1/every keeps LMS about as
    slow as it must be. Give `high` = :math:`2/(3\,\mathrm{tr}R)` under LMS.

    References
    ----------
    J. Barzilai, J. M. Borwein, "Two-point step size gradient methods", IMA J. Numer. Anal. 8 (1988), eq. (5)-(6);
    C. Tan, S. Ma, Y.-H. Dai, Y. Qian, "Barzilai-Borwein step size for stochastic gradient descent", NIPS
    (2016), alg. 2.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.BarzilaiBorwein(every=20, beta=0.5))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    every: int = param(100, kind="integer", low=1, unit="samples", doc="length of a window", kw_only=False)
    start: float = param(0.01, low=0, exclusive=True, doc="gain of the first two windows", kw_only=False)
    form: str = param("long", kind="choice", choices=FORMS, doc="which quotient", kw_only=False)
    beta: float = param(0.1, low=0, high=1, exclusive=True, symbol="beta", doc="weight of a gradient in its average",
                        kw_only=False)

    def constants(self) -> tuple[float, ...]:
        """Length of a window, weight of a gradient, number of the form."""
        return float(self.every), self.beta, float(FORMS.index(self.form))

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, samples of this window, windows done; weights and correction of the last, correction of this."""
        first = (0.0 if start is None else float(np.max(start))) or self.start
        return {"now": np.full(1, first), "samples": np.zeros(1), "windows": np.zeros(1), "place": np.zeros(n),
                "before": np.zeros(n), "mean": np.zeros(n)}
