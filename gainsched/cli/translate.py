"""Matplotlib axes, artist by artist, as Bokeh figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgba

from gainsched.cli.dressing import SQUARE, WIDTH, dress, hover, legend, plain, tooltips
from gainsched.cli.glyphs import DASHES, MARKS, compact, filled, shortened

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

TALL = 0.48                   # height over width of a plot that is not square


class _OnlyPicture(Exception):
    """Something in these axes has no counterpart."""


def twin(figure: Figure) -> Any:
    """The figure as a Bokeh model, its axes one below the other; None if a part of it cannot be translated."""
    from bokeh.layouts import column

    try:
        plots = [_plot(ax, len(figure.axes)) for ax in figure.axes]
    except _OnlyPicture:
        return None
    if len(plots) == 1:
        return plots[0]
    for ax, plot in zip(figure.axes, plots, strict=True):
        first = next(i for i, other in enumerate(figure.axes) if ax.get_shared_x_axes().joined(ax, other))
        plot.x_range = plots[first].x_range
    return column(plots, sizing_mode="stretch_width") if plots else None


def _plot(ax: Axes, among: int) -> Any:
    """One pair of axes."""
    from bokeh.models import Range1d
    from bokeh.plotting import figure

    scales: Any = ax.get_xscale(), ax.get_yscale()
    if ax.name != "rectilinear" or not set(scales) <= {"linear", "log"} or ax.images or ax.tables or ax.child_axes:
        raise _OnlyPicture
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    p = figure(x_axis_type=scales[0], y_axis_type=scales[1], x_range=Range1d(start=left, end=right),
               y_range=Range1d(start=bottom, end=top),
               tools="pan,box_zoom,wheel_zoom,reset,save", active_drag="box_zoom", toolbar_location="right")
    if ax.get_aspect() == "auto":
        p.sizing_mode, p.height = "stretch_width", round(WIDTH * TALL / (1 if among == 1 else 1.5))
    else:
        p.frame_width, p.frame_height = SQUARE, round(SQUARE * abs((top - bottom) / (right - left)))
    p.toolbar.logo = None
    dress(p, ax)
    drawn: list[tuple[Artist, str, Any]] = []                       # artist, color, what it became
    curves: list[tuple[Line2D, Any]] = []
    for artist in sorted(ax.get_children(), key=lambda one: one.get_zorder()):
        if artist.get_visible():
            drawn += _translated(p, ax, artist, curves)
    drawn += _bundle(p, ax)
    legend(p, ax, drawn)
    hover(p, ax, curves)
    return p


def _translated(p: Any, ax: Axes, artist: Artist, curves: list[tuple[Line2D, Any]]) -> list[tuple[Artist, str, Any]]:
    """What one artist becomes; text, spines and axes are seen to elsewhere."""
    if artist in ax.lines:
        return _line(p, ax, artist, curves)
    if artist in ax.patches:
        return _patch(p, ax, artist)
    if artist not in ax.collections:
        return []
    if not artist.get_transform().contains_branch(ax.transData) and not isinstance(artist, PathCollection):
        raise _OnlyPicture
    if isinstance(artist, PathCollection):
        return _points(p, ax, artist)
    if isinstance(artist, LineCollection):
        return _segments(p, artist)
    if not isinstance(artist, PolyCollection) or artist.get_array() is not None or not len(artist.get_facecolor()):
        raise _OnlyPicture                                          # meshes and contours
    color, alpha = _paint(artist.get_facecolor()[0])
    rings = [np.asarray(path.vertices) for path in artist.get_paths()]
    return [(artist, color, p.patch(compact(ring[:, 0]), compact(ring[:, 1]), fill_color=color, fill_alpha=alpha,
                                    line_color=None)) for ring in rings]


def _paint(color: Any, alpha: float | None = None) -> tuple[str, float]:
    """Color and opacity."""
    *_, opacity = to_rgba(color, alpha)
    return to_hex(color), float(opacity)


def _line(p: Any, ax: Axes, line: Any, curves: list[tuple[Line2D, Any]]) -> list[tuple[Artist, str, Any]]:
    color, alpha = _paint(line.get_color(), line.get_alpha())
    look = {"line_color": color, "line_alpha": alpha, "line_width": line.get_linewidth(),
            "line_dash": DASHES.get(line.get_linestyle(), "solid")}
    x_is_data, y_is_data = line.get_transform().contains_branch_seperately(ax.transData)
    x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)
    if not (x_is_data and y_is_data):
        if not (x_is_data or y_is_data):
            raise _OnlyPicture
        return [(line, color, p.hspan(y=[float(y[0])], **look) if y_is_data else p.vspan(x=[float(x[0])], **look))]
    if _crowd(ax, line):
        return []                                                   # all of them at once, see `_bundle`
    out = []
    x, y = shortened(x, y, len(ax.lines))
    if line.get_linestyle() not in ("None", "none", " ", ""):
        step = {"steps-post": "after", "steps-pre": "before", "steps": "before", "steps-mid": "center"}
        mode = step.get(line.get_drawstyle())
        out.append(p.line(x, y, **look) if mode is None else p.step(x, y, mode=mode, **look))
    if line.get_marker() not in ("None", "none", None, " ", ""):
        if line.get_marker() not in MARKS:
            raise _OnlyPicture
        size = 1.33 * line.get_markersize() * (0.5 if line.get_marker() == "." else 1.0)       # points to pixels
        out.append(p.scatter(x, y, size=size, marker=MARKS[line.get_marker()], fill_color=to_hex(line.get_color()),
                             line_color=to_hex(line.get_color()), alpha=alpha))
    curves += [(line, one) for one in out[:1]]
    return [(line, color, one) for one in out]


def _crowd(ax: Axes, line: Any) -> bool:
    """Whether this is one of many curves that no legend names."""
    return str(line.get_label()).startswith("_") and len(ax.lines) > 2 * len(ax.get_legend_handles_labels()[1]) + 10


def _bundle(p: Any, ax: Axes) -> list[tuple[Artist, str, Any]]:
    """Hundreds of unnamed curves as one glyph: as hundreds they take seconds to draw."""
    from bokeh.models import ColumnDataSource, HoverTool

    lines: list[Any] = [line for line in ax.lines if _crowd(ax, line)
                        and all(line.get_transform().contains_branch_seperately(ax.transData))]
    if not lines:
        return []
    pairs = [shortened(line.get_xdata(orig=False), line.get_ydata(orig=False), len(lines)) for line in lines]
    source = ColumnDataSource({"xs": [x for x, _ in pairs], "ys": [y for _, y in pairs],
                               "color": [to_hex(line.get_color()) for line in lines],
                               "name": [plain(str(line.get_label()).lstrip("_")) for line in lines]})
    glyph = p.multi_line("xs", "ys", source=source, line_color="color", line_width=lines[0].get_linewidth())
    p.add_tools(HoverTool(renderers=[glyph], line_policy="interp", formatters={"$x": "printf", "$y": "printf"},
                          visible=False,
                          tooltips=[("", "@name"), (plain(ax.get_xlabel()) or "x", "$x{%.6g}"),
                                    (plain(ax.get_ylabel()) or "y", "$y{%.5g}")]))
    return [(lines[0], "", glyph)]


def _patch(p: Any, ax: Axes, patch: Patch | Any) -> list[tuple[Artist, str, Any]]:
    """A band across the picture, or an area."""
    color, alpha = _paint(patch.get_facecolor())
    look = {"fill_color": color, "fill_alpha": alpha, "line_color": None}
    vertices = np.asarray(patch.get_patch_transform().transform(patch.get_path().vertices))
    x_is_data, y_is_data = patch.get_transform().contains_branch_seperately(ax.transData)
    (x0, y0), (x1, y1) = vertices.min(axis=0), vertices.max(axis=0)
    if x_is_data and y_is_data:
        return [(patch, color, p.patch(compact(vertices[:, 0]), compact(vertices[:, 1]), **look))]
    if y_is_data:
        return [(patch, color, p.hstrip(y0=[y0], y1=[y1], **look))]
    if x_is_data:
        return [(patch, color, p.vstrip(x0=[x0], x1=[x1], **look))]
    raise _OnlyPicture


def _points(p: Any, ax: Axes, points: PathCollection) -> list[tuple[Artist, str, Any]]:
    from bokeh.models import HoverTool

    at = filled(points.get_offsets())
    paint: Any = points.get_facecolor()
    if not len(paint):
        paint = points.get_edgecolor()
    colors = [to_hex(color) for color in paint]
    sizes = 1.33 * np.sqrt(np.asarray(points.get_sizes(), dtype=float))
    if not len(at) or not colors or not len(sizes):
        return []
    glyph = p.scatter(compact(at[:, 0]), compact(at[:, 1]), size=np.resize(sizes, len(at)).tolist(),
                      fill_color=np.resize(colors, len(at)).tolist(), line_color=None, alpha=points.get_alpha() or 1.0)
    p.add_tools(HoverTool(renderers=[glyph], tooltips=tooltips(ax, ""), visible=False,
                          formatters={"@x": "printf", "@y": "printf"}))
    return [(points, colors[0], glyph)]


def _segments(p: Any, lines: LineCollection) -> list[tuple[Artist, str, Any]]:
    pieces = [np.asarray(piece) for piece in lines.get_segments()]
    colors: Any = lines.get_color()
    color, alpha = _paint(colors[0])
    glyph = p.multi_line([compact(piece[:, 0]) for piece in pieces], [compact(piece[:, 1]) for piece in pieces],
                         line_color=color, line_alpha=alpha, line_width=float(np.ravel(lines.get_linewidth())[0]))
    return [(lines, color, glyph)]
