"""The user's functions at the door: what gradient and value answer is checked at every step, by number."""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gainsched.errors import refusal
from gainsched.filters import Filter
from gainsched.filters._objective import kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class Objective(Filter, kernel=kernel, abstract=True):
    """What stands in a descent's loop in place of a filter: its correction is the negative gradient it is handed."""

    takes_feedback: ClassVar[bool] = False

    def initial(self) -> dict[str, NDArray[np.float64]]:
        """Norm of the first gradient, which divergence is measured by."""
        return {"first": np.zeros(1)}


class Oracle:
    """Gradient and value of one objective, asked by weights and step number."""

    def __init__(self, gradient: Any, value: Any, floor: float, shape: tuple[int, ...]) -> None:
        self.shape, self.floor = shape, floor
        self._gradient = _by_step("gradient", gradient)
        self._value = None if value is None else _by_step("value", value)

    @property
    def has_value(self) -> bool:
        """Whether the objective's value is known, not its gradient alone."""
        return self._value is not None

    def gradient(self, w: NDArray[np.float64], k: int) -> NDArray[np.float64]:
        """The gradient at w, flat; what is no gradient is refused. Infinite entries pass: that is divergence."""
        answer, who = self._gradient(w.copy(), k), f"Descent: the gradient at step {k}"
        try:
            array = np.asarray(answer)
        except ValueError:
            raise ValueError(refusal(who, answer, f"must be an array of shape {self.shape}")) from None
        if answer is None or array.dtype.kind not in "iuf":
            raise TypeError(refusal(who, answer, f"must be an array of real numbers of shape {self.shape}"))
        if array.shape != self.shape:
            raise ValueError(refusal(f"Descent: the shape of the gradient at step {k}", array.shape,
                                     f"must be that of w0, {self.shape}"))
        flat = np.array(array, dtype=np.float64).reshape(-1)
        if np.isnan(flat).any():
            at = np.unravel_index(int(np.argmax(np.isnan(flat))), self.shape)
            where = f"[{', '.join(str(int(i)) for i in at)}]" if at else ""
            raise ValueError(refusal(f"{who}: gradient{where}", math.nan, "must not be NaN",
                                     "Look at descent.w there."))
        return flat

    def value(self, w: NDArray[np.float64], k: int) -> float:
        """The value at w; NaN and values below the floor are refused."""
        assert self._value is not None
        answer, who = self._value(w.copy(), k), f"Descent: the value at step {k}"
        if answer is None or np.ndim(answer) != 0 or np.asarray(answer).dtype.kind not in "iuf":
            raise TypeError(refusal(who, answer, "must be one real number"))
        number = float(answer)
        if not number >= self.floor:
            raise ValueError(refusal(who, number, f"must be >= floor = {self.floor:g}",
                                     "The floor is a lower bound of the objective; pass a lower floor=."))
        return number

    def error(self, value: float) -> float:
        """e with e^2/2 = value - floor."""
        return math.sqrt(2.0 * (value - self.floor))


def _by_step(name: str, function: Any) -> Callable[[NDArray[np.float64], int], Any]:
    """f(w, k) of a function of w, or of w and the step number: two required arguments, or a second one called k."""
    if not callable(function):
        raise TypeError(refusal(f"Descent: {name}", function, f"must be callable as {name}(w) or {name}(w, k)"))
    try:
        taken = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):              # compiled, and silent about its arguments
        return lambda w, k: function(w)
    plain = [p for p in taken if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = [p for p in plain if p.default is p.empty]
    if len(required) > 2 or any(p.kind is p.KEYWORD_ONLY and p.default is p.empty for p in taken):
        raise TypeError(refusal(f"Descent: {name}", f"({', '.join(map(str, taken))})",
                                "must take (w) or (w, k), k the step number"))
    if len(required) == 2 or (len(plain) > 1 and plain[1].name == "k"):
        return function  # type: ignore[no-any-return]
    return lambda w, k: function(w)
