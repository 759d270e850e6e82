"""Autoregressive model with external inputs: regressors from past outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.models._arx import kernel
from gainsched.models.base import Structure, delayed
from gainsched.models.fir import _inputs
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class ARX(Structure):
    r"""Equation-error model A(q) y = B(q) x + e.

    .. math:: y_k = -a_1 y_{k-1} - \dots - a_{na} y_{k-na} + b_0 x_{k-nk} + \dots + b_{nb-1} x_{k-nk-nb+1}

    The past outputs are the measured d (series-parallel form); a missing d enters later regressors as its
    prediction. With several inputs each has its own nb coefficients.

    Parameters
    ----------
    na, nb : int
        Number of output and input coefficients.
    nk : int
        Input delay in samples (1: the input acts on the next output).
    channels : int
        Number of inputs; w = [a_1 .. a_na, b of input 1, b of input 2, ...].

    Notes
    -----
    Cost: one copy of n numbers per sample on top of the filter's own.

    References
    ----------
    L. Ljung, *System Identification: Theory for the User*, 2nd ed., Prentice Hall 1999, section 4.2.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.ARX(na=2, nb=2, nk=3).n
    4
    """

    kernel: ClassVar[Any] = kernel
    feeds_back: ClassVar[bool] = True

    na: int = param(kind="integer", low=0, doc="past outputs in the regressor")
    nb: int = param(kind="integer", low=1, doc="coefficients per input")
    nk: int = param(1, kind="integer", low=0, unit="samples", doc="input delay", kw_only=False)
    channels: int = param(1, kind="integer", low=1, doc="number of inputs", kw_only=False)

    @property
    def n(self) -> int:
        """Number of weights, na + nb per channel."""
        return self.na + self.nb * self.channels

    @property
    def shape(self) -> tuple[int, ...]:
        """(n,): outputs first, then the inputs one after the other."""
        return (self.n,)

    def layout(self, lookback: int, span: int) -> dict[str, int]:
        """The line reaches back to the input delay; regressors are kept as rows of their own."""
        return {"n": self.n, "channels": self.channels, "depth": self.nk + 1, "past": lookback + 2,
                "mark_lag": self.nk, "mark_span": self.nb + span - 1, "d_span": self.na + span}

    def constants(self) -> tuple[float, ...]:
        """na, nb, nk."""
        return (self.na, self.nb, self.nk)

    def regressors(self, x: ArrayLike, d: ArrayLike | None = None) -> NDArray[Any]:
        """Rows [-d_{k-1} .. -d_{k-na}, x_{k-nk} ..]."""
        columns = self.columns(x)
        if d is None:
            raise ValueError("ARX regressors hold past outputs: give d as well as x.")
        output = np.asarray(d)[:, None]
        lagged = [-delayed(output, i)[:, 0] for i in range(1, self.na + 1)]
        lagged += [delayed(columns, self.nk + i)[:, c] for c in range(self.channels) for i in range(self.nb)]
        return np.stack(lagged, axis=1)

    def transfer(self, w: NDArray[Any], dt: float | bool = True) -> Any:
        """B(z)/A(z) in powers of z, one column per input."""
        import control

        order = max(self.na, self.nk + self.nb - 1)
        den = np.zeros(order + 1)
        den[0] = 1.0
        den[1 : self.na + 1] = w[: self.na]
        nums = []
        for c in range(self.channels):
            num = np.zeros(order + 1)
            start = self.na + c * self.nb
            num[self.nk : self.nk + self.nb] = w[start : start + self.nb]
            nums.append(num)
        return control.tf([nums], [[den] * self.channels], dt, outputs=["y"], inputs=_inputs(self.channels),
                          name="ARX")
