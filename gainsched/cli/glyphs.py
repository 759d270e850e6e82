"""Curves in Bokeh's words and sizes: marks, dashes, and no more points than a page should carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gainsched.plot.figure import extremes

if TYPE_CHECKING:
    from numpy.typing import NDArray

Mark = Literal["circle", "square", "cross", "x", "triangle", "inverted_triangle", "diamond", "star"]
MARKS: dict[Any, Mark] = {"o": "circle", ".": "circle", ",": "circle", "s": "square", "+": "cross", "x": "x",
                          "^": "triangle", "v": "inverted_triangle", "D": "diamond", "d": "diamond", "*": "star"}
DASHES: dict[str, Any] = {"-": "solid", "--": "dashed", "-.": "dashdot", ":": "dotted"}
POINTS = 60_000               # of all curves of one plot together; 8 bytes each, 11 as text
LEAST = 200                   # of one curve


def compact(values: Any) -> NDArray[Any]:
    """The same numbers in four bytes each: sample numbers exactly, anything else to seven digits."""
    held = filled(values)
    if held.size and np.isfinite(held).all() and (held == held.round()).all() and np.abs(held).max() < 2**31:
        return held.astype(np.int32)
    return held.astype(np.float32) if np.max(np.abs(held), where=np.isfinite(held), initial=0.0) < 1e38 else held


def filled(values: Any) -> NDArray[np.float64]:
    """Numbers, NaN where an array is masked."""
    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan), dtype=np.float64)


def shortened(x: Any, y: Any, curves: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """A curve with so many points that `curves` of its kind fit into one plot."""
    height = filled(y)
    shown = extremes(height, max(LEAST, POINTS // max(curves, 1)))
    return compact(filled(x)[shown]), compact(height[shown])
