"""The adaptation loop as control engineers look at it: the Nyquist curve with its margins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import Margins, Report, margins
from gainsched.analysis.circle import single_loop
from gainsched.errors import NoTheory
from gainsched.plot.figure import LIMIT, MEASURED, PREDICTED, dress, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

SQUARE = (4.6, 5.0)


def nyquist(subject: Any, *, ax: Axes | None = None) -> Axes:
    """Draw L over frequency around the point -1, with gain, phase and disk margin.

    Parameters
    ----------
    subject : Report or control LTI system
        A report shows its worst mode at the worst moment of the schedule: the loop its margins belong to.
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    NoTheory
        For a report without a loop of its own (no theory, or a gain per weight).

    Notes
    -----
    The dashed circle is the unit circle; the filled one around -1 has the radius 1/Ms and touches the curve. An
    integrator's curve comes from infinity: it is cut at the edge of the axes.

    Examples
    --------
    >>> import gainsched as gs
    >>> L = gs.Loop(gs.DelayedLMS(4, delay=3), gain=0.1).transfer(2.0)
    >>> nyquist(L).get_xlabel()
    'Re L'
    """
    L = loop_of(subject, "nyquist")
    ax = new_axes(ax, SQUARE)
    found = margins(L)
    curve = _response(L)
    near = np.where(np.abs(curve) < 40, curve, np.nan)                       # far away lines only cross the picture
    ax.plot(near.real, near.imag, color=MEASURED, linewidth=1.6, label="L, worst mode" if subject is not L else "L")
    ax.plot(near.real, -near.imag, color=MEASURED, linewidth=0.9, alpha=0.5)
    circle = np.exp(1j * np.linspace(0, 2 * np.pi, 361))
    ax.plot(circle.real, circle.imag, color=LIMIT, linewidth=0.8, linestyle="--")
    ax.plot([-1], [0], "+", color="black", markersize=9, markeredgewidth=1.4)
    if math.isfinite(found.disk):
        ring = -1 + found.disk * circle
        ax.fill(ring.real, ring.imag, color=PREDICTED, alpha=0.10, linewidth=0, label=f"disk margin {found.disk:.3g}")
    _crossings(ax, L, found)
    reach = _reach(found)
    ax.set_xlim(-reach, min(reach, 1.6))
    ax.set_ylim(-0.5 * (reach + 1.6), 0.5 * (reach + 1.6))
    ax.set_aspect("equal", adjustable="box")
    dress(ax, "Re L", "Im L", _title(found, "Open loop" if subject is L else "Loop of the worst mode"))
    ax.legend(frameon=False, fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    return ax


def loop_of(subject: Any, plot: str) -> Any:
    """The open loop that a plot of this name draws: a report's worst one, or the system given."""
    L = subject.worst_loop if isinstance(subject, Report) else subject
    if L is None:
        raise NoTheory(f"{plot}: this report has no loop to draw: no theory, or gains per weight.")
    if not isinstance(subject, Report):
        single_loop(f"{plot}: L", L)                     # refuses what is no loop
    return L


def frequencies(L: Any) -> NDArray[np.float64]:
    """Frequencies up the stability boundary, dense near both ends: rad/s, or rad/sample to pi."""
    if L.dt == 0:
        poles = np.abs(np.concatenate([L.poles(), L.zeros()]))
        scale = poles[poles > 0]
        low, high = (scale.min(), scale.max()) if len(scale) else (1.0, 1.0)
        return np.geomspace(1e-3 * low, 1e3 * high, 4000)
    return np.pi * np.concatenate([np.geomspace(1e-4, 0.1, 1500), np.linspace(0.1, 1.0, 2500)[1:]])


def _response(L: Any) -> NDArray[np.complex128]:
    """L there."""
    angle = frequencies(L)
    return np.asarray(L(1j * angle if L.dt == 0 else np.exp(1j * angle)))


def _crossings(ax: Axes, L: Any, found: Margins) -> None:
    """The points that the margins are read from."""
    if math.isfinite(found.gain) and found.gain > 1:
        ax.plot([-1 / found.gain], [0], "o", color=PREDICTED, markersize=5, label=f"gain margin {found.gain:.4g}")
    if math.isfinite(found.phase_deg) and math.isfinite(found.frequency):
        dt = 1.0 if L.dt in (True, None) else float(L.dt)
        point = complex(L(1j * found.frequency if L.dt == 0 else np.exp(1j * found.frequency * dt)))
        ax.plot([point.real], [point.imag], "s", color=PREDICTED, markersize=5,
                label=f"phase margin {found.phase_deg:.4g} deg")


def _reach(found: Margins) -> float:
    """Half the picture's width: the unit circle, or the crossing beyond it."""
    beyond = 1 / found.gain if math.isfinite(found.gain) and found.gain > 0 else 0.0
    return float(np.clip(1.25 * beyond, 1.8, 12.0))


def _title(found: Margins, what: str) -> str:
    if math.isnan(found.phase_deg) and not math.isfinite(found.gain):
        return "Unstable loop"
    if math.isnan(found.phase_deg):
        return f"Unstable; stable below a factor of {found.gain:.4g}"
    return what
