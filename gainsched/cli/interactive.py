"""A matplotlib picture as a Bokeh plot: zoom, values under the pointer, curves that a click on the legend hides.

What is drawn is read off the matplotlib axes, so that the interactive plot and the picture beside it cannot differ, and
every picture of the package has an interactive twin without a line of its own. What has no faithful counterpart here
(images, contours, polar axes) is left as the picture it is.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

MISSING = 'Zoom, and values under the pointer, come with pip install "gainsched[report]".'
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
