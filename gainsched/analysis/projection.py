r"""Theory of affine projection: stable for any signal, and the steady state of small gains.

Without noise the a-posteriori step is a projection scaled by mu, so that no step with 0 < mu < 2 enlarges the weight
error. For small gains

.. math::
    \zeta = \frac{\mu\sigma_n^2}{2 - \mu}\,\mathrm{tr}R\; E\!\left[\frac{K}{|u|^2}\right], \qquad K = \mathrm{order} .
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.bound import Bound
from gainsched.analysis.drive import LARGEST
from gainsched.analysis.theory import NOTHING, Theory
from gainsched.errors import NoTheory

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]

_SMALL = 0.5                 # largest gain whose steady state is claimed
_REFERENCE = "Shin and Sayed, IEEE Trans. SP 52 (2004)"


class Projection(Theory):
    """A deterministic range, and the EMSE of small gains."""

    @property
    def range(self) -> tuple[float, float]:
        return (0.0, float(self.filter.gain_high))

    @property
    def bounds(self) -> dict[str, Bound]:
        return {"deterministic": Bound(float(self.filter.gain_high), "any signal, any sequence of gains: no step "
                                       "enlarges the weight error (without noise)", _REFERENCE)}

    @property
    def assumptions(self) -> list[str]:
        seen = "1.1 times too large at order 2 and gain .1, 1.3 times at order 4 and gain .5 (16 taps, AR(1) .7)"
        return ["range: any signal",
                f"EMSE: small gains only, up to {_SMALL:g}; independent regressors, without eps; measured {seen}",
                f"no theory for the MSD, time constants and learning curve of {self.name}"]

    @property
    def references(self) -> list[str]:
        return [_REFERENCE]

    def any_sequence(self) -> str | None:
        if self.drive.per_weight or (self.drive.law is not None and self.drive.law.per_weight):
            return None
        return "any sequence of gains within the range, any signal: no step enlarges the weight error"

    def excuse(self, gain: float) -> str:
        """Beyond the range a step may enlarge the weight error; whether it goes on to do so is not known."""
        return "single steps may enlarge the weight error, what they come to has no theory"

    def steady(self) -> tuple[float | None, float | None]:
        gain = self.drive.limit if self.drive.known else 0.0
        if self.exc.drift is not None:
            self.warnings.append(f"no theory for {self.name} with drifting weights: no EMSE is predicted")
            return NOTHING
        if not 0 < gain < LARGEST:
            return NOTHING
        if gain > _SMALL:
            if gain < self.range[1]:
                self.warnings.append(f"gain {gain:.4g} is beyond the small-gain theory (up to {_SMALL:g}): no EMSE is "
                                     "predicted")
            return NOTHING
        crowding = float(self.exc.modes.sum()) * self.filter.order * float(self.exc.normalized_moments(0.0).G.sum())
        return (gain * self.exc.noise / (2.0 - gain) * crowding, None) if np.isfinite(crowding) else NOTHING

    def curve(self, n: int, every: int, w_opt: ArrayLike | None, w_opt_power: float) -> tuple[Array, Array]:
        raise NoTheory(f"no theory for {self.name} on the way: its steady state alone is predicted.")
