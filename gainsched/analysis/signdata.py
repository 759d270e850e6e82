r"""Theory of SignDataLMS under Gaussian regressors of equal power: Price's theorem makes its balance of power exact.

With :math:`E[\mathrm{sgn}(u)u'] = \sqrt{2/\pi}\,R/\sigma_x` and :math:`|\mathrm{sgn}(u)|^2 = N`,

.. math::
    \mathrm{MSD}^+ = \mathrm{MSD} - (2\mu\sqrt{2/\pi}/\sigma_x - \mu^2 N)\,\zeta + \mu^2 N\sigma_n^2 + \mathrm{tr}Q .

It gives the bound :math:`\mu < 2\sqrt{2/\pi}/(N\sigma_x)` and the steady EMSE for every covariance with equal diagonal
elements; white input gives a closed recursion besides.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.bound import Bound
from gainsched.analysis.drive import LARGEST
from gainsched.analysis.gradient import Gradient
from gainsched.analysis.theory import NOTHING, Theory
from gainsched.errors import NoTheory
from gainsched.excitation import Moments

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

    Array = NDArray[Any]

_REFERENCE = "Eweda, IEEE Trans. CAS 37 (1990)"
_PRICE = math.sqrt(2.0 / math.pi)
_CAVEAT = "for some inputs that are not Gaussian the mean diverges at every gain"
_EQUAL = 0.05                # largest deviation of a weight's power from the mean that still counts as equal


def is_even(exc: Excitation) -> bool:
    """Whether all weights see the same power within 5 %, as those of a delay line do.

    Examples
    --------
    >>> import gainsched as gs
    >>> is_even(gs.Excitation([[1, 0.5], [0.5, 1]])), is_even(gs.Excitation([[1, 0], [0, 2]]))
    (True, False)
    """
    powers = np.diag(exc.R).real
    return bool(powers.mean() > 0 and np.abs(powers / powers.mean() - 1.0).max() <= _EQUAL)


def _bounds(theory: Theory, bound: float, kind: str) -> dict[str, Bound]:
    deviation = math.sqrt(float(np.mean(np.diag(theory.exc.R).real)))
    mean = 2.0 * deviation / (_PRICE * float(theory.exc.modes.max()))
    return {"mean": Bound(mean, "independent Gaussian regressors; the mean of the weights only: necessary, not "
                          "sufficient", _REFERENCE),
            "mean_square": Bound(bound, f"independent {kind} regressors of equal power", _REFERENCE)}


class SignDataWhite(Gradient):
    """Exact moments under independent white Gaussian regressors."""

    def its_moments(self, exc: Excitation) -> Moments:
        power = float(np.mean(np.diag(exc.R).real))
        n = len(exc.R)
        return Moments(np.full(n, _PRICE * math.sqrt(power)), np.full((n, n), power), np.ones(n))

    @property
    def bounds(self) -> dict[str, Bound]:
        return _bounds(self, self.bound, "white Gaussian")

    @property
    def assumptions(self) -> list[str]:
        return ["independent white Gaussian regressors, all numbers; a delay line's are not independent", _CAVEAT]

    def any_sequence(self) -> str | None:
        return None


class SignDataColored(Theory):
    """Bound and EMSE by the balance of power: no recursion closes, so no learning curve."""

    def __init__(self, loop: Loop, exc: Excitation) -> None:
        super().__init__(loop, exc)
        self.deviation = math.sqrt(float(np.mean(np.diag(exc.R).real)))
        self.bound = 2.0 * _PRICE / (loop.filter.model.n * self.deviation)
        self.drift = self.modal_drift()

    @property
    def range(self) -> tuple[float, float]:
        return (0.0, self.bound)

    @property
    def bounds(self) -> dict[str, Bound]:
        return _bounds(self, self.bound, "Gaussian")

    @property
    def assumptions(self) -> list[str]:
        return ["independent Gaussian regressors of equal power, all numbers; a delay line's are not independent",
                _CAVEAT, "MSD and learning curve: no theory for colored input"]

    @property
    def references(self) -> list[str]:
        return [_REFERENCE]

    def worst_loop(self, gain: float) -> Any:
        import control

        return control.tf([gain * _PRICE * float(self.exc.modes.max()) / self.deviation], [1.0, -1.0], True)

    def balance(self, gain: float) -> float:
        """What is left of MSD per unit of EMSE and sample."""
        return float(gain * (2.0 * _PRICE / self.deviation - gain * self.filter.model.n))

    def witness(self, gain: float) -> float | None:
        """Above the bound MSD grows by at least this, whatever the weight error is."""
        return 1.0 - self.balance(gain) * float(self.exc.modes.min()) if self.bound < gain < LARGEST else None

    def time_constants(self, gain: float) -> Array | None:
        pull = np.abs(1.0 - gain * _PRICE * self.exc.modes / self.deviation)
        with np.errstate(divide="ignore"):
            return np.asarray(np.where(pull < 1.0, -1.0 / np.log(np.clip(pull, 1e-300, 1.0 - 1e-16)), math.inf))

    def steady(self) -> tuple[float | None, float | None]:
        gain = self.drive.limit if self.drive.known else math.nan
        if gain > self.bound:
            return math.inf, math.inf
        if not 0 < gain < self.bound or (self.drift[self.exc.modes <= 0] > 0).any():
            return NOTHING
        added = gain**2 * self.filter.model.n * self.exc.noise + float(self.drift.sum())
        return added / self.balance(gain), None

    def curve(self, n: int, every: int, w_opt: ArrayLike | None, w_opt_power: float) -> tuple[Array, Array]:
        raise NoTheory(f"no theory for {self.name} with colored input: no learning curve is predicted.")
