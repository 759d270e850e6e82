"""What strict JSON can hold: plain Python values, and null for what is not finite."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def strict(value: Any) -> Any:
    """The value with arrays as lists, None for what is not finite, and text for what JSON has no word for.

    Examples
    --------
    >>> import numpy as np
    >>> strict({"margin": float("inf"), "w": np.array([1.0, np.nan]), "n": (1, True)})
    {'margin': None, 'w': [1.0, None], 'n': [1, True]}
    """
    if isinstance(value, dict):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return strict(value.tolist())
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
