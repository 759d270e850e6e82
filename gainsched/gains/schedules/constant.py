"""The schedule that does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.gains.base import Schedule
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Constant(Schedule):
    r"""The same gain at every sample.

    .. math:: \mu_k = \mathrm{value}

    Parameters
    ----------
    value : float
        The gain, >= 0.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Constant(0.5)([0, 1000])
    array([0.5, 0.5])
    """

    value: float = param(low=0, doc="the gain")

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.full(k.shape, self.value)

    @property
    def limit(self) -> float:
        return self.value

    @property
    def cycle(self) -> tuple[int, int]:
        return (0, 1)
