"""`gainsched schedule SPEC`: schedules as a table and a plot."""

from __future__ import annotations

import math
from pathlib import Path  # noqa: TC003 - typer reads annotations at run time
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from gainsched.cli import console, specs
from gainsched.cli.options import Json  # noqa: TC001 - typer reads annotations at run time

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from gainsched.cli.document import Picture
    from gainsched.gains import Schedule

ROWS = 11


def schedule(
    spec: Annotated[list[str], typer.Argument(
        metavar="SPEC", show_default=False,
        help="Schedule: exponential:start=1,rate=.5,every=2000; or composed, in quotes: '0.5 * cosine:1,0,1000 + .1 | "
             "warmup:100 | clip:low=.2'. Several are compared.")],
    steps: Annotated[int, typer.Option("--steps", "-n", min=1, help="Samples to show.")] = 10_000,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", show_default=False,
                                              help="Draw it into this file (.png, .svg, .pdf).")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Write report.html, schedule.png and schedule.json there.")] = None,
    json: Json = False,
) -> None:
    """Print gain schedules, and plot them."""
    with console.refusing():
        gains = {text: specs.schedule_from(text) for text in spec}
    k = np.unique(np.linspace(0, steps, ROWS).round().astype(int))
    facts = [_facts(gain, k) for gain in gains.values()]
    result = {**facts[0], "steps": steps, "k": k} if len(facts) == 1 else {"steps": steps, "k": k, "schedules": facts}
    with console.refusing():
        files = _draw(gains, steps, plot, out, result)
    if json:
        console.print_json(result)
        return
    _print(list(gains.values()), k)
    for file in files:
        console.note(f"wrote {file}")


def _facts(gain: Schedule, k: NDArray[Any]) -> dict[str, Any]:
    """A schedule as data; nothing where there is no limit."""
    limit = None if math.isnan(gain.limit) else gain.limit
    return {"schedule": repr(gain), "spec": gain.to_dict(), "limit": limit, "period": gain.period, "gain": gain(k)}


def _print(gains: list[Schedule], k: NDArray[Any]) -> None:
    """One table; several schedules are its columns, by number."""
    terminal = console.out()
    table = Table(box=None, pad_edge=False, header_style="cyan")
    table.add_column("k", justify="right")
    for number, gain in enumerate(gains, 1):
        several = len(gains) > 1
        terminal.print(f"{f'{number}  ' if several else ''}[bold]{escape(repr(gain))}[/bold]")
        table.add_column(f"gain {number}" if several else "gain", justify="right")
    for at in k.tolist():
        table.add_row(console.counted(at), *(f"{gain(at):.6g}" for gain in gains))
    table.add_row("limit", *("none" if math.isnan(gain.limit) else f"{gain.limit:.6g}" for gain in gains))
    if any(gain.period for gain in gains):
        table.add_row("period", *(str(gain.period or "") for gain in gains))
    terminal.print(table)


def _draw(gains: dict[str, Schedule], steps: int, plot: Path | None, out: Path | None,
          result: dict[str, Any]) -> list[Path]:
    """Plots and data asked for; returns the files written."""
    from gainsched.cli import document
    from gainsched.cli.output import write_json
    from gainsched.plot.figure import save

    if plot is not None:
        save(_figure(gains, steps), plot)
    if out is None:
        return [plot] if plot is not None else []
    document.write(out, *_told(gains, steps))
    write_json(out / "schedule.json", result)
    files = [out / name for name in ("report.html", "schedule.png", "schedule.json")]
    return files if plot is None else [plot, *files]


def _figure(gains: dict[str, Schedule], steps: int) -> Figure:
    """All of them in one plot."""
    from gainsched.plot.figure import new_figure
    from gainsched.plot.gain import schedule as draw

    figure = new_figure()
    ax = figure.add_subplot()
    for text, gain in gains.items():
        draw(gain, steps, label=text if len(gains) > 1 else None, ax=ax)
    return figure


def _told(gains: dict[str, Schedule], steps: int) -> tuple[str, str, list[str | Picture]]:
    """The page: title, lead, blocks."""
    from gainsched.cli import page
    from gainsched.cli.document import Picture

    rows = [(text, repr(gain)) for text, gain in gains.items()]
    blocks: list[str | Picture] = [
        page.heading("Gain over time"), Picture("schedule", _figure(gains, steps), "The gain of every sample."),
        page.heading("What was drawn"), page.facts(rows, code=list(gains))]
    return "Gain schedule" + "s" * (len(gains) > 1), f"The first {console.counted(steps)} samples.", blocks
