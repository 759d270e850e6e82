"""A period of gains over an interval of modes: the worst mode found, what is proven, and how far the gain may grow."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gainsched.analysis.cover import bound
from gainsched.analysis.momentum import Mode
from gainsched.analysis.product import Product

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.analysis.modal import Modal
    from gainsched.gains.compensator import Momentum

    Array = NDArray[np.float64]

_WORK = 8e5                    # samples times intervals of two states that one proof may cost
_LEAST, _LONG = 130.0, 6e7      # intervals that are looked at nevertheless, and multiplications up to which they are
_CELLS = 64                    # intervals to begin with
_ROUNDING = 1e-12              # of what is exact: factors are told apart from 1 by this much


@dataclass(frozen=True)
class Finding:
    """Logarithms per sample: `growth` at `mode`, found; `upper`, proven; `scale` and what proved it."""

    growth: float
    mode: float
    upper: float
    scale: float
    method: str
    doubt: float = 1e-7       # rounding of the logarithm over a period: only beyond it does a witness count
    neutral: bool = False     # whether a mode of 0, or a gain of 0, holds the error where it is


def judge(modal: Modal, low: float, high: float, compensator: Momentum | None) -> Finding:
    """Judge the loads of these modes."""
    if modal.leak and modal.delay:
        return _two_ways(modal, low, high)
    leak, plain = modal.leak, replace(modal, leak=0.0)
    low, high = low + leak, high + leak
    if high == 0 or not modal.gains.any():
        return Finding(0.0, 0.0 if high == 0 else high - leak, 0.0, math.inf, "nothing moves", neutral=True)
    if modal.order == 1:
        found = _one_state(plain, low, high)
    elif modal.period == 1:
        found = _constant(plain, low, high, compensator)
    else:
        found = _periodic(plain, low, high)
    if low == 0 and found.growth <= 0:                  # a mode of 0 is not moved: the others decide
        return replace(found, growth=0.0, mode=0.0, upper=0.0 if found.scale >= 1.0 else math.inf,
                       neutral=True)
    return replace(found, mode=found.mode - leak)


def _one_state(modal: Modal, low: float, high: float) -> Finding:
    product, P = Product(modal.gains), modal.period
    log, mode = product.largest(low, high)
    scale = product.first_crossing() / high * (1.0 - _ROUNDING)
    method = "closed form" if P == 1 else "exact extrema of the product over a period"
    return Finding(log / P, mode, log / P, scale, method, _ROUNDING)


def _constant(modal: Modal, low: float, high: float, compensator: Momentum | None) -> Finding:
    """At a constant gain the first load at which a pole meets the unit circle is known exactly."""
    mu, beta = float(modal.gains[0]), float(modal.betas[0])
    if not modal.delay:
        assert compensator is not None
        limit, ends = compensator.limit(beta), np.array([low, high])
        logs = np.log(np.maximum(Mode.of(compensator, beta).radius(mu * ends), 1e-300))
        worst = int(np.argmax(logs))           # the radius is quasiconvex in the load: its conditions are affine
        return Finding(float(logs[worst]), float(ends[worst]), float(logs[worst]), limit / (mu * high)
                       * (1.0 - _ROUNDING), "closed form")
    limit = 2.0 * math.sin(math.pi / (2.0 * (2 * modal.delay + 1))) if compensator is None else _crossing(
        compensator, beta, modal.delay)
    growth, mode = _search(modal, low, high)
    stable = mu * high < limit * (1.0 - _ROUNDING)
    return Finding(growth, mode, 0.0 if stable else math.inf, limit / (mu * high) * (1.0 - _ROUNDING),
                   "poles on the unit circle")


def _crossing(compensator: Momentum, beta: float, delay: int) -> float:
    """The loop gain up to which a constant gain with momentum and delay is stable."""
    import control

    from gainsched.analysis.margins import gain_range

    num, den = compensator.transfer(beta)
    found = gain_range(control.tf(num, np.polymul(den, [1.0, -1.0, *np.zeros(delay)]), True))
    return found[1] * (1.0 - 1e-9) if found is not None and found[0] == 0.0 else 0.0


def _periodic(modal: Modal, low: float, high: float) -> Finding:
    safe = modal.safe_load()
    growth, mode = _search(modal, low, high)
    top, cells = _prefix(modal, safe)
    method = f"ellipsoids over {cells} intervals of modes, and two time scales below load {safe:.3g}"
    scale = max(top, safe) / high * (1.0 - _ROUNDING)
    if growth >= 0:
        return Finding(growth, mode, math.inf, scale, method)
    begin = low if low > 0 else min(safe, high)
    edges = _edges(min(begin, high), high)
    upper, more = _prove(modal, edges[:-1], edges[1:])
    if not math.isfinite(upper) and high <= max(top, safe):
        upper = 0.0                                  # proven on the way to the scale
    return Finding(growth, mode, upper, scale, f"ellipsoids over {cells + more} intervals of modes")


def _edges(low: float, high: float) -> Array:
    return np.geomspace(low, high, _CELLS + 1) if high > low else np.array([low, high])


def _work(modal: Modal) -> float:
    one = modal.period * modal.order**3
    return max(8.0 * _WORK / one, _LEAST if one * _LEAST <= _LONG else 0.0)


def _search(modal: Modal, low: float, high: float) -> tuple[float, float]:
    """(logarithm per sample, mode) of the largest growth found: a scan, and then closer around the best three."""
    large = modal.order > 50
    count = int(min(1024.0, max(17.0 if large else 65.0, _work(modal) / 10.0)))
    begin = low if low > 0 else min(high, modal.safe_load())
    modes = np.geomspace(begin, high, count) if high > low else np.array([high])
    modes[0], modes[-1] = (begin, high) if high > low else (high, high)
    logs = modal.growth(modes)
    for _ in range((1 if large else 6) if len(modes) > 1 else 0):
        best = np.argsort(logs)[-1 if large else -3:]
        near = np.concatenate([np.linspace(modes[max(i - 1, 0)], modes[min(i + 1, len(modes) - 1)], 9) for i in best])
        near = np.setdiff1d(near, modes)
        if not len(near):
            break
        modes, logs = np.concatenate([modes, near]), np.concatenate([logs, modal.growth(near)])
        order = np.argsort(modes)
        modes, logs = modes[order], logs[order]
    worst = int(np.argmax(logs))
    return float(logs[worst]), float(modes[worst])


def _prove(modal: Modal, low: Array, high: Array) -> tuple[float, int]:
    """(proven logarithm of the growth per sample over all these intervals, inf where none; intervals looked at)."""
    proven, _, _, count = _cover(modal, low, high)
    return proven, count


def _cover(modal: Modal, low: Array, high: Array) -> tuple[float, float, float, int]:
    """(proven growth, end of what is proven from the first interval on, first unstable middle, intervals looked at).

    Intervals without a proof are cut into halves, the lowest first, until the work is done.
    """
    left, count, worst, unstable = _work(modal), 0, -math.inf, math.inf
    failed = math.inf
    while len(low):
        if count + len(low) > left:
            failed = min(failed, float(low.min()))
            break
        middle, above = bound(modal, low, high)
        count += len(low)
        done, grows = above < 0, middle >= 0
        if done.any():
            worst = max(worst, float(above[done].max()))
        thin = ~done & ~grows & (high <= low * (1.0 + 1e-9))
        if grows.any():
            unstable = min(unstable, float(np.sqrt(low * high)[grows].min()))
        if (stop := grows | thin).any():
            failed = min(failed, float(low[stop].min()))
        open_ = ~done & ~stop & (low < failed)
        low, high = low[open_], high[open_]
        centers = np.where(low > 0, np.sqrt(low * high), (low + high) / 2.0)
        low, high = np.concatenate([low, centers]), np.concatenate([centers, high])
    return (worst if failed == math.inf else math.inf), failed, unstable, count


def _prefix(modal: Modal, safe: float) -> tuple[float, int]:
    """(load up to which every load above 0 is proven stable, intervals looked at)."""
    count = int(min(256.0, max(33.0, _work(modal) / 40.0)))
    low, high = safe, math.inf
    while high == math.inf and low < safe * 1e15:
        loads = np.geomspace(low, low * 1e3, count)
        grows = np.flatnonzero(modal.growth(loads) >= 0)
        low, high = (float(loads[-1]), math.inf) if not grows.size else (
            float(loads[max(grows[0] - 1, 0)]), float(loads[grows[0]]))
    if high == math.inf:
        high = low
    for _ in range(5):                                  # nine points a time, down to 1e-5 of the step
        inner = np.linspace(low, high, 11)
        first = int(np.argmax(np.append(modal.growth(inner[1:-1]) >= 0, True)))
        low, high = float(inner[first]), float(inner[first + 1])
    looked, top = 0, low
    for _ in range(4):
        closer = top * (1.0 - 0.5 ** np.arange(1.0, 20.0))
        edges = np.unique([*_edges(safe, top), *closer[closer > safe], top])
        _, failed, unstable, cells = _cover(modal, edges[:-1], edges[1:])
        looked += cells
        if failed == math.inf:
            return top, looked
        if unstable == math.inf:
            return failed, looked
        top = min(unstable, top)
        if top <= safe:
            break
        if failed < top * (1.0 - 1e-6):
            return failed, looked
    return safe, looked


def _two_ways(modal: Modal, low: float, high: float) -> Finding:
    """Leak and delay: the load has two parts; the proof runs over the mode, the scale from two time scales alone."""
    if not modal.gains.any():
        return Finding(0.0, high, 0.0, math.inf, "nothing moves", neutral=True)
    safe = modal.safe_load()
    scale = safe / (high + modal.leak)
    growth, mode = _search(modal, low, high)
    upper, cells = math.inf, 0
    if growth < 0:
        edges = np.linspace(low, high, _CELLS + 1) if high > low else np.array([low, high])
        upper, cells = _prove(modal, edges[:-1], edges[1:])
        if not math.isfinite(upper) and scale >= 1.0:
            upper = 0.0
    return Finding(growth, mode, upper, scale, f"ellipsoids over {cells} intervals of modes; scale by two time scales")
