"""Theory of the MIT rule: the loop frozen at a constant command."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.bound import Bound
from gainsched.analysis.linear import frozen_gain
from gainsched.analysis.margins import gain_range
from gainsched.analysis.theory import Theory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

_REFERENCE = "Astrom and Wittenmark, Adaptive Control, 2nd ed. (1995), section 5.3"


class Frozen(Theory):
    """Characteristic polynomial (z - 1) A(z) + mu psi'phi B(z) at a constant command: local in its amplitude."""

    measure = "amplitude"

    def __init__(self, loop: Loop, exc: Excitation) -> None:
        super().__init__(loop, exc)
        self.amplitude = exc.amplitude
        self.typical = math.sqrt(float(np.mean(np.diag(exc.R).real)))            # RMS; the amplitude of a constant one
        self.pull = self._pull(self.amplitude)
        self._range = gain_range(self.worst_loop(1.0))
        if self._range is None:
            self.warnings.append(f"no gain is stable at amplitude {self.amplitude:.4g}: plant times reference has the "
                                 "wrong sign at zero frequency, or the plant is unstable")

    def _pull(self, amplitude: float) -> float:
        return frozen_gain(self.filter, self.filter.model.n * amplitude**2)

    @property
    def range(self) -> tuple[float, float] | None:
        return self._range

    @property
    def bounds(self) -> dict[str, Bound]:
        if self._range is None:
            return {}
        rule = "normalized rule" if self.filter.normalized else "limit falls with the amplitude squared"
        where = f"constant command of amplitude {self.amplitude:.4g}; local, {rule}"
        return {"deterministic": Bound(self._range[1], where, _REFERENCE)}

    @property
    def assumptions(self) -> list[str]:
        return [f"frozen at a constant command of amplitude {self.amplitude:.4g}; another amplitude has another bound",
                f"stability of the frozen loop; no theory for the error powers of {self.name}"]

    @property
    def references(self) -> list[str]:
        return [_REFERENCE]

    def worst_loop(self, gain: float) -> Any:
        import control

        num, den, dt = self.filter.plant
        return control.tf(gain * self.pull * np.array(num), np.polymul(den, [1.0, -1.0]), dt)

    def _radius(self, gain: float, pull: float | None = None) -> float:
        num, den, _ = self.filter.plant
        factor = gain * (self.pull if pull is None else pull)
        return float(np.abs(np.roots(np.polymul(den, [1.0, -1.0]) + factor * np.append(0.0, num))).max())

    def growth(self, gain: float) -> float:
        return self._radius(gain)

    def witness(self, gain: float) -> float:
        """The smaller growth of two loops: held at the largest amplitude for ever, and at the RMS of the command."""
        return min(self._radius(gain), self._radius(gain, self._pull(self.typical)))

    def excuse(self, gain: float) -> str:
        return (f"a command held at amplitude {self.amplitude:.4g}, the record's largest, makes it grow by "
                f"{self._radius(gain):.4g} per sample, one held at its RMS {self.typical:.4g} does not")

    def time_constants(self, gain: float) -> NDArray[Any]:
        radius = self._radius(gain)
        return np.array([-1.0 / math.log(radius) if 0 < radius < 1 else (0.0 if radius == 0 else math.inf)])
