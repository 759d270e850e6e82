"""`gainsched show NAME`: parameters and page of one algorithm."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from gainsched.cli import catalogue, console, specs
from gainsched.cli.options import Json  # noqa: TC001 - typer reads annotations at run time

Name = Annotated[str, typer.Argument(
    metavar="NAME", help="Filter, schedule, law, compensator or model.", show_default=False)]


def show(name: Name, json: Json = False) -> None:
    """Show the parameters and the page of one algorithm."""
    kind, cls = catalogue.find(name)
    if json:
        console.print_json(catalogue.to_dict(kind, cls))
        return
    out = console.out()
    out.print(f"[bold]{cls.__name__}[/bold] ({kind}): {escape(catalogue.summary(cls))}\n")
    table = Table(box=None, pad_edge=False, header_style="cyan")
    for column in ("parameter", "default", "range", "unit", "meaning"):
        table.add_column(column, no_wrap=column == "parameter")
    for p in specs.in_order(cls):
        table.add_row(p.name, catalogue.default(p), catalogue.span(p), p.unit, escape(p.doc))
    out.print(table)
    page = (inspect.getdoc(cls) or "").split("\n", 1)
    if len(page) > 1:
        out.print()
        out.print(page[1].strip(), markup=False)
