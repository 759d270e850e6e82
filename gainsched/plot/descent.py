"""A descent over its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.plot.figure import MEASURED, dress, new_axes, thinned

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gainsched.descent import DescentRun


def descent(run: DescentRun, *, label: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the objective's value over the steps, or the gradient's norm where no value was given.

    Parameters
    ----------
    run : DescentRun
        What to draw.
    label : str, optional
        Name in the legend.
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import gainsched as gs
    >>> gs.Descent(lambda w: w, 1.0, gain=0.1).run(50).plot().get_ylabel()
    'norm of the gradient'
    """
    ax = new_axes(ax)
    curve = run.slope if run.value is None else run.value
    part = thinned(run.n)
    ax.plot((run.start + np.arange(run.n))[part], curve[part], color=MEASURED if label is None else None, lw=1.3,
            label=label)
    if run.n and (curve > 0).all():
        ax.set_yscale("log")
    return dress(ax, "step", "norm of the gradient" if run.value is None else "value")
