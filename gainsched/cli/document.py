"""Any result as a page: tables and sentences from `page`, pictures as `Picture`; interactive where Bokeh is there.

A verb that reports lists what it has to say, top to bottom, and hands it over::

    blocks = [page.verdict("stable", "what came out."),
              page.heading("Trials"), page.grid(("gain", "rms"), rows),
              page.heading("Error against gain"), Picture("error-against-gain", figure, "What one sees.")]
    write(folder, "Tuned NLMS on ride.csv", "2 000 samples of ride.csv", blocks)

`write` leaves report.html and, beside it, one PNG per picture. The figure is a matplotlib one, made with
`plot.figure.new_figure`; its interactive twin is read off it (see `interactive`), nothing else has to be drawn. On
paper, without scripts and without Bokeh the page shows the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gainsched.cli import interactive, page
from gainsched.plot.figure import data_uri, save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A plot with what to say under it.

    Attributes
    ----------
    name : str
        Of the file, without its ending; with blanks for dashes, what a reader who cannot see it is told.
    figure : matplotlib Figure
        What is drawn.
    caption : str
        One or two sentences.
    square : bool
        A plot as tall as wide, which keeps its title; of others the heading on the page says it.
    """

    name: str
    figure: Figure
    caption: str
    square: bool = False

    def untitled(self) -> Figure:
        """The figure as the page shows it: headings say what the plot's title says."""
        for ax in self.figure.axes if not self.square else ():
            ax.set_title("", loc="left")
        return self.figure

    def html(self, plot: str = "") -> str:
        """The picture as a block of the page, with its interactive plot if there is one."""
        return page.figure(data_uri(self.untitled()), self.caption, self.name.replace("-", " "), square=self.square,
                           plot=plot)


def write(folder: Path, title: str, lead: str, blocks: Sequence[str | Picture]) -> None:
    """The page and its pictures; files of an earlier result are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for block in blocks:
        if isinstance(block, Picture):                              # first: on the page they lose their titles
            save(block.figure, folder / f"{block.name}.png")
    (folder / "report.html").write_text(document(title, lead, blocks), encoding="utf-8")


def document(title: str, lead: str, blocks: Sequence[str | Picture]) -> str:
    """The page as text.

    Examples
    --------
    >>> text = document("Nothing", "0 samples", [page.paragraph("Nothing was measured.")])
    >>> "<h1>Nothing</h1>" in text, "<script" in text
    (True, False)
    """
    parts = interactive.embedded([block.untitled() for block in blocks if isinstance(block, Picture)])
    plots = iter(parts.blocks)
    body = [block if isinstance(block, str) else block.html(next(plots)) for block in blocks]
    missing = bool(parts.blocks) and not interactive.available()
    return page.page(title, lead, body, f"{footer()} {interactive.MISSING}" if missing else footer(),
                     head=parts.head, foot=parts.foot)


def footer() -> str:
    """Where the page comes from."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = " " + version("gainsched")
    except PackageNotFoundError:
        number = ""
    return f"Made by gainsched{number}. This page is complete in itself and loads nothing."
