"""`gainsched schedule SPEC`: a schedule as a table and a plot."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads annotations at run time
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from gainsched.cli import console, specs
from gainsched.cli.options import Json  # noqa: TC001 - typer reads annotations at run time

ROWS = 11


def schedule(
    spec: Annotated[str, typer.Argument(metavar="SPEC", show_default=False,
                                        help="Schedule: exponential:start=1,rate=.5,every=2000; cosine:1,0,1000.")],
    steps: Annotated[int, typer.Option("--steps", "-n", min=1, help="Samples to show.")] = 10_000,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", show_default=False,
                                              help="Draw it into this file (.png, .svg, .pdf).")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Write schedule.png and schedule.json there.")] = None,
    json: Json = False,
) -> None:
    """Print a gain schedule, and plot it."""
    with console.refusing():
        gain = specs.schedule_from(spec)
    k = np.unique(np.linspace(0, steps, ROWS).round().astype(int))
    result: dict[str, Any] = {"schedule": repr(gain), "spec": gain.to_dict(), "steps": steps, "limit": gain.limit,
                              "k": k, "gain": gain(k)}
    with console.refusing():
        files = _draw(gain, steps, plot, out, result)
    if json:
        console.print_json(result)
        return
    terminal = console.out()
    terminal.print(f"[bold]{gain!r}[/bold]")
    table = Table(box=None, pad_edge=False, header_style="cyan")
    table.add_column("k", justify="right")
    table.add_column("gain", justify="right")
    for at, value in zip(k.tolist(), np.atleast_1d(gain(k)).tolist(), strict=True):
        table.add_row(console.counted(at), f"{value:.6g}")
    table.add_row("limit", f"{gain.limit:.6g}")
    terminal.print(table)
    for file in files:
        console.note(f"wrote {file}")


def _draw(gain: Any, steps: int, plot: Path | None, out: Path | None, result: dict[str, Any]) -> list[Path]:
    """Plots and data asked for; returns the files written."""
    from gainsched.cli.output import write_json
    from gainsched.plot.figure import new_figure, save
    from gainsched.plot.gain import schedule as draw

    targets = [plot] if plot is not None else []
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        targets.append(out / "schedule.png")
        write_json(out / "schedule.json", result)
    for target in targets:
        figure = new_figure()
        draw(gain, steps, ax=figure.add_subplot())
        save(figure, target)
    return [*targets, *([out / "schedule.json"] if out is not None else [])]
