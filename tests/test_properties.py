"""Properties over random structures, cuts and values; relations between algorithms that need no reference."""

from __future__ import annotations

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gainsched as gs
from gainsched.checks.values import vocabulary

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
structures = st.one_of(
    st.builds(gs.FIR, st.integers(1, 40), st.integers(1, 3)),
    st.builds(gs.ARX, st.integers(0, 4), st.integers(1, 4), st.integers(0, 3), st.integers(1, 2)))
positive = st.floats(1e-6, 1e3)
gains = st.floats(0, 1e3)
steps = st.integers(1, 10_000)
knots = st.lists(st.integers(0, 10_000), min_size=1, max_size=5, unique=True).map(sorted)
single = st.one_of(
    st.builds(gs.Constant, positive),
    st.builds(gs.InverseTime, positive, positive, positive, st.booleans()),
    st.builds(gs.TimeBased, positive, st.floats(0, 1)),
    st.builds(gs.InversePower, positive, st.floats(0, 3), positive),
    st.builds(gs.InverseSqrt, positive, steps),
    st.builds(gs.Step, positive, st.floats(0, 1), st.integers(1, 1000)),
    st.builds(gs.Exponential, positive, st.floats(0, 1), positive, positive, st.booleans()),
    knots.flatmap(lambda b: st.builds(gs.PiecewiseConstant, st.just(b), st.lists(gains, min_size=len(b) + 1, max_size=len(b) + 1))),
    knots.flatmap(lambda b: st.builds(gs.PiecewiseLinear, st.just(b), st.lists(gains, min_size=len(b), max_size=len(b)))),
    knots.flatmap(lambda b: st.builds(gs.PiecewiseCosine, st.just(b), st.lists(gains, min_size=len(b), max_size=len(b)))),
    st.builds(gs.Polynomial, gains, gains, steps, st.floats(0.1, 5)),
    st.builds(gs.Cosine, gains, gains, steps),
    st.builds(gs.CosineRestarts, gains, gains, steps, st.one_of(st.just(1.0), st.floats(1.001, 10)), st.floats(0, 1)),
    st.builds(lambda low, span, half, mode: gs.Cyclic(low, low + span, half, mode), gains, gains, steps,
              st.sampled_from(["triangular", "triangular2", "exp_range"])),
    st.builds(gs.OneCycle, positive, steps, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    st.builds(gs.WarmupStableDecay, positive, st.integers(0, 99), st.integers(0, 9999), st.integers(0, 9999),
              st.sampled_from(["linear", "sqrt", "cosine"]), gains),
    st.builds(gs.Tanh, gains, gains, steps, st.floats(-9, 0), st.floats(0, 9)),
    st.builds(lambda low, ratio, n: gs.Chebyshev(low, low * ratio, n), positive, st.floats(1, 1e6), st.integers(1, 300)),
    st.builds(gs.Silver, positive))


def composed(inner):
    """One more step of the algebra around schedules."""
    return st.one_of(
        st.builds(lambda s, n, start: s.warmup(n, start), inner, st.integers(1, 100), st.floats(0, 1)),
        st.builds(lambda s, t, at: s.then(t, at=at), inner, inner, st.integers(0, 9000)),
        st.builds(lambda a, s: a * s, gains, inner), st.builds(lambda s, t: s * t, inner, inner),
        st.builds(lambda s, t: s + t, inner, inner), st.builds(lambda s, n: s.shift(n), inner, st.integers(0, 9000)),
        st.builds(lambda s, low, span: s.clip(low, low + span), inner, gains, gains),
        st.builds(lambda s, q: s.hold(q), inner, st.integers(1, 500)),
        st.builds(lambda s, n: s.repeat(n), inner, st.integers(1, 9000)),
        st.builds(lambda s, seed: s.noisy(0.1, seed), inner, st.integers(0, 2**53 - 1)))


schedules = st.recursive(single, composed, max_leaves=4)


def signals(model, samples, seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((samples, model.channels)), rng.standard_normal(samples)


@quick
@given(model=structures, cls=st.sampled_from([gs.NLMS, gs.RLS, gs.APA, gs.DelayedLMS]), seed=st.integers(0, 999),
       cuts=st.lists(st.integers(0, 300), max_size=6))
def test_any_cut_of_any_structure_is_the_whole(model, cls, seed, cuts):
    x, d = signals(model, 300, seed)
    gain = gs.Cosine(0.02, 0.01, 200) if cls is gs.DelayedLMS else gs.Cosine(0.5, 0.1, 200)
    whole, cut = gs.Loop(cls(model), gain=gain), gs.Loop(cls(model), gain=gain)
    y = whole.run(x, d).y
    at = sorted(cuts)
    parts = [cut.run(a, b).y for a, b in zip(np.split(x, at), np.split(d, at), strict=True)]
    assert np.array_equal(np.concatenate(parts), y)
    assert whole.state.tobytes() == cut.state.tobytes()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schedule=schedules, k=st.lists(st.one_of(st.integers(0, 10**9), st.floats(0, 1e18)), min_size=1, max_size=5))
def test_schedules_are_total_pure_and_vectorized(schedule, k):
    values = schedule(np.array(k, dtype=float))
    assert np.isfinite(values).all() and (values >= 0).all()
    assert np.array_equal(values, [schedule(i) for i in k])
    assert eval(repr(schedule), vocabulary()) == schedule
    assert gs.Schedule.from_dict(json.loads(json.dumps(schedule.to_dict()))) == schedule
    assert pickle.loads(pickle.dumps(schedule)) == schedule and hash(schedule) == hash(eval(repr(schedule), vocabulary()))
    limit, period = schedule.limit, schedule.period
    assert (period is None) or (math.isnan(limit) and period >= 1)
    if schedule.cycle is not None:
        first, length = schedule.cycle
        assert schedule(first + k[0] % 1000 // 1) == schedule(first + k[0] % 1000 // 1 + length)


@quick
@given(schedule=schedules, first=st.integers(0, 3), length=st.integers(1, 4096))
def test_the_block_a_loop_takes_is_the_call(schedule, first, length):
    assert np.array_equal(schedule.between(4096 * first, 4096 * first + length), schedule(4096 * first + np.arange(length)))


@quick
@given(taps=st.integers(1, 12), a=st.floats(1e-3, 1e3), seed=st.integers(0, 99))
def test_nlms_does_not_care_about_the_scale(taps, a, seed):
    """x, d -> a x, a d and eps -> a^2 eps leave w."""
    x, d = signals(gs.FIR(taps), 200, seed)
    plain = gs.NLMS(taps, eps=1e-3).run(x, d)
    scaled = gs.NLMS(taps, eps=1e-3 * a * a).run(a * x, a * d)
    assert scaled.w == pytest.approx(plain.w, rel=1e-9, abs=1e-12)


@quick
@given(model=structures, seed=st.integers(0, 99))
def test_apa_of_order_one_is_nlms(model, seed):
    x, d = signals(model, 200, seed)
    one, other = gs.APA(model, order=1).run(x, d), gs.NLMS(model).run(x, d)
    assert one.y == pytest.approx(other.y, rel=1e-8, abs=1e-10)


@quick
@given(model=structures, seed=st.integers(0, 99))
def test_delay_zero_is_lms(model, seed):
    x, d = signals(model, 200, seed)
    one, other = gs.DelayedLMS(model, delay=0).run(x, d, gain=0.01).y, gs.LMS(model).run(x, d, gain=0.01).y
    assert one == pytest.approx(other, rel=1e-12, abs=1e-13)           # LMS looks ahead: the same sums, grouped otherwise


@quick
@given(model=structures, seed=st.integers(0, 99), delta=st.floats(1e-2, 1e4))
def test_rls_without_forgetting_is_regularized_least_squares(model, seed, delta):
    x, d = signals(model, 200, seed)
    run = gs.RLS(model, delta=delta).run(x, d)
    U = model.regressors(x, d)
    batch = np.linalg.solve(U.T @ U + np.eye(model.n) / delta, U.T @ d)
    assert run.w.reshape(-1) == pytest.approx(batch, rel=1e-7, abs=1e-9)


@quick
@given(leak=st.floats(0.0, 1.0), seed=st.integers(0, 99))
def test_leak_zero_is_lms_and_leak_shrinks(leak, seed):
    x, d = signals(gs.FIR(4), 200, seed)
    assert np.array_equal(gs.LeakyLMS(4, leak=0.0).run(x, d, gain=0.02).w, gs.LMS(4).run(x, d, gain=0.02).w)
    idle = gs.Loop(gs.LeakyLMS(4, leak=leak), gain=0.02, w0=np.ones(4)).run(np.zeros(100), np.zeros(100))
    assert idle.w == pytest.approx((1 - 0.02 * leak) ** 100, rel=1e-12)


def test_fxlms_through_a_unit_path_is_lms():
    x, d = signals(gs.FIR(5), 500, 0)
    a, b = gs.FxLMS(5, secondary=[1.0]).run(x, d, gain=0.02), gs.LMS(5).run(x, d, gain=0.02)
    assert a.w == pytest.approx(b.w, rel=1e-12) and a.e == pytest.approx(b.e, rel=1e-12)


def test_fxlms_through_a_pure_delay_is_delayed_lms_in_disguise():
    """e = d - y_{k-D}, regressor delayed by D: modified roles, same mean loop; both settle on the same weights."""
    x = np.random.default_rng(0).standard_normal(20_000)
    d = np.convolve(x, [0, 0, 0.5, -0.3])[:20_000]
    a = gs.FxLMS(2, secondary=[0, 0, 1.0]).run(x, d, gain=0.05)
    assert a.w == pytest.approx([0.5, -0.3], abs=1e-9)


def test_mit_rule_in_two_halves_is_the_simulated_plant():
    """predict gives the control signal, a plant outside answers, correct takes the model error."""
    plant, reference = ((0.1,), (1.0, -0.9)), ((0.2,), (1.0, -0.9))
    command = np.sign(np.sin(np.arange(2000) / 30))
    whole = gs.Loop(gs.MITRule(1, plant, reference), gain=0.01)
    run = whole.run(command)
    halves = gs.Loop(gs.MITRule(1, plant, reference), gain=0.01)
    y = ym = u = before = 0.0
    for k, uc in enumerate(command):
        y, ym = 0.9 * y + 0.1 * u, 0.9 * ym + 0.2 * before
        u, before = halves.predict(uc), uc
        halves.correct(ym - y)
        assert y == pytest.approx(run.y[k], abs=1e-9)
    assert halves.w == pytest.approx(run.w, rel=1e-9)
