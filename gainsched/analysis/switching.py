"""Gains that switch as they please: bounds of the joint spectral radius of a mode's matrices."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.certificate import STABLE, UNKNOWN, UNSTABLE, Certificate
from gainsched.analysis.course import as_count, as_modes, as_momentum, checked
from gainsched.analysis.ellipsoids import growth_below, least_growth, memories
from gainsched.analysis.jointradius import best_product, common_norm
from gainsched.analysis.modal import Modal
from gainsched.errors import NoTheory, refusal
from gainsched.gains import Schedule

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.gains.compensator import Momentum

    Array = NDArray[np.float64]

_SCAN = 33                      # modes at which products are tried
_CELLS = 200                    # intervals of modes that one proof may take
_STATES = 12                    # of a mode, for which semidefinite programs are asked: .2 s per program there
_ASKED = 40                     # intervals of modes that a proof by them may take
_GAP = 5e-5                     # of the joint spectral radius at one mode, at which its bounds are close enough
_DOUBT = 1e-7                   # rounding of a product's growth: only beyond it does a witness count


def certify_switching(gains: ArrayLike, modes: tuple[float, float], compensator: Momentum | None = None,
                      delay: int = 0, method: str = "auto") -> Certificate:
    r"""Whether every sequence of these gains, in any order and for ever, is stable for every mode in an interval.

    The joint spectral radius of the matrices :math:`A_i(\lambda)`, one per gain, is the growth per sample of the worst
    sequence. Products bound it from below, a common norm from above:

    .. math::
        \max_{\text{words}} \rho(A_{i_n} \cdots A_{i_1})^{1/n} \le \mathrm{JSR} \le \max_i \|A_i\| .

    With two states the norm's unit ball is a polygon: the hull of what the matrices, divided by slightly more than the
    best product's growth, make of that product's leading direction. Over an interval of modes the polygon of its middle
    serves, for the norm is convex in the mode and the ends bound it; intervals are halved until the proof succeeds.
    Gains between two of those given are covered too, by the same convexity.

    Parameters
    ----------
    gains : array
        The gains that may follow each other, >= 0; for all gains of a range give its two ends.
    modes : (float, float)
        The interval of eigenvalues, 0 <= low <= high; low == high allowed. The mode is one of them, for ever.
    compensator : HeavyBall, Nesterov or GradientEMA, optional
        With a number for beta.
    delay : int, optional
        Samples by which the error is late. With more than two states an ellipsoid takes the polygon's place.
    method : {"auto", "lmi"}
        "lmi" looks for ellipsoids by semidefinite programs, too, where those at hand prove nothing: one for all gains,
        or one for every word of the last 1 or 3. They prove more with delays, and are closer at a single mode. Takes
        up to some seconds, 12 states of a mode at most (1, the delay, and 1 for the compensator), and clarabel:
        ``pip install "gainsched[lmi]"``. What the solver finds is proven by norms, with their rounding.

    Returns
    -------
    Certificate
        ``lower`` and ``upper`` bound the joint spectral radius in the worst mode. "unstable" comes with the word of
        gains to repeat; ``scale`` is nan, for no search is made. ``method`` says what the upper bound comes from.

    Raises
    ------
    TypeError, ValueError
        For gains that are negative or not finite, modes that are no interval.
    ImportError
        For "lmi" without clarabel.
    NoTheory
        For a beta that is a schedule, and ScheduleFree.

    References
    ----------
    G. Gripenberg, "Computing the joint spectral radius", Linear Algebra Appl. 234 (1996); N. Guglielmi and V. Protasov,
    "Exact computation of joint spectral characteristics of linear operators", Found. Comput. Math. 13 (2013);
    A. Ahmadi, R. Jungers, P. Parrilo and M. Roozbehani, "Joint spectral radius and path-complete graph Lyapunov
    functions", SIAM J. Control Optim. 52 (2014), for "lmi".

    Examples
    --------
    >>> import gainsched as gs
    >>> swing = gs.certify_switching([0.2, 3.6], modes=(1.0, 1.0), compensator=gs.HeavyBall(0.9))
    >>> swing.verdict, round(swing.lower, 5), swing.upper < 2.126
    ('unstable', 2.12377, True)
    >>> gs.certify_switching([0.1, 1.5], modes=(0.5, 1.0)).verdict                  # without momentum: harmless
    'stable'
    """
    low, high = as_modes(modes, "certify_switching")
    if method not in ("auto", "lmi"):
        raise ValueError(refusal("certify_switching: method", method, 'must be "auto" or "lmi"'))
    between, late = as_momentum(compensator, "certify_switching"), as_count("delay", delay, "certify_switching", 0)
    given = np.asarray(gains)
    if given.dtype.kind not in "iuf" or given.ndim > 1:      # a Schedule is one order, this asks about all
        raise TypeError(refusal("certify_switching: gains", gains, "must be the numbers that the gain may switch "
                                "between", "A schedule is for gs.certify." if isinstance(gains, Schedule) else ""))
    values = np.unique(given.astype(np.float64).reshape(-1))
    if not values.size:
        raise ValueError(refusal("certify_switching: gains", gains, "must hold one gain at least"))
    checked(values, "certify_switching")
    beta = 0.0 if between is None else between.beta
    if isinstance(beta, Schedule):
        raise NoTheory("no theory for gains that switch under a beta that moves; give a number.")
    modal = Modal.of(values, np.full(len(values), float(beta)), between, late)
    if modal.order == 1:
        return _one_state(values, low, high)
    if method == "lmi" and modal.order > _STATES:
        limit = f'must leave at most {_STATES} states of a mode with method "lmi"'
        raise ValueError(refusal("certify_switching: delay", late, limit, 'Take method "auto".'))
    return _bounded(modal, low, high, method == "lmi")


def _one_state(gains: Array, low: float, high: float) -> Certificate:
    """abs(1 - mu lambda): numbers commute, and the largest of them is the joint spectral radius."""
    factors = np.abs(1.0 - np.outer(gains, [low, high]))
    i, j = (int(index) for index in np.unravel_index(int(np.argmax(factors)), factors.shape))
    size, mode = float(factors[i, j]), (low, high)[j]
    verdict = UNSTABLE if size > 1.0 + 1e-12 else (STABLE if size < 1.0 - 1e-12 else UNKNOWN)
    return _certificate(verdict, size, size, mode, [float(gains[i])], "closed form")


def _bounded(modal: Modal, low: float, high: float, solver: bool) -> Certificate:
    over = np.geomspace(low or high * 1e-6, high, _SCAN) if high > low else np.array([high])
    matrices = modal.matrices(over).swapaxes(0, 1)
    found = [best_product(A) for A in matrices]
    worst = int(np.argmax([log for log, _ in found]))
    log, word = found[worst]
    lower, mode = math.exp(log), float(over[worst])
    repeated = [float(modal.gains[i]) for i in word]
    if low == 0 or not modal.gains.min() > 0:          # what is not moved does not shrink
        lower = max(lower, 1.0)
    helped = False
    if high == low:
        upper = math.exp(common_norm(modal.matrices(over)[:, 0], word, log, ends=None, gap=_GAP))
        if solver:
            closer = _closest(modal, high, lower, upper)
            upper, helped = closer, closer < upper
    else:
        wanted = lower * 1.05 if lower > 1.0 + _DOUBT else 1.0
        upper = _cover(modal, low, high, over, wanted, solver=False)
        if solver:
            closer = _cover(modal, low, high, over[[0, -1]], wanted, solver=True)
            upper, helped = min(closer, upper), closer < upper
    if lower > 1.0 + _DOUBT:
        return _certificate(UNSTABLE, lower, upper, mode, repeated,
                            "product of matrices" + (", ellipsoids by linear matrix inequalities" if helped else ""))
    by = "ellipsoids by linear matrix inequalities" if helped else "polygons" if modal.order == 2 else "ellipsoids"
    verdict = STABLE if upper < 1.0 else UNKNOWN
    return _certificate(verdict, lower, upper, mode, repeated, f"common norms: {by}")


def _closest(modal: Modal, mode: float, lower: float, upper: float) -> float:
    """The smallest bound at one mode that ellipsoids of any memory prove."""
    A = _extremes(modal, np.array([mode]))
    for memory in memories(A):
        upper = least_growth(A, memory, lower, upper)
    return upper


def _extremes(modal: Modal, modes: Array) -> Array:
    """The matrices of the smallest and the largest gain: those of gains between lie between, for they are affine."""
    ends = sorted({int(np.argmin(modal.gains)), int(np.argmax(modal.gains))})
    return modal.matrices(modes)[ends]


def _cover(modal: Modal, low: float, high: float, over: Array, wanted: float, solver: bool) -> float:
    """A bound for every mode in [low, high], at most `wanted` if it succeeds; inf where it does not."""
    if low == 0:
        return math.inf
    edges = over.copy()
    edges[0], edges[-1] = low, high
    open_ = [(float(a), float(b)) for a, b in pairwise(edges)]
    count, worst = 0, 0.0
    while open_:
        count += 1
        if count > (_ASKED if solver else _CELLS):
            return math.inf
        a, b = open_.pop()
        log, word = best_product(modal.matrices(np.array([math.sqrt(a * b)]))[:, 0])
        if log >= math.log(wanted):
            return math.inf
        gap = 0.5 * (math.log(wanted) - log)
        if solver:
            above = _any_memory(_extremes(modal, np.array([a, b])), math.exp(log + gap), wanted)
        else:
            A = modal.matrices(np.array([a, math.sqrt(a * b), b]))
            above = math.exp(common_norm(A[:, 1], word, log, ends=np.concatenate([A[:, 0], A[:, 2]]), gap=gap))
        if above < wanted:
            worst = max(worst, above)
        else:
            middle = math.sqrt(a * b)
            open_ += [(middle, b), (a, middle)]
    return worst


def _any_memory(A: Array, rho: float, wanted: float) -> float:
    """What ellipsoids prove near rho, the shortest memory that succeeds."""
    for memory in memories(A):
        found = growth_below(A, memory, rho)
        if found < wanted:
            return found
    return math.inf


def _certificate(verdict: str, lower: float, upper: float, mode: float, word: list[float], method: str) -> Certificate:
    witness: dict[str, Any] | None = None
    if verdict == UNSTABLE:
        witness = {"mode": mode, "growth": lower, "gains": word, "betas": []}
    bounds = f"joint spectral radius in [{lower:.6g}, {upper:.6g}]"
    words = f"{len(word)} gain" + "s" * (len(word) > 1)
    sentence = {UNSTABLE: f"repeating {words} at mode {mode:.6g} the error grows by {lower:.6g} per sample; {bounds}",
                STABLE: f"every sequence shrinks the error; {bounds}", UNKNOWN: bounds}[verdict]
    return Certificate(verdict, lower, mode, math.nan, witness, method, lower, upper, sentence=sentence)
