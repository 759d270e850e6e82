r"""Theory of least mean fourth: no gain is mean-square stable, but a start at the optimum stays there for long.

The cube of the error outruns every gain once a large regressor meets a large weight error, so that for unbounded input
the error power is infinite for every mu > 0. Around the optimum, with :math:`\xi_4 = E n^4`, :math:`\xi_6 = E n^6`,

.. math:: \zeta = \frac{\mu\,\xi_6\,\mathrm{tr}R}{6\sigma_n^2 - 15\mu\,\xi_4\,\mathrm{tr}R} .
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gainsched.analysis.drive import LARGEST
from gainsched.analysis.theory import NOTHING, Theory
from gainsched.errors import NoTheory

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.analysis.bound import Bound

    Array = NDArray[Any]

_SMALL = 0.015               # of mu noise tr R, up to which the steady state is claimed; at .03 it is 6 % too large
_WALACH = "Walach and Widrow, IEEE Trans. IT 30 (1984)"
_NASCIMENTO = "Nascimento and Bermudez, IEEE Trans. SP 54 (2006)"


class Fourth(Theory):
    """Nothing is certified; the EMSE of small gains around the optimum, under Gaussian noise."""

    @property
    def assumptions(self) -> list[str]:
        return [f"no gain is mean-square stable for unbounded input ({_NASCIMENTO}): one large sample may be too many",
                f"EMSE: Gaussian noise, started at the optimum, small gains (mu noise tr R up to {_SMALL:g})",
                f"no theory for {self.name} on the way to the optimum: no MSD, no learning curve"]

    @property
    def bounds(self) -> dict[str, Bound]:
        return {}

    @property
    def references(self) -> list[str]:
        return [_NASCIMENTO, _WALACH]

    def excuse(self, gain: float) -> str:
        """Why no gain is certified."""
        return ("no gain is mean-square stable for unbounded input, for the correction grows with the cube of the "
                "error; what it does depends on where it starts")

    def steady(self) -> tuple[float | None, float | None]:
        gain, noise = self.drive.limit if self.drive.known else 0.0, self.exc.noise
        load = gain * noise * float(self.exc.modes.sum())
        if self.exc.drift is not None or self.exc.circular:
            what = "drifting weights" if self.exc.drift is not None else "complex signals"
            self.warnings.append(f"no theory for {self.name} with {what}: no EMSE is predicted")
            return NOTHING
        if not 0 < gain < LARGEST:
            return NOTHING
        if load > _SMALL:
            self.warnings.append(f"mu noise tr R = {load:.3g} is beyond the small-gain theory (up to {_SMALL:g}): no "
                                 "EMSE is predicted")
            return NOTHING
        xi4, xi6, trace = 3.0 * noise**2, 15.0 * noise**3, float(self.exc.modes.sum())
        return (gain * xi6 * trace / (6.0 * noise - 15.0 * gain * xi4 * trace), None) if noise > 0 else NOTHING

    def curve(self, n: int, every: int, w_opt: ArrayLike | None, w_opt_power: float) -> tuple[Array, Array]:
        raise NoTheory(f"no theory for {self.name} on the way: far from the optimum it may diverge at any gain.")
