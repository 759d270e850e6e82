"""A schedule of your own: any function of k."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.errors import refusal
from gainsched.gains.base import Schedule
from gainsched.param import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PROBE = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 99.0, 1000.0])


class Function(Schedule):
    r"""Any callable of k: an optax schedule, a lambda, a function of your own.

    .. math:: \mu_k = f(k)

    Parameters
    ----------
    f : callable
        k -> gain. It must be pure: the same gain for the same k, whenever it is asked.

    Notes
    -----
    At the first call f is tried on an array: if it answers one number for each entry, the same as one by one, it gets
    arrays of float64 from then on, and whatever it was written for otherwise (whole k as int). One by one costs a
    Python call per sample; ``np.array([f(k) for k in range(T)])`` as gain costs that once.

    Code is no data: a Function prints by the name of f, has no `to_dict`, and a loop with one cannot be saved. It
    pickles if f does. Nothing is known beyond the samples asked for, so `limit` is nan.

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Function(lambda k: 0.5 if k < 10 else 0.1)([9, 10])
    array([0.5, 0.1])
    """

    exemptions: ClassVar[dict[str, str]] = {
        "prints_as_code": "a function is code: it has neither a repr that makes it again nor a dict",
    }

    f: Any = param(kind="callable", doc="k -> gain")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not callable(self.f):
            raise TypeError(refusal("Function: f", self.f, "must be a callable of k"))

    def __repr__(self) -> str:
        return f"Function({getattr(self.f, '__qualname__', None) or repr(self.f)})"

    def to_dict(self) -> dict[str, Any]:
        """Refused: a function is code, not data."""
        raise TypeError(f"{self!r} cannot be written as data, nor a loop that uses it be saved: it is code. Tabulate "
                        "it and give the array: np.array([f(k) for k in range(T)]).")

    def tabulate(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        values = self._of_array(k) if self._vectorized else self._one_by_one(k)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise ValueError(refusal(f"{self!r} at k = {k[bad[0]]:.12g}", float(values[bad[0]]), "must be finite"))
        return values

    @cached_property
    def _vectorized(self) -> bool:
        """Whether f takes arrays, and what it says of one sample does not depend on its neighbors."""
        try:
            together = self._of_array(_PROBE)
            apart = [self._of_array(_PROBE[i:i + 1])[0] for i in range(len(_PROBE))]
            single = self._one_by_one(_PROBE)
        except Exception:           # whatever a scalar function makes of an array: it gets scalars then
            return False
        return np.array_equal(together, apart) and np.allclose(together, single, rtol=1e-6, atol=0.0)

    def _of_array(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        values = np.asarray(self.f(k.copy()))          # a copy: f may write into what it is given
        if values.shape != k.shape or values.dtype.kind not in "iuf":
            raise TypeError(refusal(f"{self!r}: values", values.shape, f"must be {k.shape} real numbers"))
        return values.astype(np.float64)

    def _one_by_one(self, k: NDArray[np.float64]) -> NDArray[np.float64]:
        values = np.empty(len(k))
        for i, at in enumerate(k.tolist()):
            value = self.f(int(at) if at.is_integer() else at)
            try:
                values[i] = float(value)
            except (TypeError, ValueError):
                raise TypeError(refusal(f"{self!r} at k = {at:.12g}", value, "must be a number")) from None
        return values

    @property
    def limit(self) -> float:
        return math.nan
