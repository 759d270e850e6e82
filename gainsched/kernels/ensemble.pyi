from typing import Any

from numpy.typing import NDArray

from gainsched.kernels.engine import Engine

TOGETHER: int
TAPS: int

def together(
    engines: list[Engine], x: list[NDArray[Any]], d: list[NDArray[Any]], y: list[NDArray[Any]], e: list[NDArray[Any]],
) -> None: ...
