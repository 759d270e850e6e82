"""Paper and pens: axes to draw on, the few colors used everywhere, and figures as files or as text for a page."""

from __future__ import annotations

import base64
import io
import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

MEASURED = "#1f5a92"
PREDICTED = "#d1495b"
LIMIT = "#8a8a8a"
STABLE = "#e4f0e6"
SIZE = (7.2, 3.6)               # inches
POINTS = 2000                   # of one line: more than a screen shows, few enough for a page
CURVES = 50                     # of one picture, up to which it is small as lines


def check(plot: str, subject: Any, kinds: tuple[type, ...], n: Any = None) -> None:
    """Refuse what this plot cannot draw, and a number of samples that is none."""
    if not isinstance(subject, kinds):
        names = " or a ".join(kind.__name__ for kind in kinds)
        raise TypeError(refusal(f"{plot}: what is drawn", subject, f"must be a {names}"))
    if n is not None and (isinstance(n, bool) or not isinstance(n, numbers.Real) or float(n) < 1 or float(n) % 1):
        raise ValueError(refusal(f"{plot}: n", n, "must be an integer >= 1"))


def new_axes(ax: Axes | None, size: tuple[float, float] = SIZE) -> Axes:
    """The axes given, or fresh ones from pyplot, so that ``plt.show()`` and notebooks find them."""
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1]


def new_figure(size: tuple[float, float] = SIZE) -> Figure:
    """A figure nobody else knows of: for files and pages, without pyplot's list of open windows."""
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained")


def dress(ax: Axes, x: str, y: str, title: str = "") -> Axes:
    """Labels, a quiet grid, no frame; the legend if anything is labeled."""
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    if title:
        ax.set_title(title, loc="left", fontsize="medium")
    ax.grid(visible=True, color="#e3e3e3", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.margins(x=0.01)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    if ax.get_legend_handles_labels()[1]:
        ax.legend(frameon=False, fontsize="small")
    return ax


def save(figure: Figure, path: Any) -> None:
    """Write the figure as the path's suffix says (png, svg, pdf)."""
    figure.savefig(path, dpi=150)


def data_uri(figure: Figure) -> str:
    """The figure as ``data:image/svg+xml;base64,...``: an image that a page carries in itself.

    Of hundreds of curves it is ``data:image/png``: drawn as lines they would take megabytes.

    Examples
    --------
    >>> from gainsched.plot.figure import data_uri, new_figure
    >>> data_uri(new_figure())[:26]
    'data:image/svg+xml;base64,'
    """
    import matplotlib as mpl

    sink = io.BytesIO()
    if sum(len(ax.lines) for ax in figure.axes) > CURVES:
        figure.savefig(sink, format="png", dpi=150)
        return "data:image/png;base64," + base64.b64encode(sink.getvalue()).decode("ascii")
    with mpl.rc_context({"svg.hashsalt": "gainsched"}):             # the same figure gives the same text
        figure.savefig(sink, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(sink.getvalue()).decode("ascii")


def decibels(power: NDArray[Any]) -> NDArray[np.float64]:
    """10 log10, NaN where there is no power."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(power > 0, 10.0 * np.log10(power), np.nan)


def thinned(length: int) -> slice:
    """Every so manieth of `length` points, so that a line has at most `POINTS`."""
    return slice(None, None, max(1, math.ceil(length / POINTS)))


def extremes(values: NDArray[Any], most: int = POINTS) -> NDArray[np.intp]:
    """Where to look at a long line so that nothing is missed: every bucket's lowest and highest point, and its gaps.

    Every so manieth point would lose a spike, which is what one looks for in a long record.

    Examples
    --------
    >>> import numpy as np
    >>> spike = np.zeros(9000)
    >>> spike[4321] = 1.0
    >>> shown = extremes(spike, 300)
    >>> bool(len(shown) <= 300), spike[shown].max()
    (True, np.float64(1.0))
    """
    n = len(values)
    if n <= most:
        return np.arange(n)
    width = math.ceil(3 * n / (most - 2))                           # up to three of a bucket, and both ends
    rows = np.full((math.ceil(n / width), width), np.nan)
    rows.flat[:n] = values
    rows.flat[n:] = values[-1]
    gaps = np.isnan(rows)
    first = width * np.arange(len(rows))
    low, high = np.where(gaps, np.inf, rows).argmin(axis=1), np.where(gaps, -np.inf, rows).argmax(axis=1)
    chosen = [first + low, first + high, (first + gaps.argmax(axis=1))[gaps.any(axis=1)], np.array([0, n - 1])]
    return np.unique(np.minimum(np.concatenate(chosen), n - 1))
