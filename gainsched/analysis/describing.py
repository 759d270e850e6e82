"""Limit cycles of sign and clipped updates, by the describing function, on the circle where the loop is discrete."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.circle import proper_loop
from gainsched.errors import refusal

if TYPE_CHECKING:
    from gainsched.analysis.rational import Rational

NONLINEARITIES = ("sign", "clip")
_ASIDE = 1e-6                     # relative step of the gain that shows on which side of a crossing the loop is stable


@dataclass(frozen=True)
class LimitCycle:
    """An oscillation that a sign or a clip in the loop keeps up.

    Attributes
    ----------
    amplitude : float
        Of the fundamental at the input of the nonlinearity, in its unit.
    frequency : float
        rad/sample (rad/s for a continuous loop).
    gain : float
        What the nonlinearity amounts to at this amplitude: the factor that puts the linear loop on its boundary.
    attracting : bool
        Whether neighboring oscillations end in it; otherwise it divides those that die out from those that grow.
    distortion : float
        Largest third harmonic, relative to the fundamental: that of a full square wave. The prediction is as good as
        this is small; 0 at period 2, where it is exact.

    Examples
    --------
    >>> import control, gainsched as gs
    >>> [cycle] = gs.limit_cycles(control.tf([0.1], [1, -1], True))
    >>> round(cycle.amplitude, 12), cycle.period
    (0.05, 2.0)
    """

    amplitude: float
    frequency: float
    gain: float
    attracting: bool
    distortion: float

    @property
    def period(self) -> float:
        """Samples per oscillation (seconds for a continuous loop); a sampled cycle locks to whole samples near it."""
        return 2 * math.pi / self.frequency


def limit_cycles(L: Any, nonlinearity: str = "sign", level: float = 1.0) -> tuple[LimitCycle, ...]:
    r"""Limit cycles of a loop whose update passes a sign or a clip, by harmonic balance.

    The loop is :math:`u = -f(y)`, y = L u. An oscillation of amplitude A at the frequency :math:`\omega` keeps itself
    up where

    .. math:: 1 + N(A)\,L(e^{j\omega}) = 0, \qquad
              N_\mathrm{sign} = \frac{4\,level}{\pi A}, \qquad
              N_\mathrm{clip} = \frac{2}{\pi}\left(\arcsin x + x\sqrt{1-x^2}\right), \; x = \frac{level}{A} \le 1 .

    The crossings are those of the gain margin, exact. At z = -1 a sampled oscillation takes only the values A and -A:
    there N = level/A, and the cycle of period 2 is exact.

    Parameters
    ----------
    L : control.TransferFunction or control.StateSpace
        The linear rest of the loop, negative feedback, one input and one output, discrete or continuous;
        ``loop.transfer(mode)`` of gradient descent with the sign or clip on its gradient, for instance.
    nonlinearity : {"sign", "clip"}
        f: ``level`` times the sign, or the identity clipped at +-level.
    level : float
        Largest output of f, > 0.

    Returns
    -------
    tuple of LimitCycle
        By amplitude; empty where harmonic balance finds none, which is no proof that there is none.

    Raises
    ------
    TypeError, ValueError
        When L is not a proper single-input single-output LTI system, or an argument is out of range.

    Notes
    -----
    Assumption: the linear part lets little but the fundamental through (`LimitCycle.distortion`), and the cycle is
    symmetric about 0. A sampled cycle locks to a whole number of samples, and where it is short there may be a family
    of them that differ in phase and, a little, in amplitude: at period 6 up to 8 % from the prediction (measured).

    Steps of a constant size never settle: a sign in the loop leaves an oscillation in proportion to the learning rate,
    which only a decaying gain removes.

    References
    ----------
    N. M. Krylov and N. N. Bogoliubov (1937); A. Gelb and W. E. Vander Velde, *Multiple-Input Describing Functions and
    Nonlinear System Design*, McGraw-Hill 1968, chapters 2 and 9 (sampled loops).

    Examples
    --------
    A clipped gradient that is one sample old, at twice its stable gain: period 6.

    >>> import control, gainsched as gs
    >>> [cycle] = gs.limit_cycles(control.tf([2], [1, -1, 0], True), "clip")
    >>> round(cycle.amplitude, 3), round(cycle.period, 9), cycle.attracting
    (2.475, 6.0, True)
    >>> gs.limit_cycles(control.tf([0.5], [1, -1, 0], True), "clip")              # below it: no cycle
    ()
    """
    if nonlinearity not in NONLINEARITIES:
        raise ValueError(refusal("nonlinearity", nonlinearity, 'must be "sign" or "clip"'))
    try:
        level = float(level)
    except (TypeError, ValueError):
        raise TypeError(refusal("level", level, "must be a finite number > 0")) from None
    if not (math.isfinite(level) and level > 0):
        raise ValueError(refusal("level", level, "must be a finite number > 0"))
    loop = proper_loop("L", L)
    cycles = [_cycle(loop, w, gain, nonlinearity, level) for w, gain in _crossings(loop)
              if nonlinearity == "sign" or gain < 1 - 1e-12]
    return tuple(sorted(cycles, key=lambda cycle: cycle.amplitude))


def _crossings(loop: Rational) -> list[tuple[float, float]]:
    """(frequency, factor) at which a pair of poles, or one at z = -1, lies on the boundary."""
    w = loop.real_crossings() if loop.order else np.zeros(0)
    points = [*zip(w, loop(w).real, strict=True)]
    points += [(w, value) for w, value in loop.edges() if loop.discrete and w > 0]
    return [(float(w), float(-1 / value)) for w, value in points if value < 0 and math.isfinite(value)]


def _cycle(loop: Rational, w: float, gain: float, nonlinearity: str, level: float) -> LimitCycle:
    alternating = loop.discrete and w == math.pi
    if alternating:
        amplitude = level / gain
    elif nonlinearity == "sign":
        amplitude = 4 * level / (math.pi * gain)
    else:
        amplitude = level / _saturation(gain)
    third = 0.0 if alternating else float(abs(loop(np.array([3 * w]))[0]) * gain / 3)
    settles = loop.stable(gain * (1 - _ASIDE)) and not loop.stable(gain * (1 + _ASIDE))
    return LimitCycle(amplitude, w * (1.0 if loop.discrete else loop.scale), gain, settles, third)


def _saturation(gain: float) -> float:
    """x = level/A at which the describing function of the clip is `gain` < 1."""
    from scipy.optimize import brentq

    def excess(x: float) -> float:
        return 2 / math.pi * (math.asin(x) + x * math.sqrt(1 - x * x)) - gain

    return float(brentq(excess, 0.0, 1.0, xtol=1e-300, rtol=1e-14))
