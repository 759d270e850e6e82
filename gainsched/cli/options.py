"""The options that several verbs share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Nonfinite(StrEnum):
    """What a missing cell means."""

    RAISE = "raise"
    SKIP = "skip"
    HOLD = "hold"


Data = Annotated[Path, typer.Argument(
    metavar="DATA", help="Recording: csv (.gz), dat, txt, npz, mat, wav or parquet.", show_default=False)]
Input = Annotated[list[str], typer.Option(
    "--input", "-i", metavar="NAME", show_default=False,
    help="Input column or array; several: repeat, or separate by commas. 1 is a column of ones (an offset).")]
Output = Annotated[str | None, typer.Option(
    "--output", "-o", metavar="NAME", show_default=False, help="Output column: the desired signal.")]
Filter = Annotated[str, typer.Option(
    "--filter", "-f", metavar="SPEC", help="Update rule: nlms:32, rls:fir(8),delta=100, rls:arx(na=2,nb=2,nk=3).")]
Gain = Annotated[str | None, typer.Option(
    "--gain", "-g", metavar="SPEC", show_default=False,
    help="Number, schedule or law: 0.5, exponential:start=1,rate=.5,every=2000. Default: the filter's.")]
Forgetting = Annotated[str | None, typer.Option(
    "--forgetting", metavar="SPEC", show_default=False, help="Forgetting factor of RLS, same forms. Default: 1.")]
Compensator = Annotated[str | None, typer.Option(
    "--compensator", "-c", metavar="SPEC", show_default=False,
    help="Momentum or averaging: heavy-ball:0.9, nesterov:0.9, gradient-ema:0.9, polyak-ruppert:start=1000.")]
NonfiniteOption = Annotated[Nonfinite, typer.Option(
    "--nonfinite", help="Missing cells: refuse them, skip the sample, or hold the last value.")]
Out = Annotated[Path | None, typer.Option(
    "--out", metavar="DIR", show_default=False, help="Write result.npz, report.json, report.html and plots there.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
