"""Line search: the gain that the sample's, or the block's, own error asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.errors import refusal
from gainsched.gains._linesearch import kernel
from gainsched.gains.base import Law
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("exact", "armijo", "wolfe")


class LineSearch(Law, kernel=kernel):
    r"""How far to go along the correction, by the error of the present sample or block.

    .. math::
        f(\mu) = \tfrac12 \overline{(e_i - \mu a_i)^2}, \quad a_i = c\,v'u_i, \quad
        s = -f'(0) = \overline{e_i a_i}, \quad q = f'' = \overline{a_i^2}

    The mean runs over the block of `BlockLMS`, or is the sample itself. On this quadratic every search is closed form:

    - ``exact``: :math:`\mu = s/q`. Over LMS that is :math:`1/|u|^2`, NLMS at gain 1; over BlockLMS
      :math:`|g|^2 / \overline{(g'u_i)^2}`, steepest descent with Cauchy's step.
    - ``armijo``: from `start`, times `shrink` until :math:`f(\mu) \le f(0) - c_1\mu s`.
    - ``wolfe`` (strong): from `start`, divided by `shrink` while too short, then by bisection, until Armijo's condition
      and :math:`|f'(\mu)| \le c_2 s` both hold.

    Every search starts afresh from `start`. Where there is nothing to descend along (silence) the gain stays.

    In control words an inner acceptance test: the loop's gain is set by measured curvature, sample by sample. It knows
    nothing of noise: over single noisy samples multiply it by a falling schedule, ``gs.InverseTime(1, .01) *
    gs.LineSearch()``, or take blocks much longer than the weights are many.

    Parameters
    ----------
    kind : {"exact", "armijo", "wolfe"}
        The condition that ends the search.
    start : float
        First trial, in units of the gain; Armijo's search never exceeds it.
    shrink : float
        Factor between trials, 0 < shrink <= 0.99.
    c1 : float
        Share of the linear decrease that is enough.
    c2 : float
        Share of the slope that may be left, above c1.
    low, high, rate_limit, saturate
        Limits shared by all laws, see `Law`.

    Notes
    -----
    Cost: n multiplications per sample (BlockLMS: n per sample of the block, once per block) and a few per trial.

    Stability: over LMS and BlockLMS no step enlarges the weight error (without noise), whatever the signal, as long as
    `saturate` stands.

    References
    ----------
    L. Armijo, Pacific J. Math. 16 (1966). P. Wolfe, SIAM Review 11 (1969). J. Nocedal, S. J. Wright, *Numerical
    Optimization*, 2nd ed. (2006), algorithms 3.1 and 3.5, eq. (3.4), (3.7), (3.55).

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> d = np.convolve(x, [1.0, -0.5])[:5000]
    >>> run = gs.BlockLMS(2, block=32).run(x, d, gain=gs.LineSearch("wolfe"))
    >>> print(run.w.round(6))
    [ 1.  -0.5]
    """

    needs_error: ClassVar[bool] = True

    kind: str = param("exact", kind="choice", choices=KINDS, doc="condition that ends the search", kw_only=False)
    start: float = param(1.0, low=0.0, exclusive=True, unit="gain", doc="first trial")
    shrink: float = param(0.5, low=0.0, high=0.99, exclusive=True, doc="factor between trials")
    c1: float = param(1e-4, low=0.0, high=0.5, exclusive=True, symbol="c1", doc="share of the decrease that is enough")
    c2: float = param(0.9, low=0.0, high=1.0, exclusive=True, symbol="c2", doc="share of the slope that may be left")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.c2 <= self.c1:
            raise ValueError(refusal("LineSearch: c2", self.c2, f"must be > c1 = {self.c1:g}"))

    def constants(self) -> tuple[float, ...]:
        """The kind as a number, then the trial's numbers."""
        return (float(KINDS.index(self.kind)), self.start, self.shrink, self.c1, self.c2)

    def initial(self, n: int, start: Any = None) -> dict[str, NDArray[np.float64]]:
        """The gain in force."""
        return {"now": np.full(1, self.start if start is None else float(np.max(start)))}
