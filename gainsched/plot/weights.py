"""Weights over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.plot.figure import check, dress, extremes, new_axes
from gainsched.run import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

NAMED = 12                       # weights that a legend can still tell apart


def weights(run: Run, *, w_opt: ArrayLike | None = None, labels: Sequence[str] | None = None,
            ax: Axes | None = None) -> Axes:
    """Draw the weights a run recorded, and where they should be.

    Parameters
    ----------
    run : Run
        Made with ``record=gs.Record(weights=...)``. Of complex weights the magnitude is drawn.
    w_opt : array, optional
        The optimal weights, if known: a dotted line each, `Report.w_opt` for instance. Of complex ones the magnitude.
    labels : sequence of str, optional
        One name per weight, in C order; default w[0], w[1] ... Many weights are drawn from dark (newest sample) to
        light, without names.
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        When the run recorded no weights, or labels or w_opt are not as many as the weights.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(500)
    >>> run = gs.NLMS(2).run(x, x, record=gs.Record(weights=10))
    >>> [line.get_label() for line in weights(run).lines]
    ['w[0]', 'w[1]']
    """
    check("weights", run, (Run,))
    if run.weights is None:
        raise ValueError("plot: this run recorded no weights; run it with record=gs.Record(weights=10).")
    names = ["w[" + ",".join(map(str, index)) + "]" for index in np.ndindex(run.w.shape)]
    goal = None if w_opt is None else np.asarray(w_opt).reshape(-1)
    if goal is not None and goal.size != len(names):
        raise ValueError(f"plot: w_opt must hold {len(names)} weights, got {goal.size}.")
    if labels is not None:
        if len(labels) != len(names):
            raise ValueError(f"plot: labels must be as many as the weights, {len(names)}, got {len(labels)}.")
        names = list(labels)
    import matplotlib as mpl

    ax = new_axes(ax)
    rows = run.weights.reshape(-1, len(names))
    values = np.abs(rows) if rows.dtype.kind == "c" else rows
    many = len(names) > NAMED
    colors = mpl.colormaps["viridis"](np.linspace(0.0, 0.9, len(names)))
    for i, name in enumerate(names):
        shown = extremes(values[:, i])
        ax.plot(run.weights_at[shown], values[shown, i], color=colors[i], linewidth=0.7 if many else 1.3,
                label=f"_{name}" if many else name)
    for i, value in enumerate([] if goal is None else np.abs(goal) if rows.dtype.kind == "c" else goal):
        ax.axhline(value, color=colors[i], linewidth=0.9, linestyle=":", label="optimal" if i == 0 else "_optimal")
    magnitude = "|w|" if rows.dtype.kind == "c" else "weight"
    dress(ax, "sample k", f"{magnitude}, unit of d per unit of x",
          f"{len(names)} weights over time" if many else "Weights over time")
    if ax.get_legend() is not None:                      # beside the lines, which leave no room for it
        ax.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax
