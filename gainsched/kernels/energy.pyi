import numpy as np
from numpy.typing import NDArray

def powers(
    numbers: NDArray[np.float64],
    parts: int,
    size: int,
    held: tuple[int, int, float],
    means: NDArray[np.float64],
) -> tuple[int, int, float]: ...
