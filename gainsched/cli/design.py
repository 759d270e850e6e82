"""`gainsched design`: from wishes to a gain, at the operating point of a recording or at one given by numbers."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from gainsched.cli import console, specs
from gainsched.cli.options import Filter, Json, Output  # noqa: TC001 - typer reads annotations at run time
from gainsched.excitation import Excitation
from gainsched.filters import FxLMS
from gainsched.io import read
from gainsched.tuning import Design, design_schedule
from gainsched.tuning import design as designed

if TYPE_CHECKING:
    from gainsched import filters
    from gainsched.gains import Exponential
    from gainsched.tuning import ScheduleDesign

_UNITS = {"misadjustment": "EMSE over noise", "noise_floor_db": "dB, EMSE", "settling": "samples",
          "gain_margin_db": "dB", "phase_margin_deg": "degrees", "delay_tolerance": "samples"}


def design(
    data: Annotated[Path | None, typer.Argument(
        metavar="[DATA]", show_default=False,
        help="Recording whose statistics count; none: --power and --noise.")] = None,
    input: Annotated[list[str] | None, typer.Option(
        "--input", "-i", metavar="NAME", show_default=False,
        help="Input column or array; several: repeat, or separate by commas.")] = None,
    output: Output = None, filter: Filter = "nlms:32",
    misadjustment: Annotated[float | None, typer.Option(
        show_default=False, help="Largest excess error power over the noise: 0.05 is 5 %.")] = None,
    settling: Annotated[float | None, typer.Option(
        show_default=False, help="Samples within which 98 % of the way is done.")] = None,
    gain_margin_db: Annotated[float | None, typer.Option(
        "--gain-margin-db", show_default=False, help="Smallest gain margin, dB.")] = None,
    phase_margin_deg: Annotated[float | None, typer.Option(
        "--phase-margin-deg", show_default=False, help="Smallest phase margin, degrees.")] = None,
    delay_tolerance: Annotated[float | None, typer.Option(
        "--delay-tolerance", show_default=False, help="Extra delay of the correction to bear, samples.")] = None,
    noise_floor_db: Annotated[float | None, typer.Option(
        "--noise-floor-db", show_default=False, help="Largest excess error power, dB of the power of d.")] = None,
    power: Annotated[float | None, typer.Option(
        show_default=False, help="Without DATA: power of the input, taken as white.")] = None,
    noise: Annotated[float | None, typer.Option(
        show_default=False, help="Power of the noise; with DATA, instead of the estimate.")] = None,
    schedule: Annotated[bool, typer.Option(
        "--schedule", help="A gain that falls: fast at first, accurate at last.")] = False,
    json: Json = False,
) -> None:
    """Find the gain (of RLS: the forgetting) that does what you ask, or say which wishes conflict."""
    built, exc = _job(data, input or [], output, filter, power, noise)
    search = design_schedule if schedule else designed
    with console.refusing():
        found = search(built, exc, misadjustment=misadjustment, settling=settling, gain_margin_db=gain_margin_db,
                         phase_margin_deg=phase_margin_deg, delay_tolerance=delay_tolerance,
                         noise_floor_db=noise_floor_db)
    if json:
        console.print_json({"data": None if data is None else str(data), **found.to_dict(), "noise": exc.noise})
    else:
        _print(found)


def _job(data: Path | None, inputs: list[str], output: str | None, filter: str, power: float | None,
         noise: float | None) -> tuple[filters.Filter, Excitation]:
    """The filter and its operating point, from a recording or from numbers."""
    if data is None:
        if power is None:
            raise console.Refused("design needs a recording, or the operating point as numbers: --power 1 --noise .01.")
        with console.refusing("--filter"):
            built = specs.filter_from(filter)
        with console.refusing():
            return built, Excitation(power) if noise is None else Excitation(power, noise=noise)
    if power is not None:
        raise console.Refused("--power is for a design without a recording; DATA has its own.")
    if not inputs or output is None:
        raise console.Refused("name the columns of DATA with --input and --output.")
    with console.refusing():
        signals = read(data, inputs, output)
    with console.refusing("--filter"):
        built = specs.filter_from(filter, signals.channels)
    if isinstance(built, FxLMS) or not built.needs_d:
        raise console.Refused(f"{type(built).__name__} has no mean-square theory: no gain is designed for it. "
                              "gainsched analyze tells what is known.")
    if built.model.channels != signals.channels:
        raise console.Refused(f"--filter {built!r} takes {built.model.channels} inputs, --input names "
                              f"{signals.channels}.")
    with console.refusing(str(data)):
        assert signals.d is not None                       # it was named
        exc = Excitation.from_data(signals.x, signals.d, model=built.model)
        if noise is None:
            return built, exc
        return built, Excitation(exc.R, noise, exc.drift, exc.kurtosis, w_opt=exc.w_opt, peak=exc.peak,
                                 burst=exc.burst, sample=exc.sample)


def _print(found: Design | ScheduleDesign) -> None:
    terminal = console.out()
    if isinstance(found, Design):
        low, high = found.interval
        terminal.print(f"[bold]{found.port} {float(found):.6g}[/bold]   of {found.filter!r}; all wishes are met from "
                       f"{low:.4g} to {high:.4g}", markup=True)
    else:
        terminal.print(f"[bold]gain {_spelled(found.schedule)}[/bold]   of {found.final.filter!r}", markup=True)
    table = Table(box=None, pad_edge=False, header_style="cyan")
    table.add_column("wish")
    for name in ("asked", "is"):
        table.add_column(name, justify="right")
    table.add_column("unit")
    table.add_column("rests on")
    for name, asked in found.asked.items():
        table.add_row(name, console.sized(asked), console.sized(found.met[name]), _UNITS[name], found.assumptions[name])
    terminal.print(table)


def _spelled(schedule: Exponential) -> str:
    """The schedule in the words of --gain."""
    return f"exponential:{schedule.start},{schedule.rate},{schedule.every},floor={schedule.floor}"
