"""How the loop follows a step of the optimal weights."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.plot.figure import LIMIT, MEASURED, dress, new_axes
from gainsched.plot.loop import loop_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHORTEST, _LONGEST = 20, 5000   # samples drawn
_SETTLED = 8.0                   # time constants drawn


def step(subject: Any, n: int | None = None, *, label: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw which part of a step of the optimal weights the mode has followed, over time.

    Parameters
    ----------
    subject : Report or control LTI system
        A report shows its worst mode, the fastest one, at the worst moment of the schedule. `Loop.transfer(mode)` gives
        any other.
    n : int, optional
        Samples; default: until it has settled, at most 5000. A continuous loop is drawn over as many steps of a
        twentieth of its fastest time constant.
    label : str, optional
        Name in the legend, where several share the axes.
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    NoTheory
        For a report without a loop of its own.
    ValueError
        When n is no integer >= 1.

    Notes
    -----
    ``control.step_response`` of L/(1 + L): mean of the weights without noise. What passes 1 overshoots; what grows is
    unstable in the mean.

    Examples
    --------
    >>> import gainsched as gs
    >>> line = step(gs.Loop(gs.LMS(4), gain=0.25).transfer(2.0)).lines[0]
    >>> print(line.get_ydata()[:3])
    [0.   0.5  0.75]
    """
    import control

    if n is not None and (isinstance(n, bool) or not isinstance(n, numbers.Real) or not n >= 1 or n % 1):
        raise ValueError(refusal("step: n", n, "must be an integer >= 1"))
    L = loop_of(subject, "step")
    closed = control.feedback(L, 1)
    poles = np.asarray(closed.poles())
    continuous = L.dt == 0
    rates = -poles.real if continuous else -np.log(np.clip(np.abs(poles), 1e-12, None))
    slow = float(rates.min(initial=math.inf))
    unit = 1.0 / (20 * float(np.abs(poles).max(initial=1.0))) if continuous else 1.0 if L.dt in (True, None) else L.dt
    wanted = _SETTLED / slow / (unit if continuous else 1.0) if slow > 0 else _SHORTEST
    count = int(np.clip(math.ceil(wanted), _SHORTEST, _LONGEST)) if n is None else int(n)
    time = np.arange(count + 1) * unit
    response = control.step_response(closed, time)
    ax = new_axes(ax)
    ax.plot(time if continuous else np.arange(count + 1), np.ravel(response.outputs), color=None if label else MEASURED,
            linewidth=1.6, drawstyle="default" if continuous else "steps-post", label=label)
    ax.axhline(1.0, color=LIMIT, linewidth=0.9, linestyle="--")
    return dress(ax, "time, s" if continuous else "sample k", "part of the step followed",
                 "" if label else "Step of the optimal weights")
