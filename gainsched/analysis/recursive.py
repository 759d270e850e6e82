"""Theory of recursive least squares."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import leastsquares
from gainsched.analysis.bound import Bound
from gainsched.analysis.drive import Drive
from gainsched.analysis.theory import NOTHING, Theory
from gainsched.errors import NoTheory

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

    Array = NDArray[Any]

_SETTLING = 200_000          # samples in which the sums of periodic forgetting must have settled
_REFERENCE = "Eleftheriou and Falconer, IEEE Trans. ASSP 34 (1986); Haykin, Adaptive Filter Theory, ch. 10 and 13"


class LeastSquares(Theory):
    """Error after k samples under any forgetting schedule; its port is the forgetting factor."""

    port = "forgetting"

    def __init__(self, loop: Loop, exc: Excitation) -> None:
        super().__init__(loop, exc)
        self.modes, self.drift = exc.modes, self.modal_drift()
        step = Drive(loop)
        self.textbook = step.known and step.is_constant and step.now == 1.0
        self.step = step
        values = self.drive.scan[1] if self.drive.known else np.ones(1)
        self.forgets = bool(values.min() > 0 and values.max() <= 1)
        crowding = leastsquares.validity(loop.filter.model.n, float(values.min()))
        if crowding > 0.2:
            self.warnings.append(f"weights over memory, N (1 - forgetting) = {crowding:.2g}, is not small: the "
                                 "predicted error powers are rough; forgetting closer to 1 averages more samples")

    @property
    def range(self) -> tuple[float, float] | None:
        return (0.0, 1.0) if self.textbook else None

    def stable_at(self, value: float) -> bool:
        return self.textbook and 0.0 < value <= 1.0 and bool(np.all(self.modes > 0))

    def any_sequence(self) -> str | None:
        if not (self.textbook and self.forgets and np.all(self.modes > 0)):
            return None
        return "any sequence of forgetting factors in (0, 1] while the input excites every weight"

    @property
    def bounds(self) -> dict[str, Bound]:
        if not self.textbook:
            return {}
        return {"deterministic": Bound(1.0, "1 included; input that goes on exciting every weight", _REFERENCE)}

    @property
    def assumptions(self) -> list[str]:
        settled = "margins: the settled loop gain (1 - forgetting)/(z - 1) of every mode"
        if not self.textbook:
            return ["no theory for RLS with a gain other than 1: no range, no error power is claimed", settled]
        return ["range: of the port `forgetting`, input that goes on exciting every weight",
                "error powers: stationary Gaussian regressors, N (1 - forgetting) << 1; nothing before 2 N samples",
                settled]

    @property
    def references(self) -> list[str]:
        return [_REFERENCE]

    def worst_loop(self, gain: float) -> Any:
        import control

        pull = (self.step.now if self.step.known else math.nan) * (1.0 - gain)
        return control.tf([pull], [1.0, -1.0], True) if math.isfinite(pull) else None

    def excuse(self, gain: float) -> str:
        if not self.textbook:
            return "no theory for RLS with a gain other than 1: this loop's gain is " + (
                f"{self.step.now:.4g}" if self.step.known and self.step.is_constant else "another")
        return "forgetting must be in (0, 1]" if not self.forgets else "the input does not excite every weight"

    def time_constants(self, gain: float) -> Array | None:
        if not (self.textbook and self.forgets):
            return None
        tau = -1.0 / math.log(gain) if gain < 1 else math.inf
        return np.where(self.modes > 0, tau, np.inf)

    def steady(self) -> tuple[float | None, float | None]:
        if not (self.textbook and self.drive.known and self.forgets):
            return NOTHING
        factor = self.drive.limit
        if math.isnan(factor):
            return self._periodic()
        if factor == 1.0:
            if self.drift.any():
                self.warnings.append("forgetting tends to 1 while the weights drift: the error grows without bound")
                return math.inf, math.inf
            return 0.0, 0.0 if np.all(self.modes > 0) else None
        n = self.filter.model.n
        memory = leastsquares.Memory.settled(factor)
        return self._powers(memory.powers(self.modes, np.zeros(n), self.exc.noise, self.drift, self._scatter))

    @property
    def _scatter(self) -> int:
        return leastsquares.scatter(self.filter.model.n, self.exc.circular)

    def _powers(self, c: Array) -> tuple[float | None, float | None]:
        emse, msd = float((self.modes * c)[self.modes > 0].sum()), float(c.sum())
        return (None if math.isnan(emse) else emse), (None if math.isnan(msd) else msd)

    def _periodic(self) -> tuple[float | None, float | None]:
        """The mean over a period, once the sums repeat with it."""
        period = self.drive.repeated
        if period is None:
            return NOTHING
        memory = leastsquares.Memory(0.0)
        for _ in range(max(2, _SETTLING // len(period))):
            before = memory.lag_mixed
            for factor in period.tolist():
                memory.take(factor)
            if math.isclose(memory.lag_mixed, before, rel_tol=1e-12):
                break
        else:
            return NOTHING                                       # a memory too long to follow
        rows, start = [], np.zeros(self.filter.model.n)
        for factor in period.tolist():
            rows.append(memory.powers(self.modes, start, self.exc.noise, self.drift, self._scatter))
            memory.take(factor)
        return self._powers(np.mean(rows, axis=0))

    def curve(self, n: int, every: int, w_opt: ArrayLike | None, w_opt_power: float) -> tuple[Array, Array]:
        if not self.textbook:
            raise NoTheory("no theory for RLS with a gain other than 1: no learning curve is predicted.")
        if not self.forgets:
            raise NoTheory("no theory for RLS with a forgetting factor outside (0, 1]: it remembers ever less.")
        self.covered(n)
        before = self.w if self.drive.first == 0 else np.zeros(self.filter.model.n)
        start = self.start(w_opt, w_opt_power, before)
        c = leastsquares.curve(self.modes, start, self.drive, range(self.drive.first, self.drive.first + n, every),
                               self.exc.noise, self.drift, self.filter.delta, self.exc.circular)
        unknown = np.isnan(c).all(axis=1)
        emse = np.where(self.modes > 0, self.modes * c, 0.0).sum(axis=1)
        return np.where(unknown, np.nan, emse), c.sum(axis=1)
