from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from gainsched.kernels.wiring import Wiring

class Engine(Wiring):
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def advance(
        self, x: NDArray[Any], d: NDArray[Any] | None, y: NDArray[Any], e: NDArray[Any], *,
        skipped: NDArray[Any] | None = None, gain: NDArray[Any] | None = None, gain_every: int = 0,
        weights: NDArray[Any] | None = None, weights_every: int = 0,
    ) -> int: ...
    def rows(
        self, before: bytes, x: NDArray[Any], d: NDArray[Any] | None, y: NDArray[Any], e: NDArray[Any],
        w: NDArray[Any], done: NDArray[Any], stopped: NDArray[Any],
    ) -> None: ...
    def last(self) -> tuple[Any, Any, Any]: ...
    def predict(self, x: NDArray[Any]) -> tuple[float, float]: ...
    def correct(self, e: float, e_im: float = 0.0) -> None: ...
