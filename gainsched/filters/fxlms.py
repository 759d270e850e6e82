"""Filtered-x least mean squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.filters._fxlms import kernel
from gainsched.filters.base import Filter
from gainsched.models.lti import as_lti, lti_constants, lti_order, lti_response
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class FxLMS(Filter, kernel=kernel):
    r"""Filtered-x LMS: adapts a control signal that is heard through a secondary path (active noise control).

    .. math::
        y_k = w_k' u_k, \qquad e_k = d_k - (s * y)_k, \qquad w_{k+1} = w_k + \mu_k\, e_k\, (\hat s * u)_k

    ``run.y`` is the control signal. In the two-halves form ``loop.predict`` / ``loop.correct`` the real path and the
    real sensor take the place of the simulated one, and only the estimate is used.

    Parameters
    ----------
    model : int or FIR
        The adaptive filter.
    secondary : taps, (num, den[, dt]) or discrete control LTI
        The path s from control signal to error sensor. Plain numbers are FIR taps s_0, s_1, ...; num and den are
        polynomials in z, highest power first.
    estimate : same forms, optional
        The model of the path that filters the regressor (default: the path itself).

    Notes
    -----
    Gain: :math:`\mu`, in 1 / (power of filtered x); no default.

    Cost: 2 n multiplications per sample plus the two paths.

    Stability: the estimate's phase must stay within 90 degrees of the path's. For a pure delay of D samples the
    mean bound is that of `DelayedLMS` with the covariance of the filtered input. For any path `analyze` gives the exact
    mean bound (white input, or a record), which is necessary only; the mean square has no theory. The rule of thumb
    :math:`\mu \lesssim 1/(P_{xf}(N + D))` is not safe: white input behind 0, 0, .5, 1, .3 bursts at .061 with 8 taps,
    where it says .068 and the mean bound is .153.

    References
    ----------
    D. R. Morgan, "An analysis of multiple correlation cancellation loops with a filter in the auxiliary path", IEEE
    Trans. ASSP 28 (1980). S. M. Kuo, D. R. Morgan, *Active Noise Control Systems*, Wiley 1996.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(5000)
    >>> d = np.convolve(x, [0.0, 0.5, -0.25])[:5000]
    >>> run = gs.FxLMS(2, secondary=[0.0, 0.5]).run(x, d, gain=0.1)
    >>> print(run.w.round(6))
    [ 1.  -0.5]
    """

    gain_unit: ClassVar[str] = "1/(power of filtered x)"
    takes_feedback: ClassVar[bool] = False
    error_of_output: ClassVar[bool] = False

    secondary: Any = param(kind="system", symbol="s", doc="path from control signal to error sensor")
    estimate: Any = param(None, kind="system", symbol="s^", doc="model of the path (default: the path)")

    @classmethod
    def specimen(cls) -> FxLMS:
        """Four taps behind a path of two."""
        return cls(4, secondary=(0.5, 0.25))

    def sensed(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """The control signal behind the secondary path."""
        return lti_response(self.secondary, y)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "secondary", as_lti(self.secondary, "FxLMS: secondary"))
        if self.estimate is not None:
            object.__setattr__(self, "estimate", as_lti(self.estimate, "FxLMS: estimate"))

    def constants(self) -> tuple[float, ...]:
        """Path, then estimate."""
        return lti_constants(self.secondary) + lti_constants(self.estimate or self.secondary)

    def initial(self) -> dict[str, NDArray[np.float64]]:
        """Both systems at rest, no filtered input yet."""
        channels = self.model.channels
        return {"position": np.zeros(1), "path": np.zeros(lti_order(self.secondary)),
                "estimate": np.zeros((channels, lti_order(self.estimate or self.secondary))),
                "ring": np.zeros((2 * self.model.taps, channels))}
