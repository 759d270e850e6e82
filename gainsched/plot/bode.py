"""The loop's frequency response, with the margins where they are read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import margins
from gainsched.errors import refusal
from gainsched.plot.figure import LIMIT, MEASURED, PREDICTED, dress
from gainsched.plot.loop import frequencies, loop_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = (6.4, 5.0)


def bode(subject: Any, *, ax: tuple[Axes, Axes] | None = None) -> tuple[Axes, Axes]:
    """Draw magnitude and phase of L over frequency, and the phase margin at the gain crossover.

    Parameters
    ----------
    subject : Report or control LTI system
        A report shows its worst mode at the worst moment of the schedule.
    ax : pair of matplotlib Axes, optional
        Draw here: magnitude above, phase below.

    Returns
    -------
    pair of matplotlib Axes

    Raises
    ------
    NoTheory
        For a report without a loop of its own.
    ValueError
        When ax is no pair.

    Notes
    -----
    The response is that of ``control.frequency_response``. Frequencies of a discrete loop end at pi rad/sample: what
    changes sign from sample to sample.

    Examples
    --------
    >>> import gainsched as gs
    >>> magnitude, phase = bode(gs.Loop(gs.DelayedLMS(4, delay=3), gain=0.1).transfer(2.0))
    >>> magnitude.get_ylabel(), phase.get_ylabel()
    ('abs L, dB', 'phase, deg')
    """
    import control

    L = loop_of(subject, "bode")
    if ax is None:
        from matplotlib import pyplot as plt

        upper, lower = plt.subplots(2, 1, figsize=_SIZE, sharex=True, layout="constrained")[1]
    else:
        pair = np.ravel(np.asarray(ax, dtype=object))
        if len(pair) != 2:
            raise ValueError(refusal("bode: ax", len(pair), "must be two Axes, magnitude and phase"))
        upper, lower = pair
    found, omega = margins(L), frequencies(L)
    step = 1.0 if L.dt in (True, None, 0) else float(L.dt)
    response = np.asarray(control.frequency_response(L, omega / step).complex)
    decibel, phase = 20 * np.log10(np.maximum(np.abs(response), 1e-300)), np.degrees(np.unwrap(np.angle(response)))
    phase -= 360 * np.round((phase[0] + 90) / 360)                 # an integrator begins at -90 degrees
    upper.semilogx(omega, decibel, color=MEASURED, linewidth=1.6)
    lower.semilogx(omega, phase, color=MEASURED, linewidth=1.6)
    upper.axhline(0.0, color=LIMIT, linewidth=0.9, linestyle="--")
    lower.axhline(-180.0, color=LIMIT, linewidth=0.9, linestyle="--")
    if math.isfinite(found.phase_deg) and math.isfinite(found.frequency):
        at = found.frequency
        height = float(np.interp(at, omega, phase))
        lower.plot([at, at], [-180.0 + 360 * np.round((height + 180) / 360), height], color=PREDICTED, linewidth=1.4,
                   label=f"phase margin {found.phase_deg:.4g} deg")
        upper.axvline(at, color=PREDICTED, linewidth=0.8, linestyle=":", label=f"gain crossover {at:.4g}")
    if math.isfinite(found.gain) and found.gain > 1:
        upper.axhline(-20 * math.log10(found.gain), color=PREDICTED, linewidth=0.9, linestyle="--",
                      label=f"gain margin {found.gain:.4g} times")
    unit = "rad/sample" if L.dt != 0 else "rad/s"
    dress(upper, "", "abs L, dB", "Open loop")
    return upper, dress(lower, f"frequency, {unit}", "phase, deg")
