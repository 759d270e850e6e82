"""Least mean fourth."""

from __future__ import annotations

from typing import ClassVar

from gainsched.filters._lmf import kernel
from gainsched.filters.base import Filter


class LMF(Filter, kernel=kernel):
    r"""Least mean fourth: the gain grows with the square of the error.

    .. math:: w_{k+1} = w_k + \mu_k\, e_k^3 u_k

    Parameters
    ----------
    model : int or Structure
        Number of taps, or the structure whose weights are adapted.

    Notes
    -----
    Gain: :math:`\mu`, in 1 / (power of x times power of d); no default.

    Cost: 2 n + 2 multiplications per sample.

    Stability: for unbounded (Gaussian) input no gain is stable in the mean square; the tolerable gain falls with
    the square of the initial error. Saturating laws (the default of every law) bound the step.

    Steady state from the optimum, with :math:`\xi_4 = E v^4`, :math:`\xi_6 = E v^6`: EMSE
    :math:`= \mu\xi_6 \mathrm{tr}R / (6\sigma_v^2 - 15\mu\xi_4 \mathrm{tr}R)`.

    References
    ----------
    E. Walach, B. Widrow, "The least mean fourth (LMF) adaptive algorithm and its family", IEEE Trans. IT 30 (1984).
    V. H. Nascimento, J. C. M. Bermudez, "Probability of divergence for the least-mean fourth algorithm", IEEE
    Trans. SP 54 (2006).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).uniform(-1, 1, 20000)
    >>> run = gs.LMF(2).run(x, np.convolve(x, [1.0, -0.5])[:20000], gain=0.5)
    >>> bool(np.abs(run.w - [1.0, -0.5]).max() < 0.05)
    True
    """

    gain_unit: ClassVar[str] = "1/(power of x times power of d)"
