"""The closed-loop poles over the gain."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import Report
from gainsched.analysis.margins import gain_range
from gainsched.plot.figure import LIMIT, dress, new_axes
from gainsched.plot.loop import SQUARE, loop_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COUNT = 400                     # gains drawn
_BEYOND = 1.5                    # the locus goes on to this many times the last stable gain


def root_locus(subject: Any, gain: float | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw how the poles of the adaptation loop move while its gain grows: colored by the gain, which the bar names.

    Parameters
    ----------
    subject : Report or control LTI system
        A report shows its worst mode.
    gain : float, optional
        The learning rate that a given system stands for; default 1, so that gains are factors on the loop. A report
        knows its own.
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    NoTheory
        For a report without a loop of its own.

    Notes
    -----
    The poles are those of ``control.root_locus_map``. The dashed line is the boundary of stability, the unit circle
    (the imaginary axis for a continuous loop); points are the poles at the present gain, open squares those at the ends
    of the lowest stable range of gains.

    Examples
    --------
    >>> import gainsched as gs
    >>> loop = gs.Loop(gs.LMS(4), gain=0.1, compensator=gs.HeavyBall(0.9))
    >>> root_locus(loop.transfer(2.0), gain=0.1).get_xlabel()
    'Re z'
    """
    import control

    L = loop_of(subject, "root_locus")
    own = subject.worst_gain if isinstance(subject, Report) else gain
    now = 1.0 if own is None else float(own)
    ax = new_axes(ax, SQUARE)
    low, high = gain_range(L) or (0.0, math.inf)
    end = _BEYOND * max(high if math.isfinite(high) else 0.0, low, 1.0)
    factors = np.unique([*np.linspace(0.0, end, _COUNT), *np.geomspace(1e-6, 0.05, _COUNT) * end])
    loci = np.asarray(control.root_locus_map(L, factors).loci)
    boundary = np.exp(1j * np.linspace(0, 2 * np.pi, 361)) if L.dt != 0 else None
    if boundary is None:
        ax.axvline(0.0, color=LIMIT, linewidth=0.9, linestyle="--")
    else:
        ax.plot(boundary.real, boundary.imag, color=LIMIT, linewidth=0.9, linestyle="--")
    shown = np.tile(factors * now, loci.shape[1])
    points = ax.scatter(loci.T.real.ravel(), loci.T.imag.ravel(), c=shown, s=5, cmap="viridis", linewidths=0)
    what = "gain" if own is not None else "factor on the loop"
    ax.figure.colorbar(points, ax=ax, label=what, shrink=0.8)
    for factor, style, name in ((1.0, "o", "now"), (low, "s", "lowest"), (high, "s", "limit")):
        if not math.isfinite(factor) or factor <= 0:
            continue
        poles = np.asarray(control.root_locus_map(L, [factor]).loci).ravel()
        face = "black" if name == "now" else "none"
        ax.plot(poles.real, poles.imag, style, color="black", markerfacecolor=face, markersize=6,
                label=f"{what} {factor * now:.4g}, {name}", linestyle="none")
    if boundary is not None:
        ax.set_aspect("equal", adjustable="box")
        reach = 1.08 * max(1.0, float(np.quantile(np.abs(loci), 0.98)))
        ax.set_xlim(-reach, reach)
        ax.set_ylim(-reach, reach)
    variable = "z" if L.dt != 0 else "s"
    dress(ax, f"Re {variable}", f"Im {variable}", f"Poles over the {what}")
    if ax.get_legend() is not None:
        ax.legend(frameon=False, fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.16))
    return ax
