"""The application: its verbs, its exit codes, and the one place where what is wrong is told."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from gainsched.cli import analyze, compare, console, demo, design, run, schedule, show, tune
from gainsched.cli import list as list_

if TYPE_CHECKING:
    from collections.abc import Sequence

# typer carries its own click since 0.26 and imports it before: the common base of usage errors is found by descent
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[2]


class Verbs(TyperGroup):
    """Verbs whose bad input is one line on stderr and exit code 2, wherever it was noticed."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, complete_var: str | None = None,
             standalone_mode: bool = True, windows_expand_args: bool = True, **extra: Any) -> Any:
        """Run the verb; every end is an exit code."""
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except console.Refused as refused:
            _tell(str(refused))
            code = console.BAD_INPUT
        except USAGE_ERROR as error:
            if message := " ".join(error.format_message().split()):  # type: ignore[attr-defined]
                verb = getattr(getattr(error, "ctx", None), "command_path", "gainsched")
                _tell(f"{message} See {verb} --help.")
            code = console.BAD_INPUT
        except (KeyboardInterrupt, typer.Abort):
            _tell("interrupted.")
            code = console.INTERRUPTED
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def _tell(message: str) -> None:
    sys.stderr.write(f"gainsched: {message}\n")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        console.out().print(f"gainsched {version('gainsched')}")
        raise typer.Exit


app = typer.Typer(
    name="gainsched", cls=Verbs, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A learning rate is a controller gain: adapt online, and see whether the gain is safe.",
    epilog="Exit codes: 0 done, 2 bad input, 3 diverged, 130 interrupted.")


@app.callback()
def _options(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True,
                                                   help="Print the version and leave.")] = False) -> None:
    """Options that stand before the verb."""


app.command("run")(run.run)
app.command("analyze")(analyze.analyze)
app.command("compare")(compare.compare)
app.command("design")(design.design)
app.command("tune")(tune.tune)
app.command("schedule")(schedule.schedule)
app.command("list")(list_.list_all)
app.command("show")(show.show)
app.command("demo")(demo.demo)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
