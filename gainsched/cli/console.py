"""Talking to the terminal: results on stdout, everything else on stderr, one line for what is wrong."""

from __future__ import annotations

import contextlib
import json
import math
import sys
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from gainsched.strict import strict

if TYPE_CHECKING:
    from collections.abc import Iterator

BAD_INPUT, DIVERGED, INTERRUPTED = 2, 3, 130


class Refused(Exception):
    """Bad input, told in one line."""


@contextlib.contextmanager
def refusing(what: str = "") -> Iterator[None]:
    """Around everything that works on the user's words and files: what the classes refuse becomes one line."""
    try:
        yield
    except (ValueError, TypeError, LookupError, OSError, ImportError, MemoryError) as error:
        message = " ".join(str(error).split())
        raise Refused(f"{what}: {message}" if what else message) from error


def out() -> Console:
    """Where results go."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def err() -> Console:
    """Where notes, progress and refusals go."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


def note(text: str) -> None:
    """A remark on stderr."""
    err().print(text, style="dim", markup=False)


def leave(code: int) -> None:
    """End with an exit code other than 0."""
    if code:
        raise typer.Exit(code)


def print_json(data: dict[str, Any]) -> None:
    """One strict JSON object on stdout: what is not finite is null."""
    sys.stdout.write(json.dumps(strict(data), allow_nan=False, ensure_ascii=False) + "\n")


def sized(value: float | None, digits: int = 4) -> str:
    """A number for people; a dash for what is unknown."""
    return "–" if value is None or math.isnan(value) else f"{value:.{digits}g}"


def counted(n: int) -> str:
    """A count with its thousands set apart."""
    return f"{n:,}".replace(",", "\u202f")
