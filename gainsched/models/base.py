"""What every model structure says about itself: its size, its regressor, its transfer function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.errors import refusal
from gainsched.param import Spec

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Structure(Spec, abstract=True):
    """How the regressor u_k of a linear-in-parameters model is built from past inputs and outputs."""

    family: ClassVar[str] = "model"
    kernel: ClassVar[Any] = None          # hook that assembles the regressor; None: the delay line is the regressor
    feeds_back: ClassVar[bool] = False    # whether past outputs stand in the regressor

    @property
    def channels(self) -> int:
        """Number of inputs."""
        raise NotImplementedError

    @property
    def n(self) -> int:
        """Number of weights."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the weights as the user sees them."""
        raise NotImplementedError

    def layout(self, lookback: int, span: int) -> dict[str, int]:
        """Sizes of the delay lines for a filter that looks `lookback` rows back and needs `span` sound samples."""
        raise NotImplementedError

    def constants(self) -> tuple[float, ...]:
        """Numbers the assembling hook reads."""
        return ()

    def regressors(self, x: ArrayLike, d: ArrayLike | None = None) -> NDArray[Any]:
        """All regressors of a record, one row u_k per sample, (T, n); what precedes the record is zero."""
        raise NotImplementedError

    def transfer(self, w: NDArray[Any], dt: float | bool = True) -> Any:
        """The model with weights w as a python-control TransferFunction."""
        raise NotImplementedError

    def columns(self, x: ArrayLike) -> NDArray[Any]:
        """The input as (T, channels), whatever of (T,) and (T, channels) was given."""
        array = np.asarray(x)
        if array.ndim == 1 and self.channels == 1:
            array = array[:, None]
        if array.ndim != 2 or array.shape[1] != self.channels:
            want = "(T,) or (T, 1)" if self.channels == 1 else f"(T, {self.channels})"
            raise ValueError(refusal("x", array.shape, f"must have shape {want} for {self!r}", "Rows are samples."))
        return array


def delayed(columns: NDArray[Any], lag: int) -> NDArray[Any]:
    """The signal `lag` samples ago, zero before the record."""
    out = np.zeros_like(columns)
    out[lag:] = columns[: len(columns) - lag] if lag else columns
    return out
