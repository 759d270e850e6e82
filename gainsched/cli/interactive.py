"""A matplotlib picture as a Bokeh plot: zoom, values under the pointer, curves that a click on the legend hides.

What is drawn is read off the matplotlib axes, so that the interactive plot and the picture beside it cannot differ, and
every picture of the package has an interactive twin without a line of its own. What has no faithful counterpart here
(images, contours, polar axes) is left as the picture it is.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gainsched.plot.figure import extremes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

MISSING = 'Zoom, and values under the pointer, come with pip install "gainsched[report]".'
POINTS = 60_000               # of all curves of one plot together; 8 bytes each, 11 as text
LEAST = 200                   # of one curve
READY = """<script>
(function () {
  const page = document.documentElement;
  if (!window.Bokeh || window.innerWidth < 640) return;      // then the pictures stay: on a phone nothing points
  page.classList.add("live");
  window.addEventListener("error", () => page.classList.remove("live"));
  const watch = setInterval(() => {
    const all = Array.from(Bokeh.documents);
    if (!all.length || !all.every(one => one.is_idle)) return;
    page.dataset.plots = all.reduce((sum, one) => sum + one.roots().length, 0);
    clearInterval(watch);
  }, 50);
})();
</script>"""


@dataclass(frozen=True)
class Embedded:
    """Plots as parts of a page: one block each ("" where there is only the picture), and the scripts that fill them."""

    blocks: tuple[str, ...]
    head: str = ""
    foot: str = ""


def available() -> bool:
    """Whether Bokeh is there."""
    return importlib.util.find_spec("bokeh") is not None


def embedded(figures: Sequence[Figure]) -> Embedded:
    """Interactive twins of figures, with BokehJS once for all of them; nothing is loaded from anywhere.

    Examples
    --------
    >>> import gainsched as gs
    >>> figure = gs.Cosine(1.0, 0.1, steps=1000).plot().figure
    >>> parts = embedded([figure])
    >>> len(parts.blocks), "BEGIN bokeh.min.js" in parts.head
    (1, True)
    """
    if not available():
        return Embedded(("",) * len(figures))
    from bokeh.embed import components
    from bokeh.resources import Resources

    from gainsched.cli.translate import twin

    twins = [twin(figure) for figure in figures]
    drawn = [one for one in twins if one is not None]
    if not drawn:
        return Embedded(("",) * len(figures))
    script, blocks = components(drawn)
    there = iter(blocks)
    scripts = Resources(mode="inline", components=["bokeh"], log_level="warn").render_js()
    return Embedded(tuple("" if one is None else next(there) for one in twins), scripts, script.strip() + "\n" + READY)


Mark = Literal["circle", "square", "cross", "x", "triangle", "inverted_triangle", "diamond", "star"]
MARKS: dict[Any, Mark] = {"o": "circle", ".": "circle", ",": "circle", "s": "square", "+": "cross", "x": "x",
                          "^": "triangle", "v": "inverted_triangle", "D": "diamond", "d": "diamond", "*": "star"}
DASHES: dict[str, Any] = {"-": "solid", "--": "dashed", "-.": "dashdot", ":": "dotted"}


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
