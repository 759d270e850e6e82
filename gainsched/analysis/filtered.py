r"""Theory of FxLMS: the mean of its weights behind any secondary path. Of the mean square nothing is known.

With path s, estimate :math:`\hat s` and independent regressors,

.. math::
    E\tilde w_{k+1} = E\tilde w_k - \mu\sum_j P_j\,E\tilde w_{k-j}, \qquad
    P_j = s_j\sum_i\hat s_i\,E[u_{k-i}u_{k-j}'] .

A covariance of the regressor says nothing of lags beyond the line; white input (R = r I) or a record does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.bound import Bound
from gainsched.analysis.drive import LARGEST
from gainsched.analysis.secondary import EDGE, Pulls
from gainsched.analysis.theory import Theory

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

    Array = NDArray[np.float64]

_MORGAN = "Morgan, IEEE Trans. ASSP 28 (1980)"
_BJARNASON = "Bjarnason, IEEE Trans. SAP 3 (1995)"
_SNYDER = "Snyder and Hansen, IEEE Trans. SP 42 (1994)"


class Filtered(Theory):
    """The mean alone: a bound that is necessary, a witness beyond it, time constants. Nothing is certified."""

    resonant = True
    moved = "behind a secondary path a gain that moves"

    def __init__(self, loop: Loop, exc: Excitation, x: ArrayLike | None = None) -> None:
        super().__init__(loop, exc)
        self.pulls = Pulls(loop.filter, exc, x)                               # type: ignore[arg-type]
        self.of_record = x is not None
        bound = self.pulls.bound
        self.nowhere = f"(0, {bound:.4g}), where the mean is stable" if bound else "the empty range of a stable mean"
        if not bound:
            self.warnings.append("the estimate turns the phase of the path by more than 90 degrees where the input has "
                                 "power: in some direction the mean grows at every small gain")

    @property
    def bounds(self) -> dict[str, Bound]:
        return {"mean": Bound(self.pulls.bound, "independent regressors; the mean of the weights only: necessary, not "
                              "sufficient (a loop may burst at .4 of it)", _BJARNASON)}

    @property
    def assumptions(self) -> list[str]:
        known = ("autocorrelation of the input: that of this record" if self.of_record else
                 "white input: no correlation at any lag, also beyond the line")
        out = [f"no theory for the mean square of {self.name}: no range and no error power are claimed",
               f"independent regressors; {known}"]
        if (load := self.pulls.power * (self.filter.model.taps + int(np.argmax(np.abs(self.pulls.path))))) > 0:
            out.append(f"rule of thumb 1/(power of filtered x (taps + delay)) = {1.0 / load:.4g}: no bound, a loop "
                       "may burst below it")
        return out

    @property
    def references(self) -> list[str]:
        return sorted([_BJARNASON, _MORGAN, _SNYDER])

    def worst_loop(self, gain: float) -> Any:
        import control

        if self.pulls.single is None:
            return None
        lag, pull = self.pulls.single
        return control.tf([gain * pull], [1.0, -1.0, *np.zeros(lag)], True)

    def witness(self, gain: float) -> float | None:
        if not self.pulls.bound < gain <= LARGEST:
            return None
        radius = self.pulls.radius(gain)
        return radius**2 if radius > 1.0 + EDGE else None

    def excuse(self, gain: float) -> str:
        return (f"no mean-square theory for {self.name}; its mean is stable" if 0 < gain < self.pulls.bound
                else f"no mean-square theory for {self.name}")

    def time_constants(self, gain: float) -> Array | None:
        """Of as many eigenvalues of the mean as there are weights, the slowest ones."""
        if not 0 <= gain <= LARGEST:
            return None
        sizes = np.sort(np.abs(np.linalg.eigvals(self.pulls.companion(gain))))[::-1][:self.pulls.n]
        with np.errstate(divide="ignore"):
            return np.asarray(np.where(sizes < 1.0, -1.0 / np.log(np.clip(sizes, 1e-300, 1.0 - 1e-16)), math.inf))
