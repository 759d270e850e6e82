"""What can go wrong, as data: every error names the argument, the value, the limit and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gainsched.run import Run


_LONGEST = 240               # characters of a value that a refusal shows


class DivergedError(ArithmeticError):
    """A loop diverged; ``.run`` holds everything up to and including the sample at which it did.

    Raised under ``on_divergence="raise"`` (the default). The loop stays at the stop, its weights are those
    before the offending update.
    """

    def __init__(self, message: str, run: Run | None = None) -> None:
        super().__init__(message)
        self.run = run


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; ``.run`` holds everything up to the interruption, the loop stays there."""

    def __init__(self, message: str, run: Run | None = None) -> None:
        super().__init__(message)
        self.run = run


class NoTheory(LookupError):
    """A figure was asked for that theory does not give for this filter, gain or law. Nothing is guessed."""


def refusal(name: str, value: object, limit: str, advice: str = "") -> str:
    """The one sentence of every refusal: what was given, what is allowed, what to try.

    Examples
    --------
    >>> refusal("NLMS gain", 2.5, "must be in [0, 2]", "Try 0.5.")
    'NLMS gain must be in [0, 2], got 2.5. Try 0.5.'
    """
    shown = f"{value:.12g}" if isinstance(value, float) else repr(value)
    if len(shown) > _LONGEST:                            # an array of a thousand numbers explains nothing
        shown = f"{shown[:_LONGEST // 2]} ... {shown[-_LONGEST // 4:]}"
    return f"{name} {limit}, got {shown}.{' ' + advice if advice else ''}"
