"""Affine projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from gainsched.filters._apa import kernel
from gainsched.filters.base import Filter
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class APA(Filter, kernel=kernel):
    r"""Affine projection: corrects the last `order` errors at once.

    .. math:: w_{k+1} = w_k + \mu_k\, U_k' (U_k U_k' + \epsilon I)^{-1} (D_k - U_k w_k)

    U (order x n) holds the newest regressors, newest first, D the matching outputs.

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.
    order : int
        Number of regressors projected on; 1 is NLMS.
    eps : float
        Regularization, in units of the power of x.

    Notes
    -----
    Gain: :math:`\mu`, dimensionless, default 0.5; plain numbers above 2 are refused.

    Cost: 3 order n + order^3/6 multiplications per sample (the Gram matrix slides).

    Stability: :math:`0 < \mu < 2`.

    Steady state, small gain: EMSE
    :math:`\approx \frac{\mu\sigma_v^2}{2-\mu} \mathrm{tr}R\; E[\mathrm{order}/|u|^2]`; it over-predicts near
    :math:`\mu = 1`.

    References
    ----------
    K. Ozeki, T. Umeda, "An adaptive filtering algorithm using an orthogonal projection to an affine subspace and
    its properties", Electronics and Communications in Japan 67-A (1984). H.-C. Shin, A. H. Sayed, "Mean-square
    performance of a family of affine projection algorithms", IEEE Trans. SP 52 (2004).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.cumsum(np.random.default_rng(0).standard_normal(2000)) * 0.1
    >>> run = gs.APA(2, order=2).run(x, np.convolve(x, [1.0, -0.5])[:2000])
    >>> print(run.w.round(4))
    [ 1.  -0.5]
    """

    default_gain: ClassVar[float | None] = 0.5
    gain_high: ClassVar[float] = 2.0
    gain_unit: ClassVar[str] = ""

    order: int = param(2, kind="integer", low=1, high=256, symbol="K", doc="regressors projected on")
    eps: float = param(1e-6, low=0, symbol="eps", unit="power of x", doc="regularization")

    @property
    def lookback(self) -> int:
        """order - 1."""
        return self.order - 1

    @property
    def span(self) -> int:
        """Every one of the projected samples must be sound."""
        return self.order

    def initial(self) -> dict[str, NDArray[np.float64]]:
        """Past outputs, the Gram matrix, and room for its factor and the solution."""
        square = np.zeros((self.order, self.order))
        return {"d": np.zeros(self.order), "gram": square, "factor": square, "solution": np.zeros(self.order)}
