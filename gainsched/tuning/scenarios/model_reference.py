"""Model reference: a feedforward gain that makes a plant answer as a model does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gainsched.excitation import Excitation
from gainsched.filters import MITRule
from gainsched.models.lti import as_lti, lti_response
from gainsched.tuning.scenarios.base import Scenario, Trial, put, real, whole


@dataclass(frozen=True)
class ModelReference(Scenario):
    r"""A square-wave command of drawn phase for `gainsched.MITRule` with this plant and reference; measured with noise.

    .. math:: d_k = (G_m x)_k + n_k, \qquad x_k = \pm\,\mathrm{amplitude}

    Parameters
    ----------
    plant, reference : (num, den[, dt]), taps, or discrete control LTI
        As `MITRule` takes them; it must be given the same, see `rule`.
    period : int
        Of the command, samples.
    amplitude : float
        Of the command: the loop gain grows with its square.
    noise : float
        Variance of the sensor's noise, which the model error contains.
    samples : int
        Of a trial.

    Notes
    -----
    The weight that d is made of is known where the reference is a multiple of the plant: that multiple. `excitation` is
    the frozen one, a constant command of this amplitude.

    References
    ----------
    K. J. Astrom, B. Wittenmark, *Adaptive Control*, 2nd ed. (1995), sections 5.2-5.3.

    Examples
    --------
    >>> import gainsched as gs
    >>> scenario = gs.scenarios.ModelReference(([0.1], [1, -0.9]), ([0.2], [1, -0.9]), noise=1e-4)
    >>> found = gs.monte_carlo(gs.Loop(scenario.rule(), gain=0.01), scenario, trials=10)
    >>> scenario.trial(0).weights, found.steady_state("msd").value < 1e-3
    (array([2.]), True)
    """

    plant: Any
    reference: Any
    period: int = 400
    amplitude: float = 1.0
    noise: float = 0.0
    samples: int = 4000

    def __post_init__(self) -> None:
        for name in ("plant", "reference"):
            put(self, name, as_lti(getattr(self, name), f"ModelReference: {name}"))
        put(self, "period", whole(self, "period", 2))
        put(self, "amplitude", real(self, "amplitude", 0.0, exclusive=True))
        put(self, "noise", real(self, "noise", 0.0))
        put(self, "samples", whole(self, "samples", 1))

    @property
    def noise_power(self) -> float:
        """Variance of the sensor's noise."""
        return self.noise

    def rule(self, *, normalized: bool = False) -> MITRule:
        """The MIT rule for this plant and reference."""
        return MITRule(1, plant=self.plant, reference=self.reference, normalized=normalized)

    def draw(self, rng: np.random.Generator) -> Trial:
        """Phase of the command, then the noise."""
        k = np.arange(self.samples) + rng.integers(self.period)
        x = np.where(k % self.period < self.period / 2, self.amplitude, -self.amplitude)
        noise = np.sqrt(self.noise) * rng.standard_normal(self.samples)
        return Trial(x, lti_response(self.reference, x) + noise, noise, self._multiple())

    def excitation(self, n: int) -> Excitation:
        """A constant command of this amplitude."""
        return Excitation(self.amplitude**2, self.noise, peak=self.amplitude).sized(n)

    def _multiple(self) -> Any:
        """The gain that makes the plant the reference; None where none does."""
        (num, den, _), (goal, goal_den, _) = self.plant, self.reference
        if den != goal_den:
            return None
        factor = float(np.dot(num, goal) / np.dot(num, num))
        return np.array([factor]) if np.allclose(factor * np.array(num), goal, rtol=1e-12, atol=0.0) else None
