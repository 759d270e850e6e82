"""Schedules beyond their closed forms: algebra, order, noise, functions, limits, printing, speed's side effects."""

from __future__ import annotations

import functools
import json
import math
import pickle

import numpy as np
import pytest

import gainsched as gs
from gainsched.gains.schedules.clock import quotient, remainder
from gainsched.gains.schedules.noise import normal
from gainsched.gains.schedules.roots import stable_order

S, T = gs.Cosine(1.0, 0.1, 300), gs.Step(0.5, 0.5, 100)
K = np.arange(1000)


# -- the clock ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [1, 2, 3, 7, 10, 4096, 2**26 + 1, 0.1, 0.3, 7.3, 1 / 3, 123456.789])
def test_quotients_are_those_of_exact_division(period):
    rng = np.random.default_rng(0)
    for scale in (1e2, 1e5, 1e9, 1e12, 1e17):
        whole = np.floor(rng.uniform(0, scale, 500))
        k = np.concatenate([whole, whole * period, np.nextafter(whole * period, 0), rng.uniform(0, scale, 500)])
        k = k[k >= 0]
        assert np.array_equal(quotient(k, period), np.array([v // period for v in k.tolist()])), (period, scale)
        if isinstance(period, int):
            assert np.array_equal(remainder(k, period), np.array([math.fmod(v, period) for v in k.tolist()]))


@pytest.mark.parametrize("schedule", [S, T, gs.TimeBased(1.0, 1e-7), gs.CosineRestarts(1.0, 0.0, 30, 1.2), gs.Silver(1.0),
                                      gs.Constant(1.0).noisy(0.1, 0), (S * T).hold(3).warmup(9)], ids=repr)
def test_however_k_is_handed_in_the_bits_are_the_same(schedule):
    k = np.arange(12_000)
    values = schedule(k)
    assert np.array_equal(values, [schedule(int(i)) for i in k])
    assert np.array_equal(values[::-1], schedule(k[::-1]))
    assert np.array_equal(values.reshape(3, 4000), schedule(k.reshape(3, 4000).astype(float)))
    assert np.array_equal(values[8192:], schedule.between(8192, 12_000))
    assert np.array_equal(values[5:9000], schedule.between(5, 9000))
    assert schedule([]).shape == (0,)


@pytest.mark.parametrize("k", [-1, [0, -1], math.nan, math.inf, "3", None, [1, None]])
def test_what_is_no_sample_number_is_refused(k):
    with pytest.raises(ValueError, match="k must be a sample number >= 0"):
        S(k)


# -- algebra ------------------------------------------------------------------------------------------------------


def test_algebra_is_arithmetic_of_values():
    assert np.array_equal((0.5 * S)(K), 0.5 * S(K)) and S * 0.5 == 0.5 * S
    assert np.array_equal((S * T)(K), S(K) * T(K)) and np.array_equal((S + T)(K), S(K) + T(K))
    assert np.array_equal((S + 0.1)(K), S(K) + 0.1) and np.array_equal((0.1 + S)(K), 0.1 + S(K))
    assert np.array_equal(S.shift(7)(K), S(K + 7)) and np.array_equal(S.hold(7)(K), S(K // 7 * 7))
    assert np.array_equal(S.repeat(7)(K), S(K % 7)) and np.array_equal(S.clip(0.2, 0.5)(K), np.clip(S(K), 0.2, 0.5))
    assert np.array_equal(S.then(T, at=50)(K), np.where(K < 50, S(K), T(np.maximum(K - 50, 0))))
    assert S.then(T, at=0)(0) == T(0)


def test_numbers_of_numpy_are_numbers():
    for number in (np.float64(0.5), np.float32(0.5), 0.5):
        assert number * S == S * number == 0.5 * S
    assert np.int64(2) * S == 2.0 * S


@pytest.mark.parametrize("other", ["x", None, [1.0], np.ones(3), True, 1j], ids=repr)
def test_what_is_no_number_is_left_to_the_other(other):
    assert S.__mul__(other) is NotImplemented and S.__rmul__(other) is NotImplemented
    assert S.__add__(other) is NotImplemented and S.__radd__(other) is NotImplemented
    with pytest.raises(TypeError):
        S * other
    with pytest.raises(TypeError):
        other + S


class Meets:
    def __rmul__(self, schedule):
        return ("met", schedule)


def test_another_class_may_define_its_own_product():
    assert S * Meets() == ("met", S)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: S.warmup(0), "steps must be an integer >= 1"), (lambda: S.then(3, at=5), "then: after must be a Schedule"),
    (lambda: S.then(T, at=-1), "at must be an integer >= 0"), (lambda: S.shift(-1), "n must be an integer >= 0"),
    (lambda: S.clip(0.5, 0.1), "high must be >= low = 0.5"), (lambda: S.hold(0.5), "q must be an integer >= 1"),
    (lambda: S.repeat(0), "n must be an integer >= 1"), (lambda: S.noisy(-1, 0), "sigma must be"),
    (lambda: S.noisy(0.1, -1), "seed must be an integer >= 0"), (lambda: math.nan * S, "factor must be a finite number"),
    (lambda: gs.PiecewiseConstant([1, 2], [1.0, 2.0]), "values must be 3 numbers, one more than boundaries"),
    (lambda: gs.PiecewiseConstant([2, 1], [1.0, 2.0, 3.0]), "boundaries must be strictly ascending"),
    (lambda: gs.PiecewiseLinear([1, 2], [1.0]), "values must be 2 numbers"),
    (lambda: gs.PiecewiseLinear([], []), "knots must hold at least one"),
    (lambda: gs.PiecewiseLinear([0, 1], [1.0, math.nan]), "values must be finite numbers >= 0"),
    (lambda: gs.PiecewiseLinear([0, 1], "ab"), "values must be finite numbers"),
    (lambda: gs.Cyclic(1.0, 0.5, 10), "high must be >= low = 1"), (lambda: gs.Cyclic(0, 1, 10, "square"), "must be one of"),
    (lambda: gs.Cyclic(0, 1, 10, gamma=0.5), "gamma has no meaning in mode 'triangular'"),
    (lambda: gs.Chebyshev(2.0, 1.0, 4), "high must be >= low = 2"), (lambda: gs.Chebyshev(0.0, 1.0, 4), "low must be"),
    (lambda: gs.CosineRestarts(1.0, 0.0, 10, factor=1.0001), "factor must be 1 or >= 1.001"),
    (lambda: gs.CosineRestarts(1.0, 0.0, 10, factor=0.5), "factor must be a finite number >= 1"),
])
def test_refusals(call, words):
    with pytest.raises((ValueError, TypeError)) as error:
        call()
    assert words in str(error.value), error.value


def test_it_prints_as_one_would_write_it():
    assert repr(0.5 * (S + T) * T) == f"0.5 * ({S!r} + {T!r}) * {T!r}"
    assert repr(0.5 * (S * T)) == f"0.5 * ({S!r} * {T!r})"
    assert repr(S + (T + S)) == f"{S!r} + ({T!r} + {S!r})" and repr((S + T) + S) == f"{S!r} + {T!r} + {S!r}"
    assert repr(S * (T * S)) == f"{S!r} * ({T!r} * {S!r})" and repr(S * T * S) == f"{S!r} * {T!r} * {S!r}"
    assert repr((S + T).warmup(10)) == f"({S!r} + {T!r}).warmup(10)"
    assert repr(S.then(T + S, at=3)) == f"{S!r}.then({T!r} + {S!r}, at=3)"
    assert repr(gs.InverseSqrt(1.0, warmup=100)) == "InverseSqrt(1.0, 100)"


def test_a_parameter_called_warmup_is_a_method_too():
    s = gs.WarmupStableDecay(1.0, 100, 50, 10)
    assert s.warmup == 100 and s.warmup(10)(10) == s(0) and s.to_dict()["warmup"] == 100
    assert pickle.loads(pickle.dumps(s)) == s and json.dumps(s.to_dict())
    assert gs.InverseSqrt(1.0, 4).warmup(3).schedule == gs.InverseSqrt(1.0, 4)


def test_tables_kept_for_speed_are_no_part_of_the_value():
    s = gs.CosineRestarts(1.0, 0.0, 10, factor=2)
    fresh = pickle.dumps(s)
    before = hash(s), repr(s)
    s(5000)
    assert pickle.dumps(s) == fresh and (hash(s), repr(s)) == before and s == gs.CosineRestarts(1.0, 0.0, 10, factor=2)
    table = s._cycles
    s(7)
    assert s._cycles is table


# -- limits and periods -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("schedule", "limit", "period"), [
    (gs.Constant(0.3), 0.3, None), (gs.Step(1.0, 0.5, 10), 0.0, None), (gs.Step(1.0, 2.0, 10), math.inf, None),
    (gs.TimeBased(1.0, 0.0), 1.0, None), (gs.InversePower(1.0, 0.5), 0.0, None), (gs.InverseSqrt(1.0, 5), 0.0, None),
    (gs.PiecewiseLinear([0, 5], [1.0, 0.5]), 0.5, None), (gs.Polynomial(1.0, 0.2, 10), 0.2, None),
    (gs.CosineRestarts(1.0, 0.2, 10), math.nan, 10), (gs.CosineRestarts(1.0, 0.2, 10, factor=2), math.nan, None),
    (gs.CosineRestarts(1.0, 0.0, 10, decay=0.5), 0.0, None), (gs.Cyclic(0.1, 1.0, 10), math.nan, 20),
    (gs.Cyclic(0.1, 1.0, 10, "triangular2"), 0.1, None), (gs.OneCycle(1.0, 10, end_factor=0.5), 0.5, None),
    (gs.WarmupStableDecay(1.0, 1, 2, 3, end=0.25), 0.25, None), (gs.Chebyshev(1.0, 2.0, 4), math.nan, 4),
    (gs.Silver(1.0), math.nan, None), (gs.Function(float), math.nan, None),
    (gs.Cyclic(0.1, 1.0, 10).warmup(5), math.nan, 20), (S.then(gs.Cyclic(0.1, 1.0, 10), at=7), math.nan, 20),
    (gs.Cyclic(0.1, 1.0, 10) + gs.Chebyshev(1.0, 2.0, 3), math.nan, 60), (S.repeat(77), math.nan, 77),
    (gs.Cyclic(0.1, 1.0, 10) * gs.Step(1.0, 0.5, 10), 0.0, None), (gs.Cyclic(0.1, 1.0, 10).hold(8), math.nan, 40),
    (gs.Constant(1.0).noisy(0.1, 0), math.nan, None), (T.noisy(0.1, 0), 0.0, None),
    (0.5 * gs.Cyclic(0.1, 1.0, 10), math.nan, 20), (S.clip(0.2, 0.5), 0.2, None), (S.shift(1000), 0.1, None),
], ids=lambda v: repr(v) if isinstance(v, gs.Schedule) else "")
def test_limit_and_period(schedule, limit, period):
    assert schedule.limit == limit or (math.isnan(limit) and math.isnan(schedule.limit))
    assert schedule.period == period
    if math.isfinite(limit):
        assert schedule(1e15) == pytest.approx(limit, abs=1e-3)
    if schedule.cycle is not None:
        first, length = schedule.cycle
        k = first + np.arange(3 * length)
        assert np.array_equal(schedule(k), schedule(k + length))


# -- Chebyshev's order --------------------------------------------------------------------------------------------


def products(steps, modes):
    """ln of the largest intermediate product, from the front and from the back."""
    sums = np.cumsum(np.log(np.maximum(np.abs(1.0 - np.outer(steps, modes)), 1e-300)), axis=0)
    return float(sums.max()), float((sums[-1] - np.vstack([np.zeros(len(modes)), sums[:-1]])).max())


@pytest.mark.parametrize("n", [2, 3, 5, 7, 13, 16, 33, 64, 100, 127, 500, 1000, 1023, 1024])
def test_intermediate_products_stay_bounded_in_any_number_of_steps(n):
    assert sorted(stable_order(n)) == list(range(1, 2 * n, 2))
    for condition in (10.0, 1e3, 1e5):
        modes = np.concatenate([np.geomspace(1 / condition, 1.0, 500), np.linspace(1 / condition, 1.0, 500)])
        steps = gs.Chebyshev(1 / condition, 1.0, n)(np.arange(n))
        front, back = products(steps, modes)
        assert max(front, back) <= math.log(condition)
        if n >= 64:
            assert max(products(np.sort(steps), modes)) > math.log(condition) + 0.4 * n


@pytest.mark.parametrize("n", [4, 15, 60])
def test_a_cycle_is_the_chebyshev_polynomial(n):
    low, high = 0.05, 2.0
    modes = np.linspace(low, high, 101)
    product = np.prod(1.0 - np.outer(gs.Chebyshev(low, high, n)(np.arange(n)), modes), axis=0)
    x, edge = (high + low - 2 * modes) / (high - low), (high + low) / (high - low)
    expected = np.polynomial.chebyshev.chebval(x, [0] * n + [1]) / math.cosh(n * math.acosh(edge))
    assert product == pytest.approx(expected, abs=1e-12 * (high / low))


def test_silver_steps_beat_constant_ones_on_the_worst_curvature():
    n = 2**10 - 1
    modes = np.linspace(0, 1, 20_001)
    left = np.abs(np.prod(1.0 - np.outer(gs.Silver(1.0)(np.arange(n)), modes), axis=0))
    assert (modes * left**2).max() < (modes * (1 - modes) ** (2 * n)).max()


# -- noise --------------------------------------------------------------------------------------------------------


def test_noise_is_normal_and_white():
    xi = normal(np.arange(400_000.0), seed=3)
    n = len(xi)
    assert abs(xi.mean()) < 4 / math.sqrt(n) and abs(xi.var() - 1) < 4 * math.sqrt(2 / n)
    assert abs((xi**3).mean()) < 4 * math.sqrt(15 / n) and abs((xi**4).mean() - 3) < 4 * math.sqrt(96 / n)
    for lag in (1, 2, 3, 64, 4096):
        assert abs(np.mean(xi[lag:] * xi[:-lag])) < 4.5 / math.sqrt(n)
    for quantile, share in ((0.0, 0.5), (1.0, 0.841345), (-1.959964, 0.025), (3.0, 0.998650)):
        assert abs(np.mean(xi <= quantile) - share) < 4.5 * math.sqrt(share * (1 - share) / n)
    assert np.abs(xi).max() < 6.2


def test_noise_is_keyed_by_k_and_seed():
    s = gs.Constant(0.5).noisy(0.2, seed=1)
    late = s(np.arange(10**12, 10**12 + 100))
    assert np.array_equal(late, [s(k) for k in range(10**12, 10**12 + 100)]) and np.ptp(late) > 0
    other = gs.Constant(0.5).noisy(0.2, seed=2)
    assert abs(np.corrcoef(s(np.arange(20_000)), other(np.arange(20_000)))[0, 1]) < 4 / math.sqrt(20_000)
    assert s(range(5)).tolist() == gs.Constant(0.5).noisy(0.2, seed=1)(range(5)).tolist()


# -- functions ----------------------------------------------------------------------------------------------------


def table_of(k):
    return (0.5, 0.4, 0.3)[k] if k < 3 else 0.2


@pytest.mark.parametrize(("f", "values"), [
    (lambda k: 0.5 if k < 2 else 0.1, [0.5, 0.5, 0.1, 0.1]), (lambda k: 0.1 * k, [0.0, 0.1, 0.2, 0.3]),
    (lambda k: math.exp(-k), [1.0, math.exp(-1), math.exp(-2), math.exp(-3)]), (lambda k: 0.25, [0.25] * 4),
    (table_of, [0.5, 0.4, 0.3, 0.2]), (lambda k: np.float32(0.5), [0.5] * 4), (lambda k: np.array(0.5), [0.5] * 4),
    (lambda k: np.where(np.asarray(k) < 2, 1, 0), [1.0, 1.0, 0.0, 0.0]), (lambda k: 2**-k, [1.0, 0.5, 0.25, 0.125]),
    (gs.Step(1.0, 0.5, 2), [1.0, 1.0, 0.5, 0.5]), (lambda k: np.max(k) * 0.1, [0.0, 0.1, 0.2, 0.3]),
])
def test_any_function_is_vectorized(f, values):
    s = gs.Function(f)
    assert s(range(4)) == pytest.approx(np.array(values), rel=1e-15)
    assert [s(k) for k in range(4)] == s(range(4)).tolist()


@pytest.mark.parametrize(("f", "words"), [
    (lambda k: math.nan, "at k = 0 must be finite, got nan"), (lambda k: 1 / k if k else math.inf, "must be finite"),
    (lambda k: "a", "must be a number, got 'a'"), (lambda k: None, "must be a number, got None"),
    (lambda k: 1j, "must be a number"),
])
def test_functions_give_finite_numbers(f, words):
    with pytest.raises((ValueError, TypeError), match="Function") as error:
        gs.Function(f)(range(3))
    assert words in str(error.value)


def test_a_function_is_code_and_not_data(tmp_path):
    s = gs.Function(table_of)
    assert repr(s) == "Function(table_of)" and pickle.loads(pickle.dumps(s)) == s and hash(s) == hash(gs.Function(table_of))
    with pytest.raises(TypeError, match=r"Function\(table_of\) cannot be written as data"):
        s.to_dict()
    with pytest.raises(TypeError, match="must be a callable"):
        gs.Function(0.5)
    loop = gs.Loop(gs.NLMS(2), gain=0.5 * s)
    with pytest.raises(TypeError, match="nor a loop that uses it be saved"):
        loop.save(tmp_path / "loop.npz")
    assert not (tmp_path / "loop.npz").exists()
    assert gs.Function(functools.partial(pow, 0.5))(3) == 0.125


def test_a_loop_uses_a_function_like_its_table():
    x = np.random.default_rng(0).standard_normal(5000)
    def f(k):
        return 0.5 if k < 4097 else 0.1

    a, b = gs.NLMS(3).run(x, x, gain=gs.Function(f)), gs.NLMS(3).run(x, x, gain=np.array([f(k) for k in range(5000)]))
    assert np.array_equal(a.e, b.e)
