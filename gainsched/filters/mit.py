"""The MIT rule: model-reference adaptation by a filtered sensitivity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.filters._mit import kernel
from gainsched.filters.base import Filter
from gainsched.models.lti import as_lti, lti_constants, lti_order, lti_response
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class MITRule(Filter, kernel=kernel):
    r"""Feedforward model-reference adaptive control by the MIT rule, plant and reference inside the loop.

    .. math::
        u_k = w_k'\varphi_k, \quad y = P u, \quad d = G_m x, \quad e = d - y, \quad \psi = G_m \varphi, \quad
        w_{k+1} = w_k + \mu_k \frac{e_k \psi_k}{1 \;\text{or}\; \alpha + \psi_k'\psi_k}

    x is the command; :math:`\varphi` its delay line. Without a desired signal (``loop.run(uc)``) the reference
    model answers the command itself. ``run.y`` is the plant's output. In the two-halves form ``loop.predict``
    returns the control signal u for a real plant, and ``loop.correct(e)`` takes the measured model error.

    Parameters
    ----------
    model : int or FIR
        The feedforward controller; 1 is the adaptive gain of the textbook.
    plant, reference : (num, den[, dt]), taps, or discrete control LTI
        P and G_m, discrete.
    normalized : bool
        Divide the step by alpha + psi'psi: the effective loop gain no longer grows with the command's square.
    alpha : float
        Regularization of the normalized rule, in units of psi squared.

    Notes
    -----
    Gain: :math:`\mu`, in (unit of w) / (unit of e times unit of psi); no default.

    Cost: 2 n multiplications per sample plus plant and reference.

    Stability at a constant command of amplitude A (frozen; local): the roots of
    :math:`(z-1) A_P(z) + \mu\, \psi'\varphi\, B_P(z)` lie inside the unit circle; :math:`\psi'\varphi` grows with
    A squared, so every plain gain is unstable at some amplitude unless the plant is strictly positive real.

    References
    ----------
    P. V. Osburn, H. P. Whitaker, A. Kezer, "New developments in the design of model reference adaptive control
    systems", IAS paper 61-39 (1961). K. J. Astrom, B. Wittenmark, *Adaptive Control*, 2nd ed. (1995), sections 5.2-5.3.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> command = np.sign(np.sin(2 * np.pi * np.arange(4000) / 400))
    >>> rule = gs.MITRule(1, plant=([0.1], [1, -0.9]), reference=([0.2], [1, -0.9]))
    >>> run = rule.run(command, gain=0.01)
    >>> print(run.w.round(3))
    [2.]
    """

    gain_unit: ClassVar[str] = "(unit of w)/(unit of e times unit of psi)"
    needs_d: ClassVar[bool] = False
    takes_feedback: ClassVar[bool] = False

    plant: Any = param(kind="system", symbol="P", doc="plant, from control signal to output")
    reference: Any = param(kind="system", symbol="Gm", doc="reference model, from command to desired output")
    normalized: bool = param(False, kind="flag", doc="divide the step by alpha + psi'psi")
    alpha: float = param(1e-3, low=0, exclusive=True, symbol="alpha", unit="psi squared", doc="regularization")

    @classmethod
    def specimen(cls) -> MITRule:
        """The textbook's feedforward gain on a first-order plant."""
        return cls(1, plant=((0.5,), (1.0, -0.5)), reference=((1.0,), (1.0, -0.5)))

    def sensed(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """The control signal behind the plant."""
        return lti_response(self.plant, y)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "plant", as_lti(self.plant, "MITRule: plant"))
        object.__setattr__(self, "reference", as_lti(self.reference, "MITRule: reference"))

    def constants(self) -> tuple[float, ...]:
        """normalized, alpha, plant, reference."""
        return (float(self.normalized), self.alpha, *lti_constants(self.plant), *lti_constants(self.reference))

    def initial(self) -> dict[str, NDArray[np.float64]]:
        """Plant and reference at rest."""
        channels = self.model.channels
        return {"position": np.zeros(1), "plant": np.zeros(lti_order(self.plant)),
                "reference": np.zeros((channels, lti_order(self.reference))),
                "ring": np.zeros((2 * self.model.taps, channels))}
