"""Finite impulse response: the regressor is the delay line itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.models.base import Structure, delayed
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class FIR(Structure):
    r"""Transversal model y_k = sum_i w[i] x_{k-i}, over one or several input channels.

    .. math:: y_k = \sum_{c}\sum_{i=0}^{taps-1} w_{i,c}\, x_{k-i,c}

    Parameters
    ----------
    taps : int
        Number of weights per channel; ``w[0]`` multiplies the newest sample.
    channels : int
        Number of inputs. With one channel x is (T,) or (T, 1) and w (taps,); with several x is (T, channels) and
        w (taps, channels). ``FIR(taps=1, channels=p)`` is plain linear regression on p features.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.FIR(taps=8, channels=3).shape
    (8, 3)
    >>> gs.NLMS(4) == gs.NLMS(gs.FIR(taps=4))
    True
    """

    taps: int = param(kind="integer", low=1, symbol="N", unit="samples", doc="weights per channel")
    channels: int = param(1, kind="integer", low=1, symbol="C", doc="number of inputs", kw_only=False)

    @property
    def n(self) -> int:
        """Number of weights, taps times channels."""
        return self.taps * self.channels

    @property
    def shape(self) -> tuple[int, ...]:
        """(taps,) for one channel, else (taps, channels)."""
        return (self.taps,) if self.channels == 1 else (self.taps, self.channels)

    def layout(self, lookback: int, span: int) -> dict[str, int]:
        """The delay line holds the regressors looked back at; a missing x poisons the taps that it passes."""
        return {"n": self.n, "channels": self.channels, "depth": self.taps + lookback, "past": 0,
                "mark_lag": 0, "mark_span": self.taps + span - 1, "d_span": span}

    def regressors(self, x: ArrayLike, d: ArrayLike | None = None) -> NDArray[Any]:
        """Rows [x_k, x_{k-1}, ...], channels fastest."""
        columns = self.columns(x)
        return np.stack([delayed(columns, i) for i in range(self.taps)], axis=1).reshape(len(columns), self.n)

    def transfer(self, w: NDArray[Any], dt: float | bool = True) -> Any:
        """The taps over z^(taps-1), one column of the transfer matrix per channel."""
        import control

        taps = w.reshape(self.taps, self.channels)
        den = np.eye(1, self.taps)[0]
        return control.tf([[taps[:, c] for c in range(self.channels)]], [[den] * self.channels], dt,
                          outputs=["y"], inputs=_inputs(self.channels), name="FIR")


def _inputs(channels: int) -> list[str]:
    return ["x"] if channels == 1 else [f"x[{c}]" for c in range(channels)]
