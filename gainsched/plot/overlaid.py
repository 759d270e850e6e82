"""Learning curves of several runs on the same axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.plot.figure import check, new_axes
from gainsched.plot.learning import learning_curve
from gainsched.run import Run, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_ROOM = 0.1                  # above and below the runs that ended well, of their span


def learning_curves(runs: Mapping[str, Run], window: int | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the smoothed squared errors of several runs over each other, in dB.

    Parameters
    ----------
    runs : dict from names to Run
        In the order in which they are drawn; the legend lists the last, which lies on top, first. Those that did not
        diverge set the scale.
    window : int, optional
        Samples averaged around each point, as in `learning_curve`.
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(2000)
    >>> runs = {f"gain {mu}": gs.NLMS(4).run(x, x, gain=mu) for mu in (0.1, 1.0)}
    >>> len(gs.plot.learning_curves(runs).lines)
    2
    """
    ax = new_axes(ax)
    for name, run in runs.items():
        check("learning_curves", run, (Run,))
        learning_curve(run, window=window, label=name, ax=ax)
    lines = ax.lines[len(ax.lines) - len(runs):]
    done = [np.asarray(line.get_ydata(), dtype=np.float64) for line, run in zip(lines, runs.values(), strict=True)
            if run.status is Status.DONE]
    if 0 < len(done) < len(runs):                        # what runs away would press the others flat
        _scale(ax, np.concatenate(done))
    if runs:
        handles, labels = ax.get_legend_handles_labels()
        ax.legend(handles[::-1], labels[::-1], frameon=False, fontsize="small")
    return ax


def _scale(ax: Axes, shown: NDArray[np.float64]) -> None:
    """Show these values, with a little room."""
    shown = shown[np.isfinite(shown)]
    if shown.size:
        low, high = float(shown.min()), float(shown.max())
        room = _ROOM * (high - low) + 1.0
        ax.set_ylim(low - room, high + room)
