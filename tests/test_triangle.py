"""RLS in one pass over P per sample: the update that waits is never seen, whatever the size of P and whoever looks."""

import numpy as np
import pytest

import gainsched as gs

SIZES = [*range(1, 10), 12, 13, 18]
FORGETTING = [1.0, 0.98, gs.Exponential(0.999, 0.999, floor=0.9), gs.Fortescue(), gs.DirectionalForgetting(0.95)]


def signals(n, total=150):
    rng = np.random.default_rng(n)
    x = rng.standard_normal(total)
    return x, np.convolve(x, rng.standard_normal(n))[:total] + 0.1 * rng.standard_normal(total)


def upper(loop):
    return np.triu(loop.state["filter_P"])


@pytest.mark.parametrize("n", SIZES)
def test_the_covariance_is_the_textbooks(n):
    x, d = signals(n)
    loop = gs.Loop(gs.RLS(n, delta=3.0), forgetting=0.97)
    w, P = np.zeros(n, np.longdouble), 3 * np.eye(n, dtype=np.longdouble)
    for k, u in enumerate(loop.filter.model.regressors(x).astype(np.longdouble)):
        K = P @ u / (np.longdouble(0.97) + u @ P @ u)
        w = w + K * (d[k] - w @ u)
        P = (P - np.outer(K, u @ P)) / np.longdouble(0.97)
        loop.step(float(x[k]), float(d[k]))
        if k % 10 == n % 10:
            assert np.abs(upper(loop) - np.triu(P)).max() <= 1e-13 * np.abs(P).max()
            assert loop.state["filter_trace"][0] == pytest.approx(float(np.trace(P)), rel=1e-12)
            assert np.abs(loop.w - w).max() <= 1e-12
    assert not np.tril(loop.state["filter_P"], -1).any()


@pytest.mark.parametrize("forgetting", FORGETTING, ids=repr)
@pytest.mark.parametrize("n", SIZES)
def test_who_reads_the_state_changes_nothing(n, forgetting):
    x, d = signals(n)
    whole, watched, stepped = (gs.Loop(gs.RLS(n), forgetting=forgetting) for _ in range(3))
    run, e = whole.run(x, d), []
    for k in range(len(x)):
        e.append(watched.run(x[k:k + 1], d[k:k + 1]).e[0])
        stepped.step(float(x[k]), float(d[k]))
        if k % 3 == 0:
            watched.state                     # noqa: B018 - looking is the point
    assert np.array_equal(e, run.e)
    for loop in (watched, stepped):
        assert np.array_equal(loop.w, whole.w)
        assert loop.state == whole.state


@pytest.mark.parametrize("n", [4, 5, 8])
def test_a_state_that_is_put_back_leaves_no_update_behind(n):
    x, d = signals(n)
    loop = gs.Loop(gs.RLS(n), forgetting=0.95)
    loop.run(x[:50], d[:50])
    before = loop.state
    first = loop.run(x[50:], d[50:])
    loop.state = before
    again = loop.run(x[50:], d[50:])
    assert np.array_equal(first.e, again.e)
    assert np.array_equal(first.w, again.w)


@pytest.mark.parametrize("law", [gs.ExponentialResetting(), gs.ConstantTrace(), gs.DirectionalForgetting(0.9)], ids=repr)
def test_a_law_that_renews_the_covariance_takes_over_the_one_of_now(law):
    x, d = signals(6)
    swapped, fresh = gs.Loop(gs.RLS(6), forgetting=0.9), gs.Loop(gs.RLS(6), forgetting=law)
    swapped.run(x[:80], d[:80])
    state, taken = swapped.state, fresh.state
    for name in state.dtype.names:
        if name in taken.dtype.names:
            taken[name] = state[name]
    fresh.state = taken
    swapped.swap(forgetting=law)
    for name in taken.dtype.names:
        if name.startswith("forgetting"):
            taken[name] = swapped.state[name]
    fresh.state = taken
    assert np.array_equal(swapped.run(x[80:], d[80:]).e, fresh.run(x[80:], d[80:]).e)


@pytest.mark.parametrize("filter", [gs.SignDataLMS(5), gs.SignSignLMS(4), gs.RLS(5), gs.RLS(gs.FIR(3, channels=2))],
                         ids=repr)
@pytest.mark.parametrize("gain", [0.02, gs.KwongJohnston(high=0.03), np.full((6, 1), 0.02)], ids=["number", "law", "each"])
def test_the_direct_block_is_the_general_one(filter, gain):
    if np.ndim(gain):
        gain = gain[:filter.model.n]
    x, d = signals(6)
    if filter.model.channels == 2:
        x = np.stack([x, d[::-1]], axis=1)
    plain, recorded = gs.Loop(filter, gain=gain), gs.Loop(filter, gain=gain)
    one, other = plain.run(x, d), recorded.run(x, d, record=gs.Record(gain=1))
    assert np.array_equal(one.e, other.e)
    assert plain.state == recorded.state
