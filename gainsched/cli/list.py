"""`gainsched list`: every algorithm with its one-line summary."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from gainsched.cli import catalogue, console
from gainsched.cli.options import Json  # noqa: TC001 - typer reads annotations at run time


def list_all(json: Json = False) -> None:
    """List filters, schedules, laws, compensators and models."""
    if json:
        console.print_json({name: {cls.__name__: catalogue.summary(cls) for cls in catalogue.family(name)}
                            for name, _ in catalogue.SECTIONS})
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("name", style="bold", no_wrap=True)
    table.add_column("summary")
    for i, (name, title) in enumerate(catalogue.SECTIONS):
        table.add_row(f"[cyan]{title}[/cyan]" if not i else f"\n[cyan]{title}[/cyan]", "")
        for cls in catalogue.family(name):
            table.add_row(f"  {cls.__name__}", escape(catalogue.summary(cls)))
    console.out().print(table)
    console.out().print("\ngainsched show NAME tells more; a spec names one with its parameters: nlms:32,eps=1e-6")
