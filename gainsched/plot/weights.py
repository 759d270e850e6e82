"""Weights over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.plot.figure import dress, new_axes, thinned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from gainsched.run import Run

NAMED = 12                       # weights that a legend can still tell apart


def weights(run: Run, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """Draw the weights a run recorded.

    Parameters
    ----------
    run : Run
        Made with ``record=gs.Record(weights=...)``. Of complex weights the magnitude is drawn.
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
        When the run recorded no weights, or the labels are not as many as the weights.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(500)
    >>> run = gs.NLMS(2).run(x, x, record=gs.Record(weights=10))
    >>> [line.get_label() for line in weights(run).lines]
    ['w[0]', 'w[1]']
    """
    if run.weights is None:
        raise ValueError("plot: this run recorded no weights; run it with record=gs.Record(weights=10).")
    names = ["w[" + ",".join(map(str, index)) + "]" for index in np.ndindex(run.w.shape)]
    if labels is not None:
        if len(labels) != len(names):
            raise ValueError(f"plot: labels must be as many as the weights, {len(names)}, got {len(labels)}.")
        names = list(labels)
    import matplotlib as mpl

    ax = new_axes(ax)
    shown = thinned(len(run.weights))
    rows = run.weights[shown].reshape(-1, len(names))
    values = np.abs(rows) if rows.dtype.kind == "c" else rows
    many = len(names) > NAMED
    colors = mpl.colormaps["viridis"](np.linspace(0.0, 0.9, len(names)))
    for i, name in enumerate(names):
        ax.plot(run.weights_at[shown], values[:, i], color=colors[i], linewidth=0.7 if many else 1.3,
                label=f"_{name}" if many else name)
    magnitude = "|w|" if rows.dtype.kind == "c" else "weight"
    return dress(ax, "sample k", magnitude, f"{len(names)} weights over time" if many else "Weights over time")
