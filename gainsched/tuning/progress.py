"""A bar with the time left, where somebody looks."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gainsched.tuning.trials import Trial


@contextlib.contextmanager
def watched(total: int, progress: bool | None) -> Iterator[Callable[[Sequence[Trial]], None]]:
    """Tell the function it yields of trials that are done; None: a bar where stderr is a terminal."""
    if not (sys.stderr.isatty() if progress is None else progress):
        yield lambda trials: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=console.is_terminal) as bar:
        task = bar.add_task("tuning", total=total)
        best = [float("inf")]

        def tell(trials: Sequence[Trial]) -> None:
            best[0] = min([best[0], *(t.score for t in trials if t.status == "done")])
            bar.update(task, advance=len(trials), description=f"tuning, best {best[0]:.4g}")

        yield tell
        bar.update(task, total=bar.tasks[0].completed)        # a search may need fewer than it was allowed
