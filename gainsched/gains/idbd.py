"""Gains learned by gradient descent on their logarithms: IDBD, and Autostep, which needs no tuning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.gains._idbd import autostep_kernel, idbd_kernel
from gainsched.gains.base import Law, taken_over
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

REVIVED = 1e-6                     # part of `start` from which a log-gain begins that takes over from a gain of zero


def alive(first: NDArray[np.float64], start: float) -> NDArray[np.float64]:
    """Gains a log-gain can begin from: a product never leaves zero."""
    return np.where(first > 0.0, first, REVIVED * start)


class IDBD(Law, kernel=idbd_kernel):
    r"""Incremental delta-bar-delta: each log-gain moves by the correlation of the gradient with what the gain did.

    .. math::
        \beta_i &\leftarrow \beta_i + \mathrm{meta}\; g_i h_i, \qquad \mu_i = e^{\beta_i}, \qquad
        w_i \leftarrow w_i + \mu_i g_i \\
        h_i &\leftarrow h_i\, [1 - \mu_i x_i^2]_0^1 + \mu_i g_i, \qquad g = c\, v \text{ of the filter (LMS: } e\,u)

    In control words an integrator in the log of each gain, driven through a model of how the weight answers to it
    (h): the MIT rule, applied to the gain. Inputs that matter keep large gains, the others lose theirs.

    Parameters
    ----------
    meta : float
        Gain of the log-gain, per squared output.
    start : float
        The first gain of every weight.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 15 multiplications per weight and sample.

    A step of a log-gain is held within 2. Where saturation would leave a part of a sample's step, the log-gain moves
    by that part, so a burst leaves the gains as they were. For filters other than LMS :math:`x_i^2` is
    :math:`(c/e)\, v_i u_i`, and the decay of h stays within [0, 1].

    On the paper's job (twenty inputs, five that matter, one sign flipped every 20 samples) the steady error power is
    1.46 with the defaults, against 3.42 with the best constant gain of a grid of 60 (the paper: 1.5 against 3.5).

    Stability: on its own the law raises gains until they overshoot; `saturate` bounds that at
    :math:`\sum_i \mu_i x_i^2 \le 2`, where a sample's error turns into its negative. Take `meta` well below the
    inverse power of the output.

    References
    ----------
    R. S. Sutton, "Adapting bias by gradient descent: an incremental version of delta-bar-delta", AAAI 1992, fig. 2.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal((5000, 8))
    >>> filter = gs.LMS(gs.FIR(taps=1, channels=8))
    >>> run = filter.run(x, x[:, 0] - x[:, 1], gain=gs.IDBD(), record=gs.Record(gain=1))
    >>> bool(np.abs(run.w[0, :2] - [1.0, -1.0]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True
    needs_error: ClassVar[bool] = True

    meta: float = param(0.01, low=0, unit="per output power", doc="gain of the log-gain", kw_only=False)
    start: float = param(0.01, low=0, exclusive=True, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, exp(beta), trace."""
        first = np.full(n, self.start) if start is None else taken_over(start, n)
        return {"now": first, "own": alive(first, self.start), "trace": np.zeros(n)}


class Autostep(Law, kernel=autostep_kernel):
    r"""IDBD with its drive normalized by its own size, and steps that never overshoot: nothing left to tune.

    .. math::
        s_i &\leftarrow \max\big(|g_i h_i|,\; s_i + \tfrac{1}{\tau} \mu_i x_i^2 (|g_i h_i| - s_i)\big), \qquad
        \mu_i \leftarrow \mu_i \exp(\mathrm{meta}\; g_i h_i / s_i) \\
        M &= \max\big(\textstyle\sum_i \mu_i x_i^2,\; 1\big), \qquad \mu_i \leftarrow \mu_i / M, \qquad
        w_i \leftarrow w_i + \mu_i g_i \\
        h_i &\leftarrow h_i\, (1 - \mu_i x_i^2) + \mu_i g_i, \qquad g = c\, v \text{ of the filter (LMS: } e\,u)

    In control words a normalized integrator in the log of each gain, with saturation: no step corrects more than the
    error there is.

    Parameters
    ----------
    meta : float
        Largest step of a log-gain per sample.
    tau : float
        Memory of the normalization, in time constants of the weight.
    start : float
        The first gain of every weight.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: 17 multiplications and a division per weight and sample.

    On the job of IDBD's paper the steady error power is 2.41 with the defaults, against 3.42 with the best constant
    gain.

    Stability: :math:`\sum_i \mu_i x_i^2 \le 1` by construction. The normalization is a part of the gain's memory, as
    published: after a burst of 120 dB gains and drive have to grow back, at most by `meta` per sample, and the scale
    s hardly forgets while the gains are small. Where bursts come, `low` keeps a loop alive, or take `IDBD`.

    References
    ----------
    A. R. Mahmood, R. S. Sutton, T. Degris, P. M. Pilarski, "Tuning-free step-size adaptation", ICASSP 2012, table 1.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal((5000, 8))
    >>> filter = gs.LMS(gs.FIR(taps=1, channels=8))
    >>> run = filter.run(x, x[:, 0] - x[:, 1], gain=gs.Autostep())
    >>> bool(np.abs(run.w[0, :2] - [1.0, -1.0]).max() < 0.01)
    True
    """

    per_weight: ClassVar[bool] = True
    needs_error: ClassVar[bool] = True

    meta: float = param(0.01, low=0, doc="largest step of a log-gain", kw_only=False)
    tau: float = param(1e4, low=1, doc="memory of the normalization", unit="time constants", kw_only=False)
    start: float = param(0.1, low=0, exclusive=True, doc="first gain", kw_only=False)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """Gains in force, scale of the drive, trace."""
        first = np.full(n, self.start) if start is None else alive(taken_over(start, n), self.start)
        return {"now": first, "scale": np.zeros(n), "trace": np.zeros(n)}
