from typing import Any

from numpy.typing import NDArray

from gainsched.kernels.core import Kernel

def simd() -> str: ...

class Wiring:
    record: NDArray[Any]
    stopped: bool
    policy: str
    def __init__(
        self, record: NDArray[Any], filter: Kernel, model: Kernel | None, compensator: Kernel | None,
        layout: dict[str, int], param: tuple[float, ...], model_param: tuple[float, ...],
        comp_param: tuple[float, ...], *, policy: str, limit: float, frozen: bool = False,
    ) -> None: ...
    def bind(self, name: str, source: Any) -> None: ...
    def rebind(self) -> None: ...
    def stored(self) -> None: ...
    def restored(self) -> None: ...
