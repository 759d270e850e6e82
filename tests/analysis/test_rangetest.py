"""The range test against theory and against exponents computed in plain NumPy."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.signal import lfilter

import gainsched as gs


def record(a, T=20_000, seed=0):
    rng = np.random.default_rng(seed)
    x = lfilter([math.sqrt(1 - a * a)], [1, -a], rng.standard_normal(T + 500))[500:]
    return x, np.convolve(x, [1.0, -0.5])[:T] + 0.1 * rng.standard_normal(T)


@pytest.mark.parametrize("a", [0.0, 0.9])
@pytest.mark.parametrize("taps", [1, 8])
def test_nlms_bears_two(a, taps):
    """Exactly 2 for eps 0, and the search ends within one part in a thousand; eps 1e-6 moves it by 1e-6 / |u|^2."""
    found = gs.range_test(gs.Loop(gs.NLMS(taps, eps=0), gain=0.5), *record(a))
    assert found.limit == pytest.approx(2.0, rel=2e-3)
    assert found.margin == pytest.approx(4.0, rel=2e-3)
    assert found.mode == pytest.approx(1.0, rel=2e-3)


def test_lms_of_one_weight_meets_the_mean_logarithm():
    x, d = record(0.0)
    found = gs.range_test(gs.Loop(gs.LMS(1), gain=0.1), x, d)
    root = brentq(lambda mu: np.mean(np.log(np.abs(1 - mu * x**2))), 1.0, 10.0)
    assert found.limit == pytest.approx(root, rel=5e-3)        # the exponent jumps by 1e-4 near its poles
    assert found.uncertainty < 0.1 * found.limit


def plain_exponent(x, mu, taps):
    u, w, log = np.zeros(taps), np.ones(taps) / math.sqrt(taps), 0.0
    for value in x:
        u = np.concatenate([[value], u[:-1]])
        w = w - mu * (u @ w) * u
        size = np.linalg.norm(w)
        log, w = log + math.log(size), w / size
    return log / len(x)


@pytest.mark.parametrize("a", [0.0, 0.7])
def test_lms_turns_where_plain_products_turn(a):
    """3 % to either side of the limit the exponent has its sign, another start vector regardless."""
    x, d = record(a, 5000)
    limit = gs.range_test(gs.Loop(gs.LMS(4), gain=0.01), x, d).limit
    assert plain_exponent(x, 0.97 * limit, 4) < 0 < plain_exponent(x, 1.03 * limit, 4)


def test_the_typical_path_bears_more_than_the_mean_square():
    x, d = record(0.0)
    bound = gs.analyze(gs.Loop(gs.LMS(8), gain=0.01), gs.Excitation(1.0)).range[1]
    assert gs.range_test(gs.Loop(gs.LMS(8), gain=0.01), x, d).limit > bound


def test_a_constant_regressor_shows_its_eigenvalue():
    """One weight and |x| = 2: lambda_max = 4, the limit 2/4; with momentum 2 (1 + beta)/4; a late correction at 1/4."""
    x = 2.0 * np.ones(5000)
    found = gs.range_test(gs.Loop(gs.LMS(1), gain=0.1), x, x)
    assert found.limit == pytest.approx(0.5, rel=2e-3)
    assert found.mode == pytest.approx(4.0, rel=2e-3)
    heavy = gs.Loop(gs.LMS(1), gain=0.1, compensator=gs.HeavyBall(0.5))
    assert gs.range_test(heavy, x, x).limit == pytest.approx(2 * 1.5 / 4, rel=2e-3)
    assert gs.range_test(gs.Loop(gs.DelayedLMS(1, delay=1), gain=0.1), x, x).limit == pytest.approx(0.25, rel=2e-3)


def test_the_loop_stays_where_it_is_and_a_law_has_a_margin():
    x, d = record(0.0, 3000)
    loop = gs.Loop(gs.LMS(4), gain=gs.KwongJohnston(high=0.05))
    loop.run(x, d)
    before = loop.state
    found = gs.range_test(loop, x, d)
    assert loop.state.tobytes() == before.tobytes()
    assert found.gain == pytest.approx(float(before["gain_now"].item()))
    assert found.margin == pytest.approx(found.limit / found.gain)


def test_a_present_gain_beyond_the_limit_has_a_margin_below_one():
    x, d = record(0.0, 3000)
    assert gs.range_test(gs.Loop(gs.LMS(4), gain=5.0), x, d).margin < 1


def test_refusals_and_printing():
    x, d = record(0.0, 1000)
    with pytest.raises(gs.NoTheory, match="SignErrorLMS"):
        gs.range_test(gs.Loop(gs.SignErrorLMS(4), gain=0.01), x, d)
    with pytest.raises(ValueError, match="low"):
        gs.range_test(gs.Loop(gs.LMS(4), gain=0.0), x, d)
    with pytest.raises(ValueError, match="ascending"):
        gs.range_test(gs.Loop(gs.LMS(4), gain=0.1), x, d, low=1.0, high=0.1)
    with pytest.raises(ValueError, match="length of x"):
        gs.range_test(gs.Loop(gs.LMS(4), gain=0.1), x[:100], d[:100])
    found = gs.range_test(gs.Loop(gs.LMS(4), gain=0.1), x, d, low=1e-4, high=1e-3)
    assert found.limit == math.inf and found.mode == 0
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["limit"] is None
    assert "RangeTest limit inf" in repr(found)
    assert found.plot().get_ylabel()


@pytest.mark.parametrize("unit", [1e-8, 1.0, 1e8])
def test_a_short_record_of_any_unit_has_its_limit(unit):
    """Four stretches make a ramp of a decade each, and the default ramp may lie decades aside: the limit is the same."""
    x, d = record(0.0, 1000)
    usual = gs.range_test(gs.Loop(gs.LMS(4), gain=0.1), x, d, low=0.3, high=1.0).limit
    found = gs.range_test(gs.Loop(gs.LMS(4), gain=0.1), unit * x, d)
    assert found.limit * unit**2 == pytest.approx(usual, rel=0.05)
    assert gs.range_test(gs.Loop(gs.LMS(4), gain=0.1), 0.0 * x, d).limit == math.inf


def test_a_record_that_is_none_is_refused():
    x, d = record(0.0, 1000)
    loop = gs.Loop(gs.LMS(4), gain=0.1)
    with pytest.raises(ValueError, match="finite samples of the record must be >= 512, got 500"):
        gs.range_test(loop, np.where(np.arange(1000) < 500, np.nan, x), d)
    with pytest.raises(ValueError, match=r"d must have shape \(1000,\), one per row of x, got \(10,\)"):
        gs.range_test(loop, x, d[:10])
    with pytest.raises(ValueError, match="one per row of x"):
        gs.analyze(loop, gs.Excitation(1.0), x=x, d=d[:10])
    with pytest.raises(TypeError, match="x must hold numbers"):
        gs.range_test(loop, np.full(1000, "1"), d)
