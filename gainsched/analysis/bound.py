"""A stability bound never travels without its assumption."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """An upper limit of the gain, what it assumes, and where it comes from.

    Examples
    --------
    >>> import gainsched as gs
    >>> bound = gs.analyze(gs.Loop(gs.LMS(8), gain=0.01), gs.Excitation(1.0)).bounds["mean_square"]
    >>> round(bound.value, 12), bound.assumption
    (0.2, 'independent Gaussian regressors')
    """

    value: float
    assumption: str
    reference: str

    def __float__(self) -> float:
        return self.value

    def to_dict(self) -> dict[str, float | str | None]:
        """Strict JSON: an infinite value is None."""
        return {**vars(self), "value": self.value if math.isfinite(self.value) else None}
