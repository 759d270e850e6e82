"""The mean learning curve of many trials, with its confidence band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsched.plot.figure import MEASURED, PREDICTED, decibels, dress, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_NAMES = {"mse": "error power, dB", "emse": "excess error power, dB", "msd": "weight error power, dB"}


def mean_curve(k: Array, mean: Array, low: Array, high: Array, *, kind: str = "mse", trials: int = 0,
               level: float = 0.95, predicted: Array | None = None, ax: Axes | None = None) -> Axes:
    """Draw a mean power over samples in dB, its confidence band, and a prediction for the same samples.

    Parameters
    ----------
    k, mean, low, high : (points,) arrays
        Samples, means, and the band.
    kind : {"mse", "emse", "msd"}
        Names the axis.
    trials : int
        Behind the mean; the legend states it.
    level : float
        Of the band.
    predicted : (points,) array, optional
        What theory expects.
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> power = 0.9 ** np.arange(100)
    >>> gs.plot.mean_curve(np.arange(100), power, 0.9 * power, 1.1 * power, trials=50).get_ylabel()
    'error power, dB'
    """
    ax = new_axes(ax)
    ax.fill_between(k, decibels(np.maximum(low, 1e-3 * mean)), decibels(high), color=MEASURED, alpha=0.2, linewidth=0,
                    label=f"{level:.0%} band of the mean")
    ax.plot(k, decibels(mean), color=MEASURED, linewidth=1.2, label=f"mean of {trials} trials")
    if predicted is not None:
        ax.plot(k, decibels(predicted), color=PREDICTED, linewidth=1.4, linestyle="--", label="predicted")
    return dress(ax, "sample k", _NAMES[kind], "Learning curve")
