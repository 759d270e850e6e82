"""Delayed least mean squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.filters._delayed import kernel
from gainsched.filters.base import Filter
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class DelayedLMS(Filter, kernel=kernel):
    r"""LMS whose correction arrives late: pipelined hardware, stale gradients, a slow sensor.

    .. math:: w_{k+1} = w_k + \mu_k\, e_{k-D}\, u_{k-D}

    The gain is that of now. Nothing is corrected before sample D.

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.
    delay : int
        D, in samples; 0 is LMS.

    Notes
    -----
    Gain: :math:`\mu`, in 1 / (power of x); no default.

    Cost: 2 n multiplications per sample.

    Stability in the mean, mode :math:`\lambda`: the loop :math:`\mu\lambda z^{-D}/(z-1)` is stable iff
    :math:`0 < \mu\lambda < 2\sin(\pi/(2(2D+1)))`. In the mean square exact under independent Gaussian
    regressors (`gainsched.analyze`).

    References
    ----------
    P. Kabal, "The stability of adaptive minimum mean square error equalizers using delayed adjustment", IEEE
    Trans. COM 31 (1983). G. Long, F. Ling, J. G. Proakis, "The LMS algorithm with delayed coefficient adaptation",
    IEEE Trans. ASSP 37 (1989).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.DelayedLMS(2, delay=3).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=0.05)
    >>> print(run.w.round(6))
    [ 1.  -0.5]
    """

    # named `delay` by the contract: the declared parameter takes the place of the base class's property
    delay: int = param(1, kind="integer", low=0, symbol="D", unit="samples", doc="age of error and regressor")

    def initial(self) -> dict[str, NDArray[np.float64]]:
        """The errors that wait."""
        return {"errors": np.zeros(self.delay)}

    def moments(self, exc: Any) -> Any:
        """Those of LMS; the recursion knows the delay. Exact under independent Gaussian regressors."""
        return exc.sized(self.model.n).linear_moments()
