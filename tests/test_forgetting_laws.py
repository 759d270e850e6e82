"""Forgetting laws of RLS: equalities that theory gives, tracking, and P over long records of every unkind sort."""

from __future__ import annotations

import importlib.resources

import numpy as np
import pytest
from scipy.signal import lfilter

import gainsched as gs
from gainsched import registry

LAWS = [law for law in (registry.find("law", name)() for name in registry.names("law")) if law.ports == ("forgetting",)]
LAWS += [gs.Fortescue(information=1e-4), gs.VariableForgetting(window=2, noise_window=10, low=0.2),
         gs.DirectionalForgetting(0.8), gs.ExponentialResetting(0.8, 0.9, 0.05, 0.01), gs.ConstantTrace(0.9, 0.1, 0.0)]
COVARIANCE = (gs.DirectionalForgetting, gs.ExponentialResetting, gs.ConstantTrace)
SAMPLES = 150_000
HOLE = slice(20_000, 130_000)


def colored(rng, samples):
    """AR(1) .9 of unit power."""
    return lfilter([np.sqrt(1 - 0.81)], [1, -0.9], rng.standard_normal(samples))


def response(n):
    return (-0.8) ** np.arange(n)


def covariance(loop):
    """P out of the loop's state: its upper triangle, mirrored."""
    upper = np.triu(loop.state["filter_P"])
    return upper + np.triu(upper, 1).T


def misalignment(run, truth):
    return 20 * np.log10(np.linalg.norm(run.w.ravel() - truth) / np.linalg.norm(truth))


# -- long records ------------------------------------------------------------------------------------------------------

def unkind(signal, n):
    rng = np.random.default_rng(7)
    x, noise = colored(rng, SAMPLES), 1e-3 * rng.standard_normal(SAMPLES)
    if signal == "silence":
        x[HOLE] = 0.0
    elif signal == "whisper":
        x[HOLE] *= 1e-6
    elif signal == "constant":
        x[HOLE] = 1.0
    elif signal == "sine":                       # excites two weights of n
        x[HOLE] = np.sin(0.3 * np.arange(SAMPLES))[HOLE]
    elif signal == "burst":
        x[20_000:20_100] *= 1e6                  # 120 dB
    elif signal == "fade":
        x *= np.logspace(0, -8, SAMPLES)
    return x, np.convolve(x, response(n))[:SAMPLES] + noise


@pytest.mark.parametrize("n", [1, 8])
@pytest.mark.parametrize("signal", ["colored", "silence", "whisper", "constant", "sine", "burst", "fade"])
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_p_stays_positive_and_bounded(law, n, signal):
    x, d = unkind(signal, n)
    loop = gs.Loop(gs.RLS(n), forgetting=law)
    for end in (4_000, 20_050, 20_101, 20_500, 50_000, 130_000, 131_000, SAMPLES):
        run = loop.run(x[loop.n:end], d[loop.n:end])
        assert np.isfinite(run.e).all()
        P = covariance(loop)
        values = np.linalg.eigvalsh(P)
        assert values[0] > 0
        assert loop.state["filter_trace"][0] == pytest.approx(np.trace(P), rel=1e-12)
        assert values[-1] <= 1e9 * 100 * n       # the bound that the windup guard states: 1e9 tr P_0
        assert law.low <= loop.state["forgetting_now"][0] <= law.high
    if signal != "fade":                         # there the noise wins in the end
        assert np.abs(run.w - response(n)).max() < 0.01


@pytest.mark.parametrize("signal", ["silence", "constant", "sine"])
@pytest.mark.parametrize("law", [law for law in LAWS if isinstance(law, COVARIANCE)], ids=repr)
def test_nothing_winds_up_where_excitation_is_lost(law, signal):
    """110 000 samples of it: P stays below what it was, or below the law's own bound."""
    x, d = unkind(signal, 8)
    loop = gs.Loop(gs.RLS(8), forgetting=law)
    loop.run(x[:20_000], d[:20_000])
    before = np.linalg.eigvalsh(covariance(loop))[-1]
    loop.run(x[20_000:130_000], d[20_000:130_000])
    after = np.linalg.eigvalsh(covariance(loop))[-1]
    if isinstance(law, gs.DirectionalForgetting):
        # constant input: the direction it excites fits its power; all others keep their P but for rounding
        assert after <= before * 1.5
    elif isinstance(law, gs.ExponentialResetting):
        eta = (1 - law.forgetting) / law.forgetting
        assert after <= eta / (2 * law.delta) * (1 + np.sqrt(1 + 4 * law.beta * law.delta / eta**2)) * (1 + 1e-12)
    else:
        assert after <= 8 * law.level * (1 + 1e-12)
    back = loop.run(x[130_000:131_000], d[130_000:131_000])
    assert np.abs(back.e).max() < 0.1            # the noise is 1e-3; constant 0.95 with this hole gives bursts of 1


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_glucose_recording(law):
    """52 000 rows with gaps, hours of constant current, replaced sensors."""
    pytest.importorskip("bokeh_sampledata")
    path = importlib.resources.files("bokeh_sampledata") / "_data" / "CGM.csv.gz"
    signals = gs.read(str(path), input="isig,1", output="glucose")
    loop = gs.Loop(gs.RLS(gs.FIR(1, channels=2)), forgetting=law, nonfinite="skip")
    run = loop.run(signals.x / [20, 1], signals.d)
    assert run.status == "done" and np.isfinite(run.y).all()
    assert np.linalg.eigvalsh(covariance(loop))[0] > 0
    assert np.sqrt(np.mean(run.e[~run.skipped] ** 2)) < 50       # RLS without forgetting: 48; the glucose itself: 150


# -- what theory says is equal ---------------------------------------------------------------------------------------

def record(n=4, samples=3000, noise=0.1, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(samples)
    return x, np.convolve(x, response(n))[:samples] + noise * rng.standard_normal(samples)


@pytest.mark.parametrize(("law", "forgetting"), [
    (gs.Fortescue(information=1e300), 1.0), (gs.Fortescue(information=1e-300, low=0.97, start=0.97), 0.97),
    (gs.VariableForgetting(low=0.98, high=0.98), 0.98), (gs.DirectionalForgetting(1.0), 1.0),
], ids=repr)
def test_limits_of_a_law_are_constant_forgetting(law, forgetting):
    x, d = record()
    one, other = gs.RLS(4).run(x, d, forgetting=law), gs.RLS(4).run(x, d, forgetting=forgetting)
    assert np.array_equal(one.y, other.y)
    assert np.array_equal(one.w, other.w)


def test_fortescue_in_the_paper_s_own_indexing():
    """There P is divided by lambda_k after sample k and K has no lambda: the same numbers one sample earlier."""
    x, d = record(n=3)
    law = gs.Fortescue(information=2.0, low=0.8)
    ours = gs.RLS(3).run(x, d, forgetting=law)
    w, P, e, past = np.zeros(3), 100.0 * np.eye(3), np.zeros(len(x)), np.concatenate([np.zeros(2), x])
    for k in range(len(x)):
        u = past[k:k + 3][::-1]
        e[k] = d[k] - w @ u
        K = P @ u / (1 + u @ P @ u)
        w = w + K * e[k]
        factor = np.clip(1 - (1 - u @ K) * e[k] ** 2 / law.information, law.low, law.high)
        P = (P - np.outer(K, u @ P)) / factor
        P = (P + P.T) / 2
    np.testing.assert_allclose(ours.e, e, rtol=0, atol=1e-11)


@pytest.mark.parametrize("factor", [0.5, 0.9, 0.98])
def test_directional_forgetting_of_one_weight_is_exponential(factor):
    """R+ = f (R + u^2) against R+ = f R + u^2: the same R f apart, so P_0 must differ by f."""
    x, d = record(n=1)
    one = gs.RLS(1, delta=10.0).run(x, d, forgetting=gs.DirectionalForgetting(factor))
    other = gs.RLS(1, delta=10.0 * factor).run(x, d, forgetting=factor)
    np.testing.assert_allclose(one.y, other.y, rtol=0, atol=1e-13)


def test_directional_forgetting_of_orthogonal_regressors_is_exponential_in_each():
    """Features that come one at a time: each has a memory of its own, in samples in which it came."""
    rng = np.random.default_rng(5)
    which, size = rng.integers(0, 3, 3000), rng.standard_normal(3000)
    u = np.where(which[:, None] == np.arange(3), size[:, None], 0.0)
    d = u @ [1.0, -2.0, 0.5] + 0.1 * rng.standard_normal(3000)
    together = gs.RLS(gs.FIR(1, channels=3)).run(u, d, forgetting=gs.DirectionalForgetting(0.95))
    for i in range(3):
        mine = which == i
        alone = gs.RLS(1, delta=95.0).run(u[mine, i], d[mine], forgetting=0.95)
        np.testing.assert_allclose(together.e[mine], alone.e, rtol=0, atol=1e-12)


def test_memory_of_directional_forgetting_is_n_times_longer():
    """White input meets each of n directions with 1/n of its power: P = (1 - f) / (n f x^2)."""
    x, d = record(n=8, samples=40_000)
    loop = gs.Loop(gs.RLS(8), forgetting=gs.DirectionalForgetting(0.98))
    means = [np.trace(covariance(loop)) / 8 for k in range(20_000, 40_000, 100)
             if loop.run(x[loop.n:k], d[loop.n:k]) is not None]
    assert np.mean(means) == pytest.approx(0.02 / (8 * 0.98), rel=0.1)        # first order in 1 - f


def test_bounds_of_exponential_resetting_are_reached():
    law = gs.ExponentialResetting(0.95, 0.5, 0.005, 0.005)
    eta = 0.05 / 0.95
    loop = gs.Loop(gs.RLS(1), forgetting=law)
    loop.run(np.full(3000, 1e6), np.zeros(3000))                               # strong excitation
    low = (law.alpha - eta) / (2 * law.delta) * (np.sqrt(1 + 4 * law.beta * law.delta / (law.alpha - eta) ** 2) - 1)
    assert covariance(loop)[0, 0] == pytest.approx(low, rel=1e-6)              # 1 / (1 + u'Pu) from 1: 1e-10
    loop.run(np.zeros(3000), np.zeros(3000))
    high = eta / (2 * law.delta) * (1 + np.sqrt(1 + 4 * law.beta * law.delta / eta**2))
    assert covariance(loop)[0, 0] == pytest.approx(high, rel=1e-12)
    assert (low, high) == pytest.approx((0.0112, 10.62), rel=1e-2)


def test_constant_trace_is_constant():
    x, d = record(n=5)
    law = gs.ConstantTrace(level=0.02)
    loop = gs.Loop(gs.RLS(5), forgetting=law)
    loop.run(x[:1000], d[:1000])
    for k in range(1000, 3000, 50):
        loop.run(x[k:k + 50], d[k:k + 50])
        assert np.trace(covariance(loop)) == pytest.approx(5 * 0.02, rel=1e-12)
        assert np.linalg.eigvalsh(covariance(loop))[0] >= law.ratio * law.level


# -- what they are for -------------------------------------------------------------------------------------------------

TRACKERS = [gs.Fortescue(information=0.1), gs.VariableForgetting(), gs.DirectionalForgetting(0.95),
            gs.ExponentialResetting(0.98), gs.ConstantTrace(level=0.02)]


@pytest.mark.parametrize("law", TRACKERS, ids=repr)
def test_a_jump_is_followed_and_rest_is_quiet(law):
    """Beside forgetting 1, which never gets there, and 0.9, which is noisy at rest; mean of 10 records."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((10, 12_000))
    noise = 0.01 * rng.standard_normal(X.shape)
    D = np.stack([np.concatenate([np.convolve(x, response(8))[:10_000], np.convolve(x, -response(8))[10_000:12_000]])
                  for x in X]) + noise

    def study(forgetting):
        runs = gs.Loop(gs.RLS(8), forgetting=forgetting).run_many(X, D)
        rest = np.mean([run.e[5_000:10_000] ** 2 for run in runs])
        left = np.mean([np.sum((run.w + response(8)) ** 2) for run in runs])
        return rest, left

    (rest, left), (_, never), (noisy, _) = study(law), study(1.0), study(0.9)
    assert left < 1e-3 * never
    assert rest - 1e-4 < 0.5 * (noisy - 1e-4)                                  # excess over the noise


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_a_law_takes_over_without_a_bump(law):
    x, d = record()
    loop = gs.Loop(gs.RLS(4), forgetting=0.97)
    loop.run(x[:2000], d[:2000])
    w, P = loop.w, covariance(loop)
    loop.swap(forgetting=law)
    assert np.array_equal(loop.w, w) and np.array_equal(covariance(loop), P)
    assert loop.state["forgetting_now"][0] == 0.97
    run = loop.run(x[2000:], d[2000:])
    assert np.abs(run.e).max() < 1.0             # the noise is 0.1


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_a_law_takes_over_a_p_that_is_wound_up(law):
    x, d = record(samples=6000)
    x[1000:3000] = 1.0
    d = np.convolve(x, response(4))[:6000] + 0.01 * np.random.default_rng(3).standard_normal(6000)
    loop = gs.Loop(gs.RLS(4), forgetting=0.9)
    loop.run(x[:3000], d[:3000])
    assert covariance(loop).max() > 1e9
    loop.swap(forgetting=law)
    run = loop.run(x[3000:], d[3000:])
    assert np.isfinite(run.e).all()
    assert np.linalg.eigvalsh(covariance(loop))[0] > 0
    assert misalignment(run, response(4)) < -20


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_a_schedule_times_a_forgetting_law(law):
    x, d = record()
    one = gs.RLS(4).run(x, d, forgetting=gs.Constant(1.0) * law)
    assert np.array_equal(one.y, gs.RLS(4).run(x, d, forgetting=law).y)
    less = gs.RLS(4).run(x, d, forgetting=gs.Constant(0.97) * law)
    assert np.isfinite(less.e).all()
    assert not np.array_equal(less.y, one.y)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_a_forgetting_law_is_refused_as_a_gain(law):
    with pytest.raises(ValueError, match="drives the forgetting"):
        gs.Loop(gs.LMS(4), gain=law)
    with pytest.raises(ValueError, match="low"):
        type(law)(low=0.9, high=0.8)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_analyze_says_what_it_knows_of_a_forgetting_law(law):
    x, d = record()
    report = gs.analyze(gs.Loop(gs.RLS(4), forgetting=law), x=x, d=d)
    assert report.verdict in ("stable", "not certified")
    assert report.range == (0.0, 1.0)
