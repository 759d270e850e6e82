"""Block least mean squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.filters._block import kernel
from gainsched.filters.base import Filter
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class BlockLMS(Filter, kernel=kernel):
    r"""LMS with the exact gradient of a block: the weights rest for `block` samples, then move once.

    .. math:: w_{k+1} = w_k + \frac{\mu_k}{L} \sum_{i=0}^{L-1} e_{k-i}\, u_{k-i}
        \quad\text{at } k = L-1,\, 2L-1, \dots, \qquad w_{k+1} = w_k \text{ elsewhere}

    L is `block`. All errors of a block are those of the same weights, so that the sum is the gradient of
    the block's own mean squared error (half of it), as of a minibatch.

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.
    block : int
        L, samples per update, counted on the loop's clock; 1 is LMS.

    Notes
    -----
    Gain: :math:`\mu`, in 1 / (power of x); no default. The gain is that of the block's last sample. It multiplies the
    mean: Clark, Mitra and Parker write :math:`2\mu_B/L` times the sum, hence :math:`\mu = 2\mu_B`; MATLAB's
    `dsp.BlockLMSFilter` adds the sum itself, hence :math:`\mu = L\,\mu_{MATLAB}`.

    Cost: 2 n multiplications per sample, as LMS; a law looks at the block once per update.

    A block with a missing sample, or with a regressor that holds one, is skipped whole.

    Stability, independent Gaussian regressors with covariance eigenvalues :math:`\lambda_i`: in the mean
    :math:`0 < \mu < 2/\lambda_{max}` per block; in the mean square the map of LMS with its fluctuations divided by L,
    exact (`gainsched.analyze`): white, :math:`\mu < 2L/((L + N + 1)\sigma_x^2)`.

    Steady state, small gain: EMSE :math:`= \mu\sigma_v^2\,\mathrm{tr}R / (2L)`.

    References
    ----------
    G. A. Clark, S. K. Mitra, S. R. Parker, "Block implementation of adaptive digital filters", IEEE Trans. CAS 28
    (1981). A. Feuer, "Performance analysis of the block least mean square algorithm", IEEE Trans. CAS 32 (1985).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> run = gs.BlockLMS(2, block=16).run(x, np.convolve(x, [1.0, -0.5])[:5000], gain=0.5)
    >>> print(run.w.round(6))
    [ 1.  -0.5]
    """

    block: int = param(32, kind="integer", low=1, symbol="L", unit="samples", doc="samples per update")

    @classmethod
    def specimen(cls) -> BlockLMS:
        """Several blocks within every record."""
        return cls(4, block=5)

    @property
    def every(self) -> int:
        """One update per block."""
        return self.block

    @property
    def lookback(self) -> int:
        """block - 1."""
        return self.block - 1

    @property
    def span(self) -> int:
        """Every sample of the block must be sound."""
        return self.block

    def initial(self) -> dict[str, NDArray[np.float64]]:
        """The block's errors."""
        return {"errors": np.zeros(self.block)}

    def moments(self, exc: Any) -> Any:
        """Those of one update: the mean of L rank-one maps. Exact under independent Gaussian regressors."""
        return exc.sized(self.model.n).linear_moments().mean_of(self.block)
