"""A bar with the time left, where somebody looks."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def watched(what: str, total: int, progress: bool | None) -> Iterator[Callable[[int, str], None]]:
    """Tell the function it yields how many more trials are done, and a word on them.

    Parameters
    ----------
    what : str
        The work, beside the bar.
    total : int
        Trials expected; fewer may come.
    progress : bool or None
        None: a bar where stderr is a terminal.
    """
    if not (sys.stderr.isatty() if progress is None else progress):
        yield lambda count, word: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count, word: bar.update(task, advance=count, description=f"{what}{word}")
        bar.update(task, total=bar.tasks[0].completed)        # a search may need fewer than it was allowed
