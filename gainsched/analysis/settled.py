r"""Settling of a constant gain: how long a learner is on its way, by the same 2 % that control engineers ask for.

A loop has settled at sample n if from there on its predicted mean-square error stays within 2 % of its total change,
and the squared mean error of every mode with power within 2 % of its start,

.. math:: |\zeta_k - \zeta_\infty| \le .02\,|\zeta_0 - \zeta_\infty| \;(k \ge n), \qquad e^{-2n/\tau_i} \le .02 .

Recursive least squares starts within some 2 N samples whatever its forgetting factor is; what that decides is how it
follows. Its settling is that of a settled loop after a jump of the optimal weights, :math:`\lambda^{2n} \le .02`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.recursive import LeastSquares
from gainsched.errors import NoTheory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.theory import Theory

FRACTION = 0.02              # of its change, within which a loop counts as settled
LONGEST = 10_000_000         # samples beyond which a loop does not settle
FOLLOWED = 50_000            # the same where a curve is followed sample by sample, 10 to 20 us each
_FAR = 0.5                   # share that the mean has left, above which the curve is not asked
_LOOKS = 16                  # samples between n and 2 n at which a curve is asked whether it stays


def remaining(theory: Theory, n: int) -> float:
    """The share of its way that a loop with a constant gain has left after n samples: settled up to `FRACTION`.

    The larger one of both parts of the definition; inf where the loop is unstable. While the mean alone has more than
    half of its way left, it is that of the mean.

    Raises
    ------
    NoTheory
        Where time constants, steady state or learning curve are unknown, or would have to be followed for too long.

    Examples
    --------
    >>> import gainsched as gs
    >>> from gainsched.analysis.analyze import theory_of
    >>> theory = theory_of(gs.Loop(gs.LMS(4), gain=0.05), gs.Excitation(1.0, noise=0.01).sized(4))
    >>> print([round(remaining(theory, n), 4) for n in (20, 45, 90)])
    [0.1692, 0.0184, 0.0003]
    """
    mean = math.exp(-2.0 * n / slowest) if (slowest := _slowest(theory)) > 0 else 0.0
    if isinstance(theory, LeastSquares):
        return mean
    if n > FOLLOWED and not theory.leaps:
        raise NoTheory(f"the learning curve of {theory.name} is followed sample by sample, {FOLLOWED} of them at most.")
    rest, start = theory.steady()[0], float(theory.exc.modes @ theory.start(None, 1.0, theory.w))
    if rest is None:
        raise NoTheory(f"no theory for the steady state of {theory.name} at gain {theory.drive.now:.4g}.")
    if mean > _FAR or not math.isfinite(rest):
        return mean if math.isfinite(rest) else math.inf
    left = float(np.abs(_later(theory, n) - rest).max())
    change = abs(start - rest)
    return math.inf if math.isnan(left) else max(mean, left / change if change > 0 else 0.0)


def _later(theory: Theory, n: int) -> NDArray[np.float64]:
    """The EMSE at n, and at samples up to 2 n that tell whether it stays."""
    if not theory.leaps:
        return np.asarray(theory.curve(2 * n + 1, 1, None, 1.0)[0][n:])
    step = max(1, n // _LOOKS)
    at, after = theory.curve(n + 1, n, None, 1.0)[0][1:], theory.curve(2 * n + 1, step, None, 1.0)[0][-(-n // step):]
    return np.concatenate([at, after])


def settling(theory: Theory) -> int | None:
    """Samples until a loop with a constant gain has settled; None where it does not within 10 million samples.

    50 000 where its learning curve has to be followed sample by sample.

    Examples
    --------
    >>> import gainsched as gs
    >>> from gainsched.analysis.analyze import theory_of
    >>> settling(theory_of(gs.Loop(gs.LMS(4), gain=0.05), gs.Excitation(1.0, noise=0.01).sized(4)))
    45
    """
    slowest = _slowest(theory)
    if slowest == math.inf:
        return None
    short, long = 0, max(1, math.ceil(slowest * math.log(1.0 / FRACTION) / 2.0))
    longest = LONGEST if theory.leaps else FOLLOWED
    while long <= longest and remaining(theory, long) > FRACTION:
        short, long = long, 2 * long
    if long > longest:
        return None
    while long - short > 1:
        middle = (short + long) // 2
        short, long = (short, middle) if remaining(theory, middle) <= FRACTION else (middle, long)
    return long


def _slowest(theory: Theory) -> float:
    """The slowest time constant of the modes that carry power; inf where one never ends."""
    gain = theory.drive.now if theory.drive.known and theory.drive.is_constant else math.nan
    taus = None if math.isnan(gain) else theory.time_constants(gain)
    if taus is None:
        raise NoTheory(f"no theory for the settling of {theory.name}" + (
            " under a gain that moves." if math.isnan(gain) else ": its time constants are not known."))
    return float(taus[theory.exc.modes > 0].max()) if theory.exc.modes.any() else math.inf
