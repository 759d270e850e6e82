"""Hypergradient descent: the gain follows the product of successive gradients, as a number or as a logarithm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.gains._hypergradient import kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMS = ("log", "additive", "cosine")


class Hypergradient(Law, kernel=kernel):
    r"""Hypergradient descent: the gradient of the squared error to the gain, by the last step alone.

    .. math::
        h_k = e_k\, r_k'\,(c_{k-1} v_{k-1}), \qquad
        \mu_k = \begin{cases}
        \mu_{k-1} \exp(\mathrm{meta}\, h_k) & \text{log} \\
        \mu_{k-1} + \mathrm{meta}\, h_k & \text{additive} \\
        \mu_{k-1} (1 + \mathrm{meta}\, h_k / (|e_k r_k|\,|c_{k-1} v_{k-1}|)) & \text{cosine} \end{cases}

    Under LMS h is the product of successive gradients. In control words an integrator on their correlation, in the
    gain itself or in its logarithm: a logarithm cannot reach zero or turn negative, and one `meta` suits all gains.

    Parameters
    ----------
    meta : float
        Gain of the gain: per gradient power (log), gain per gradient power (additive), without unit (cosine).
    start : float
        The first gain; the forms log and cosine cannot leave 0, and take `start` where 0 is handed over to them.
    form : {"log", "additive", "cosine"}
        What is integrated. "additive" is `MathewsXie`; "cosine" does not depend on the size of the signals.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: n + 3 multiplications and a copy of n numbers per sample; "log" an exponential, "cosine" two roots.

    A single sample changes the gain by a factor between exp(-2) and exp(2) at most in the forms log and cosine.

    Stability: the integrator has none of its own, its loop gain grows with meta times the gradient power; give `high`
    = :math:`2/(3\,\mathrm{tr}R)` under LMS.

    References
    ----------
    L. B. Almeida et al., "Parameter adaptation in stochastic optimization", in On-line Learning in Neural Networks
    (1998); A. G. Baydin et al., "Online learning rate adaptation with hypergradient descent", ICLR (2018), eq. (5).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.LMS(2).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=gs.Hypergradient(0.02, form="cosine", high=0.2))
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 1e-2)
    True
    """

    meta: float = param(1e-3, low=0, unit="see form", doc="gain of the gain", kw_only=False)
    start: float = param(0.01, low=0, exclusive=True, doc="first gain", kw_only=False)
    form: str = param("log", kind="choice", choices=FORMS, doc="what is integrated", kw_only=False)

    def constants(self) -> tuple[float, ...]:
        """Gain of the gain, number of the form."""
        return self.meta, float(FORMS.index(self.form))

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain, the last c, the last correction's squared length, the last v."""
        first = self.start if start is None else float(np.max(start))
        if first == 0.0 and self.form != "additive":
            first = self.start
        return {"now": np.full(1, first), "c": np.zeros(1), "power": np.zeros(1), "v": np.zeros(n)}
