"""What every filter says about itself: its model, its ports, its private numbers, its theory."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any, ClassVar

from gainsched.errors import refusal
from gainsched.models import FIR, Structure
from gainsched.param import Spec, param

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from gainsched.run import Record, Run


class Filter(Spec, abstract=True):
    """An update rule over a model structure: a frozen specification, without data and without state.

    Subclasses give a compiled kernel, declare their parameters, and say what theory is known::

        class NLMS(Filter, kernel=kernel):
            eps: float = param(1e-6, low=0, symbol="eps", unit="power of x", doc="regularization")
    """

    family: ClassVar[str] = "filter"
    kernel: ClassVar[Any] = None
    ports: ClassVar[tuple[str, ...]] = ("gain",)
    default_gain: ClassVar[float | None] = None
    gain_high: ClassVar[float] = float("inf")     # a plain number above it is refused: no signal makes it safe
    gain_unit: ClassVar[str] = "1/(power of x)"   # empty: a gain without unit
    takes_complex: ClassVar[bool] = False
    needs_d: ClassVar[bool] = True
    error_of_output: ClassVar[bool] = True        # whether e = d - y; where not, runs keep d
    takes_feedback: ClassVar[bool] = True         # whether regressors from past outputs make sense here
    exemptions: ClassVar[dict[str, str]] = {}     # common check -> the reason why it does not apply

    model: Any = param(kind="model", doc="model structure, or a number of taps")

    def __init_subclass__(cls, *, kernel: Any = None, abstract: bool = False, **options: Any) -> None:
        if kernel is not None:
            cls.kernel = kernel
        super().__init_subclass__(abstract=abstract, **options)

    def __post_init__(self) -> None:
        super().__post_init__()
        model = self.model
        if isinstance(model, numbers.Integral) and not isinstance(model, bool):
            object.__setattr__(self, "model", FIR(taps=int(model)))
        elif not isinstance(model, Structure):
            raise TypeError(refusal(f"{type(self).__name__}: model", model,
                                    "must be a number of taps or a model structure", "Try gs.FIR(32)."))
        if self.model.feeds_back and not self.takes_feedback:
            raise ValueError(refusal(f"{type(self).__name__}: model", self.model,
                                     "must be an FIR structure", "Its regressor holds no past outputs."))

    # -- what the loop needs -----------------------------------------------------------------------------------

    @property
    def delay(self) -> int:
        """Samples between an error and its correction."""
        return 0

    @property
    def every(self) -> int:
        """Samples per update, on the loop's clock; the last of them moves the weights."""
        return 1

    @property
    def lookback(self) -> int:
        """How many past regressors the update looks at."""
        return self.delay

    @property
    def span(self) -> int:
        """How many consecutive sound samples an update needs."""
        return 1

    @classmethod
    def specimen(cls) -> Filter:
        """A small instance that the common checks run on."""
        return cls(4)

    def sensed(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the error sensor hears of the signal w'u: the signal itself, but for filters with a plant between."""
        return y

    def constants(self) -> tuple[float, ...]:
        """Numbers the kernel reads, in its order: the declared ones by default."""
        return tuple(float(getattr(self, p.name)) for p in self.parameters() if p.kind in ("real", "integer"))

    def initial(self) -> dict[str, NDArray[np.float64]]:
        """Private state before the first sample, by name, in the kernel's order."""
        return {}

    # -- what analysis needs -----------------------------------------------------------------------------------

    def moments(self, exc: Any) -> Any:
        """Second-order theory under independent regressors (`gainsched.excitation.Moments`), or None where unknown."""
        return None

    # -- for scripts -------------------------------------------------------------------------------------------

    def run(self, x: ArrayLike, d: ArrayLike | None = None, *, gain: Any = None, forgetting: Any = None,
            compensator: Any = None, w0: ArrayLike | None = None, nonfinite: str = "raise",
            on_divergence: str = "raise", limit: float = 1e8, record: Record | None = None,
            out: tuple[NDArray[Any], NDArray[Any]] | None = None) -> Run:
        """Run a fresh loop over a record: ``Loop(self, ...).run(x, d)`` in one line.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> x = np.random.default_rng(0).standard_normal(1000)
        >>> y, e = gs.NLMS(4).run(x, np.convolve(x, [1, 0.5])[:1000], gain=0.5)
        >>> bool(abs(e[-1]) < 1e-6)
        True
        """
        from gainsched.loop import Loop

        loop = Loop(self, gain=gain, forgetting=forgetting, compensator=compensator, w0=w0, nonfinite=nonfinite,
                    on_divergence=on_divergence, limit=limit)
        return loop.run(x, d, record=record, out=out)
