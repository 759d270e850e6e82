"""What `certify` and `certify_switching` hand back: a verdict, its numbers, and the witness or the proof behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

STABLE, UNSTABLE, UNKNOWN = "stable", "unstable", "not certified"


@dataclass(frozen=True)
class Certificate:
    """A verdict over an interval of modes, with what proves it.

    Attributes
    ----------
    verdict : str
        "stable": proven for every mode of the interval. "unstable": `witness` grows. "not certified": neither.
    growth : float
        Asymptotic factor per sample of the weight error in the worst mode found; nan where nothing is known.
    mode : float
        The mode at which `growth` is attained.
    scale : float
        Every factor in (0, scale] on the gain is stable, proven; inf where every one is, nan where nothing is known.
    witness : dict or None
        For "unstable": ``mode``, ``growth`` and the ``gains`` (and ``betas``) of one period, or of the word that
        switching repeats. Multiply the mode's matrices over them to check.
    method : str
        How it was decided.
    lower, upper : float
        Proven bounds of the growth in the worst mode (of the joint spectral radius, for switching).
    sum_diverges : bool or None
        Of a gain that tends to 0: whether its sum is infinite, so that the error itself tends to 0; None: not known,
        or not asked.
    transient : float
        Largest amplification of the error on the way to the gains that the verdict judges, in a set of sampled modes.
    sentence : str
        The verdict in words.

    Examples
    --------
    >>> import gainsched as gs
    >>> certificate = gs.certify(0.5, modes=(0.1, 1.0))
    >>> certificate.verdict, round(certificate.growth, 6), certificate.mode, round(certificate.scale, 6)
    ('stable', 0.95, 0.1, 4.0)
    >>> print(certificate)
    stable: the error shrinks to 0.95 of itself per sample, slowest at mode 0.1; scale 4 (closed form)
    """

    verdict: str
    growth: float
    mode: float
    scale: float
    witness: dict[str, Any] | None
    method: str
    lower: float
    upper: float
    sum_diverges: bool | None = None
    transient: float = 1.0
    sentence: str = ""

    def __str__(self) -> str:
        scale = "" if math.isnan(self.scale) else f"; scale {self.scale:.4g}"
        return f"{self.verdict}: {self.sentence}{scale} ({self.method})"

    def to_dict(self) -> dict[str, Any]:
        """Strict JSON: what is infinite or unknown is None."""
        return {key: None if isinstance(value, float) and not math.isfinite(value) else value
                for key, value in vars(self).items()}
