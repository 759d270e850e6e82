"""What surrounds the curves of an interactive plot: labels, ticks, legend, and what the pointer is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib import ticker
from matplotlib.category import StrCategoryLocator

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

WIDTH = 880                   # pixels of the page's column
SQUARE = 400                  # pixels of the frame's width where both axes have one scale
ROW = 26                      # pixels of a line of the legend
GRID, AXIS = "#e3e3e3", "#8a8a8a"
ASIDE = 16                    # letters of a name that fits beside the plot
FEW = 4                       # names that fit below it
SIDES: tuple[Any, ...] = ("right", "left", "above", "below")        # of the pointer: boxes must not hide each other


def legend(p: Any, ax: Axes, drawn: list[tuple[Artist, str, Any]]) -> None:
    """Names; a click hides the curve and, with it, what is unnamed and of its color: its band."""
    from bokeh.models.annotations import Legend, LegendItem

    items, names = [], []
    taken: set[str] = set()
    told = list(zip(*ax.get_legend_handles_labels(), strict=True))
    if (own_legend := ax.get_legend()) is not None:                 # it may have an order of its own
        order = [text.get_text() for text in own_legend.get_texts()]
        told = sorted((pair for pair in told if pair[1] in order), key=lambda pair: order.index(pair[1]))
    for artist, label in told:
        own = [(color, glyph) for one, color, glyph in drawn if one is artist]
        colors = {color for color, _ in own} - taken
        kin = [glyph for one, color, glyph in drawn if color in colors and str(one.get_label()).startswith("_")]
        taken |= colors
        if own:
            names.append(plain(label))
            items.append(LegendItem(label=names[-1], renderers=[*(glyph for _, glyph in own), *kin]))
    if not items:
        return
    widest = max(map(len, names))
    aside = len(items) > FEW and widest <= ASIDE
    room = WIDTH if p.frame_width is None else SQUARE
    columns = 1 if aside else max(1, min(len(items), room // (6 * widest + 45)))
    shown = Legend(items=items, click_policy="hide", ncols=columns, label_text_font_size="12px", margin=6,
                   border_line_color=None, background_fill_alpha=0.0, spacing=4 if aside else 10,
                   location="top_left" if aside else "center")
    p.add_layout(shown, "right" if aside else "below")
    if not aside and p.height is not None:
        p.height += ROW * -(-len(items) // columns)


def hover(p: Any, ax: Axes, curves: list[tuple[Line2D, Any]]) -> None:
    """Values under the pointer."""
    from bokeh.models import HoverTool

    along = len(curves) <= 2 and ax.get_aspect() == "auto"          # both values at a sample; of more, the nearest
    for i, (line, glyph) in enumerate(curves):
        name = "" if str(line.get_label()).startswith("_") else plain(str(line.get_label()))
        p.add_tools(HoverTool(renderers=[glyph], mode="vline" if along else "mouse", tooltips=tooltips(ax, name),
                              attachment=SIDES[i % len(SIDES)], formatters={"@x": "printf", "@y": "printf"},
                              visible=False))


def tooltips(ax: Axes, name: str) -> list[tuple[str, str]]:
    """Name and values of a point."""
    title = [(name, " ")] if name else []
    return [*title, (plain(ax.get_xlabel()) or "x", "@x{%.10g}"), (plain(ax.get_ylabel()) or "y", "@y{%.5g}")]


def dress(p: Any, ax: Axes) -> None:
    """Labels, ticks and quiet lines, as matplotlib has them."""
    p.title.text = plain(ax.get_title(loc="left") or ax.get_title())
    p.title.text_font_size, p.title.text_font_style = "13px", "normal"
    p.outline_line_color, p.background_fill_color, p.min_border_left = None, "#ffffff", 56
    for axis, drawn, label in ((p.xaxis, ax.xaxis, ax.get_xlabel()), (p.yaxis, ax.yaxis, ax.get_ylabel())):
        axis.axis_label = plain(label)
        axis.axis_label_text_font_style, axis.axis_label_text_font_size = "normal", "13px"
        axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = AXIS
        axis.major_label_text_font_size = "12px"
        if drawn.get_scale() == "linear":
            axis.formatter.power_limit_high = 8                     # of sample numbers every digit is wanted
            axis.formatter.power_limit_low = -5
        locator = drawn.get_major_locator()
        if isinstance(locator, ticker.FixedLocator | StrCategoryLocator):
            at = [float(value) for value in locator()]
            axis.ticker = at
            texts = drawn.get_major_formatter().format_ticks(at)
            axis.major_label_overrides = {value: plain(text) for value, text in zip(at, texts, strict=True)}
    p.xgrid.grid_line_color = p.ygrid.grid_line_color = GRID


def plain(text: str) -> str:
    """Text that Bokeh does not take for a formula: for formulas it would fetch a typesetter from the network."""
    return text.replace("$$", "$ $").replace("\\[", "\\ [").replace("\\(", "\\ (")
