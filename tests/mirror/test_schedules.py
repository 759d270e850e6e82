"""Every schedule against its closed form, in fifty digits, where it matters: start, boundaries and their neighbors, far out.

The limit is what rounding of the arguments leaves: 1e-14, and 2e-16 for every unit of ln(value / start), because
k / every is a float; 1e-12 for the sum of TimeBased.
"""

from __future__ import annotations

import decimal
import math
from decimal import Decimal

import numpy as np
import pytest

import gainsched as gs
from gainsched import registry

from . import schedules

FAR = [10**6, 10**6 + 1, 10**9, 10**9 + 7, 10**12, 10**12 + 5]
# (schedule, its boundaries)
TABLE = [
    (gs.Constant(0.3), []),
    (gs.Warmup(700, start=0.1), [700]),
    (gs.InverseTime(1.0, 0.01), [100]),
    (gs.InverseTime(0.7, 0.5, every=7, staircase=True), [7, 700, 7_000_000]),
    (gs.InverseTime(0.7, 0.5, every=0.3, staircase=True), [3, 30, 3000]),
    (gs.TimeBased(1.0, 1.0), [170]),
    (gs.TimeBased(0.5, 1e-3), [10_000]),
    (gs.TimeBased(0.5, 1e-6), [9_999, 10_000, 15_000, 40_000]),
    (gs.TimeBased(0.5, 1e-9), [10_000, 10**6]),
    (gs.TimeBased(0.5, 3e-12), [10_000, 10**7]),
    (gs.InversePower(1.0, 0.6), [1]),
    (gs.InversePower(0.3, 2.0, offset=123.4), [123]),
    (gs.InverseSqrt(0.5, warmup=4000), [4000]),
    (gs.Step(1.0, 0.5, 100), [100, 1000]),
    (gs.Step(1.0, 0.999, 3), [3, 3000]),
    (gs.Exponential(1.0, 0.5, every=2000, floor=0.05), [2000, 8644]),
    (gs.Exponential(1.0, 0.999), [1, 500_000]),
    (gs.Exponential(0.9, 0.9, every=7, staircase=True), [7, 7000]),
    (gs.Exponential(1e-6, 1.0001), [1]),
    (gs.PiecewiseConstant([100, 200], [1.0, 0.5, 0.1]), [100, 200]),
    (gs.PiecewiseConstant([], [0.4]), []),
    (gs.PiecewiseLinear([0, 1000, 5000], [0.0, 1.0, 0.0]), [1000, 5000]),
    (gs.PiecewiseLinear([10.5, 33.25], [0.2, 0.9]), [11, 33]),
    (gs.PiecewiseCosine([3, 1000, 5000], [0.0, 1.0, 0.0]), [3, 1000, 5000]),
    (gs.Polynomial(1.0, 0.0, 100_000), [50_000, 100_000]),
    (gs.Polynomial(1.0, 0.0, 100_000, power=2.5), [50_000, 100_000]),
    (gs.Polynomial(0.0, 1.0, 100_000, power=0.5), [50_000, 100_000]),
    (gs.Polynomial(0.0, 1.0, 100_000, power=3), [50_000, 100_000]),
    (gs.Cosine(1.0, 0.0, 1_000_000), [500_000, 1_000_000]),
    (gs.Cosine(0.0, 1.0, 777), [388, 389, 777]),
    (gs.CosineRestarts(1.0, 0.1, 100), [100, 200, 10**6]),
    (gs.CosineRestarts(1.0, 0.0, 7, factor=2, decay=0.5), [7, 21, 49]),
    (gs.CosineRestarts(1.0, 0.0, 50, factor=1.5), [50, 125, 238]),
    (gs.Cyclic(0.0, 1.0, 500), [500, 1000, 10**6]),
    (gs.Cyclic(0.1, 1.0, 50, mode="triangular2"), [50, 100, 150, 1000]),
    (gs.Cyclic(0.0, 1.0, 50, mode="exp_range", gamma=0.999), [50, 100, 150, 10_000]),
    (gs.OneCycle(0.8, 1000), [300, 1000]),
    (gs.OneCycle(0.8, 1000, rise=0.0), [0, 1000]),
    (gs.OneCycle(0.8, 1000, rise=1.0, end_factor=0.5), [1000]),
    (gs.WarmupStableDecay(0.5, 100, 1000, 500), [100, 1100, 1600]),
    (gs.WarmupStableDecay(0.5, 100, 1000, 5000, shape="sqrt"), [100, 1100, 6100]),
    (gs.WarmupStableDecay(0.5, 0, 0, 500, shape="cosine", end=0.01), [250, 500]),
    (gs.Tanh(1.0, 0.0, 1000), [700, 1000]),
    (gs.Tanh(0.0, 1.0, 1000, lower=-3, upper=8), [273, 1000]),
    (gs.Chebyshev(1e-3, 1.0, 64), [64, 128]),
    (gs.Chebyshev(0.2, 3.0, 11), [11, 22]),
    (gs.Silver(2.0), [2**10 - 1, 2**20 - 1, 2**40 - 1]),
]
_s, _t = gs.Cosine(1.0, 0.2, 500), gs.Step(0.5, 0.9, 70)
COMPOSED = [
    (_s.warmup(100), [100, 600]), (_s.warmup(100, start=0.9), [100]), (gs.Exponential(1e-3, 1.001).clip(high=1.0).warmup(50), [50]),
    (_s.then(_t, at=130), [130, 200]), (0.3 * _s, [500]), (_s * _t, [70, 500]), (_s + _t, [70, 500]),
    (_t.clip(0.1, 0.4), [70]), (_s.shift(100), [400]), (_s.hold(30), [30, 480, 510]), (_s.repeat(200), [200, 2000]), (_s.noisy(0.1, seed=3), [500]),
    (((0.5 * _s + _t) * _t).shift(3).hold(7).repeat(450).warmup(20, start=0.1), [20, 470]),
]


def clock(boundaries):
    """0, 1, 2, every boundary with its neighbors, far out."""
    near = {b + i for b in boundaries for i in (-1, 0, 1)} | {0, 1, 2}
    return [*sorted(k for k in near if k >= 0), *FAR]


def agree(schedule, ks, limit=1e-14):
    got = schedule(np.array(ks, dtype=float))
    scale = float(schedule(0)) or 1.0
    with decimal.localcontext(schedules.DIGITS):
        _compare(schedule, ks, got.tolist(), scale, limit)


def _compare(schedule, ks, got, scale, limit):
    for k, ours in zip(ks, got, strict=True):
        exact = schedules.value(schedule, k)
        if abs(exact) < Decimal("1e-300"):                   # beyond what a float holds in full
            assert abs(ours) < 1.01e-300, (schedule, k)
            continue
        if exact > Decimal("1.7e308"):
            assert ours == math.inf
            continue
        allowed = limit + 2e-16 * abs(math.log(float(exact) / scale))
        error = abs(float(Decimal(ours) / exact - 1))
        assert error <= allowed, f"{schedule!r} at {k}: {ours!r} is off by {error:.3g}, allowed {allowed:.3g}"


@pytest.mark.parametrize(("schedule", "boundaries"), TABLE, ids=lambda v: repr(v) if isinstance(v, gs.Schedule) else "")
def test_closed_form(schedule, boundaries):
    agree(schedule, clock(boundaries), 1e-12 if isinstance(schedule, gs.TimeBased) else 1e-14)


@pytest.mark.parametrize(("schedule", "boundaries"), TABLE, ids=lambda v: repr(v) if isinstance(v, gs.Schedule) else "")
def test_closed_form_all_the_way(schedule, boundaries):
    """Every thousandth of the way to the last boundary."""
    last = max([*boundaries, 100])
    ks = sorted({last * i // 300 for i in range(330)})
    if isinstance(schedule, gs.TimeBased):
        ks = [k for k in ks[::30] if k < 20_000 or k > 10**5]
    agree(schedule, ks, 1e-12 if isinstance(schedule, gs.TimeBased) else 1e-14)


@pytest.mark.parametrize(("schedule", "boundaries"), COMPOSED, ids=lambda v: repr(v) if isinstance(v, gs.Schedule) else "")
def test_composition(schedule, boundaries):
    agree(schedule, clock(boundaries), 3e-14)                # a sum or product of parts good to 1e-14


@pytest.mark.parametrize("factor", [3, 10, 2, 5, 1.5])
@pytest.mark.parametrize("steps", [1, 10, 64, 100, 1000])
def test_restarts_are_exact(factor, steps):
    """The first 12 restarts: the full height at the boundary, almost the end one sample before."""
    s = gs.CosineRestarts(0.7, 0.0, steps, factor=factor)
    b, length = 0, steps
    for _ in range(13):
        if b == int(b):
            assert s(b) == 0.7
            assert b == 0 or s(b - 1) == 0.7 or s(b - 1) == pytest.approx(
                float(schedules.value(s, int(b) - 1)), rel=1e-14, abs=1e-300)
        b, length = b + length, length * factor


def test_every_registered_schedule_has_a_closed_form():
    known = {type(s).__name__ for s, _ in TABLE}
    assert set(registry.names("schedule")) == known | {"Function"}          # of that nothing is known
    assert set(registry.names("composite")) == {type(s).__name__ for s, _ in COMPOSED} | {"ScheduledLaw"}
