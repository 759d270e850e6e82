"""A law multiplied by a schedule: feedback within a feedforward envelope."""

from __future__ import annotations

from typing import Any, ClassVar

from gainsched.errors import refusal
from gainsched.gains.base import Law, Schedule
from gainsched.param import Spec, param


class ScheduledLaw(Spec):
    r"""A law whose gain is multiplied by a schedule; made by ``schedule * law`` and ``Warmup(steps) >> law``.

    .. math:: \mu_k = s_k\, \mu^{\mathrm{law}}_k

    The law runs as always: its limits and its rate limit hold for its own gain. Saturation looks at the product, and
    what it takes off is taken off the law's gain too, so that nothing winds up behind it.

    Parameters
    ----------
    schedule : Schedule
        The factor s, a function of the loop's clock.
    law : Law
        What it multiplies.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(500)
    >>> gain = gs.Cosine(1.0, 0.0, 400) * gs.RMSProp(rate=0.01)
    >>> gs.LMS(2).run(x, x, gain=gain, record=gs.Record(gain=1)).gain[[0, 399, 400]].max(axis=1) > 0
    array([ True,  True, False])
    """

    family: ClassVar[str] = "composite"
    __array_ufunc__: ClassVar[None] = None

    schedule: Any = param(kind="schedule", doc="the factor, a function of the sample number")
    law: Any = param(kind="law", doc="the law that it multiplies")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.schedule, Schedule):
            raise TypeError(refusal("ScheduledLaw: schedule", self.schedule, "must be a Schedule"))
        if not isinstance(self.law, Law):
            raise TypeError(refusal("ScheduledLaw: law", self.law, "must be a Law"))

    @property
    def per_weight(self) -> bool:
        """Whether every weight has its own gain."""
        return bool(self.law.per_weight)

    def __rmul__(self, factor: Any) -> ScheduledLaw:
        """A schedule, or a number, times this: the factors multiply."""
        return ScheduledLaw(factor * self.schedule, self.law)

    def __repr__(self) -> str:
        return f"ScheduledLaw({self.schedule!r}, {self.law!r})"
