"""Momentum and blocks in theory: closed forms, Monte Carlo on regressors that are independent in fact, honesty."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import toeplitz

import gainsched as gs
from gainsched.analysis import momentum
from gainsched.analysis.momentum import Mode
from gainsched.excitation import linear_moments

KINDS = [gs.HeavyBall, gs.Nesterov, gs.GradientEMA]
R = np.diag([0.4, 1.0, 1.0, 2.0])


def second_moments(R, gain, compensator, beta, noise):
    """E of the joint (x, p) second moments by the full Kronecker recursion over Gaussian regressors: written anew.

    x+ = x - b D - p+, p+ = beta p + a D, D = mu u (u'x + n); E[uu'Xuu'] = 2 R X R + tr(RX) R.
    """
    a, b = compensator.shares(beta)
    n = len(R)
    eye = np.eye(n)
    known = np.block([[eye - (a + b) * gain * R, -beta * eye], [a * gain * R, beta * eye]])
    push = np.vstack([-(a + b) * eye, a * eye])

    def step(S):
        X = S[:n, :n]
        spread = gain**2 * (2 * R @ X @ R + np.trace(R @ X) * R - R @ X @ R + noise * R)
        return known @ S @ known.T + push @ spread @ push.T
    return step


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("kind", KINDS)
def test_the_modal_recursion_is_the_full_one(kind, beta):
    compensator, lam, gain = kind(beta), np.diag(R), 0.02
    moments, mode = linear_moments(lam), Mode.of(kind(beta), beta)
    step, S = second_moments(R, gain, compensator, beta, 0.3), np.zeros((8, 8))
    S[:4, :4] = np.diag([1.0, 0.5, 2.0, 0.1])
    s = np.stack([np.diag(S)[:4], np.zeros(4), np.zeros(4)])
    for _ in range(200):
        S, s = step(S), momentum.step(moments, s, gain, mode, 0.3, 0.0)
        assert_allclose(s[0], np.diag(S)[:4], rtol=1e-11)
        assert_allclose(s[2], np.diag(S)[4:], rtol=1e-10, atol=1e-15)
    for _ in range(20_000):
        S = step(S)
    settled = momentum.steady_state(moments, gain, mode, 0.3, np.zeros(4))
    assert_allclose(settled, np.diag(S)[:4], rtol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_growth_is_one_at_the_bound(kind):
    moments, mode = linear_moments(np.diag(R)), Mode.of(kind(0.8), 0.8)
    bound = momentum.mean_square_bound(moments, mode, kind(0.8).limit(0.8) / 2.0)
    assert momentum.growth(moments, bound, mode) == pytest.approx(1.0, abs=1e-9)
    assert momentum.growth(moments, 0.99 * bound, mode) < 1.0 < momentum.growth(moments, 1.01 * bound, mode)


def test_without_memory_it_is_the_theory_of_lms():
    exc = gs.Excitation(R, noise=0.01, drift=1e-6)
    plain = gs.analyze(gs.Loop(gs.LMS(4), gain=0.05), exc)
    for kind in KINDS:
        rep = gs.analyze(gs.Loop(gs.LMS(4), gain=0.05, compensator=kind(0.0)), exc)
        assert (rep.emse, rep.msd, rep.growth, rep.range[1]) == pytest.approx(
            (plain.emse, plain.msd, plain.growth, plain.range[1]), rel=1e-9)
        assert_allclose(rep.learning_curve(300), plain.learning_curve(300), rtol=1e-9)
        assert_allclose(rep.time_constants, plain.time_constants, rtol=1e-9)


def test_many_modes_are_watched_instead_of_solved():
    lam = np.geomspace(0.5, 2.0, 130)
    mode = Mode.of(gs.HeavyBall(0.5), 0.5)
    watched = momentum.growth(linear_moments(lam), 1e-3, mode)
    n = momentum._SMALL
    try:
        momentum._SMALL = 200
        solved = momentum.growth(linear_moments(lam), 1e-3, mode)
    finally:
        momentum._SMALL = n
    assert watched == pytest.approx(solved, abs=1e-4)


def simulate(filter, gain, compensator, trials, T, rng, w_opt, noise=0.01, drift=0.0):
    """Mean of w~'R w~ before every sample: the package's own loops on regressors that are independent in fact."""
    n = filter.model.channels
    X = rng.standard_normal((trials, T, n)) * np.sqrt(np.diag(R))
    W = w_opt + np.cumsum(np.sqrt(drift) * rng.standard_normal((trials, T, n)), axis=1)
    D = np.einsum("mtn,mtn->mt", X, W) + np.sqrt(noise) * rng.standard_normal((trials, T))
    loop = gs.Loop(filter, gain=gain, compensator=compensator)
    runs = loop.run_many(X, D, record=gs.Record(weights=1))
    w = np.stack([np.concatenate([np.zeros((1, n)), run.weights[:-1, 0]]) for run in runs])
    return np.mean((W - w) ** 2 @ np.diag(R), axis=0)


@pytest.mark.parametrize(("filter", "gain", "compensator"), [
    (gs.LMS, 0.01, gs.HeavyBall(0.9)), (gs.LMS, 0.01, gs.Nesterov(0.9)), (gs.LMS, 0.08, gs.GradientEMA(0.9)),
    (gs.LMS, gs.Cosine(0.03, 0.002, 300), gs.HeavyBall(gs.Cosine(0.5, 0.9, 300))), (gs.NLMS, 0.05, gs.HeavyBall(0.8)),
    (gs.BlockLMS, 0.3, None), (gs.BlockLMS, 0.1, gs.HeavyBall(0.7)),
], ids=repr)
def test_learning_curves_against_monte_carlo(filter, gain, compensator, rng):
    """1500 trials: the mean square has a standard error of about 0.15 dB near the start of each curve."""
    made = filter(gs.FIR(1, channels=4), **({"block": 8} if filter is gs.BlockLMS else {}))
    w_opt = np.array([0.5, -0.5, 0.5, 0.5])
    exc = gs.Excitation(R, noise=0.01)
    rep = gs.analyze(gs.Loop(made, gain=gain, compensator=compensator), exc)
    predicted = rep.learning_curve(400, kind="emse", w_opt=w_opt)
    measured = simulate(made, gain, compensator, 1500, 400, rng, w_opt)
    apart = 10 * np.log10(measured / predicted)
    assert np.sqrt(np.mean(apart**2)) < 0.2 and np.abs(apart).max() < 0.6
    if not isinstance(gain, gs.Schedule):
        assert rep.emse == pytest.approx(predicted[-1], rel=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_tracking_with_momentum(kind, rng):
    gain = 0.1 if kind is gs.GradientEMA else 0.02
    made, exc = gs.LMS(gs.FIR(1, channels=4)), gs.Excitation(R, noise=0.01, drift=1e-4)
    rep = gs.analyze(gs.Loop(made, gain=gain, compensator=kind(0.8)), exc)
    measured = simulate(made, gain, kind(0.8), 300, 1200, rng, np.zeros(4), drift=1e-4)
    assert measured[300:].mean() == pytest.approx(rep.emse, rel=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_transfer_linear_and_bounds_agree(kind):
    beta, gain = 0.7, 0.1
    loop = gs.Loop(gs.LMS(3), gain=gain, compensator=kind(beta))
    T = toeplitz(0.5 ** np.arange(3))
    exc = gs.Excitation(T)
    poles = np.sort_complex(loop.linear(exc).poles())
    import control

    each = [control.feedback(loop.transfer(mode), 1).poles() for mode in exc.modes]
    assert_allclose(poles, np.sort_complex(np.concatenate(each)), atol=1e-9)
    rep = gs.analyze(loop, exc)
    assert float(rep.bounds["mean"]) == pytest.approx(kind(beta).limit(beta) / exc.modes.max(), rel=1e-9)
    assert gs.margins(loop.transfer(exc.modes.max())).gain == pytest.approx(float(rep.bounds["mean"]) / gain, rel=1e-6)
    assert rep.margins.gain == pytest.approx(float(rep.bounds["mean"]) / gain, rel=1e-6)


def test_heavy_ball_s_loop_is_the_contract_s():
    L = gs.Loop(gs.LMS(1), gain=0.5, compensator=gs.HeavyBall(0.9)).transfer(1.0)
    z = np.exp(1j * np.linspace(0.1, 3.0, 9))
    assert_allclose(L(z), 0.5 * z / ((z - 1) * (z - 0.9)), rtol=1e-12)
    m = gs.margins(L)
    assert m.gain == pytest.approx(7.6) and m.phase_deg == pytest.approx(7.74, abs=0.01)
    assert m.delay == pytest.approx(0.183, abs=1e-3)


def test_linear_simulates_the_mean_of_a_step():
    """One weight under u = 1: the mean is the loop itself."""
    import control

    loop = gs.Loop(gs.LMS(1), gain=0.2, compensator=gs.Nesterov(0.6), w0=[0.0])
    run = loop.run(np.ones(40), np.ones(40), record=gs.Record(weights=1))
    sys = gs.Loop(gs.LMS(1), gain=0.2, compensator=gs.Nesterov(0.6)).linear(gs.Excitation(1.0))
    assert sys.state_labels == ["w[0]", "memory[0]"]
    states = control.forced_response(sys, np.arange(41), np.zeros(41), [1.0, 0.0]).outputs
    assert_allclose(1.0 - run.weights[:, 0], np.ravel(states)[1:], atol=1e-12)


def test_parametric_resonance_is_not_called_stable():
    """beta .9, 10 samples of k = .01 and 6 of k = .1: 38 times below the limit, and growing by 1.5 % per sample."""
    period = np.concatenate([np.full(10, 0.01), np.full(6, 0.1)])
    w = gs.Loop(gs.LMS(1), gain=np.tile(period, 200), compensator=gs.HeavyBall(0.9), w0=[1.0], limit=1e300).run(
        np.ones(3200), np.zeros(3200), record=gs.Record(weights=16)).weights
    assert (abs(w[-1, 0]) / abs(w[99, 0])) ** (1 / 1600) == pytest.approx(1.01535, abs=2e-5)
    exc = gs.Excitation(1.0, kurtosis=-2.0)                                # u = 1 or -1: nothing fluctuates
    rep = gs.analyze(gs.Loop(gs.LMS(1), gain=np.tile(period, 200), compensator=gs.HeavyBall(0.9)), exc)
    assert rep.verdict == "unstable" and "grows" in rep.sentence
    for_ever = gs.PiecewiseConstant([10], [0.01, 0.1]).repeat(16)
    rep = gs.analyze(gs.Loop(gs.LMS(1), gain=for_ever, compensator=gs.HeavyBall(0.9)), exc)
    assert rep.verdict == "unstable" and "resonance" in rep.sentence
    assert rep.growth == pytest.approx(1.01535**2, abs=2e-5)
    calm = gs.analyze(gs.Loop(gs.LMS(1), gain=0.1 * for_ever, compensator=gs.HeavyBall(0.9)), exc)
    assert calm.verdict == "stable" and calm.growth < 1 and calm.emse is None


def test_a_repeating_gain_of_blocks_is_judged_by_its_updates():
    exc = gs.Excitation(1.0, noise=0.01)
    cycle = gs.PiecewiseConstant([9, 10], [5.0, 0.1, 5.0]).repeat(10)      # 0.1 at the block's end, k = 9, 19, ..
    rep = gs.analyze(gs.Loop(gs.BlockLMS(4, block=10), gain=cycle), exc)
    assert rep.verdict == "stable" and rep.emse == pytest.approx(
        gs.analyze(gs.Loop(gs.BlockLMS(4, block=10), gain=0.1), exc).emse)
    hot = gs.PiecewiseConstant([9, 10, 19], [0.1, 0.1, 0.1, 3.0]).repeat(20)
    rep = gs.analyze(gs.Loop(gs.BlockLMS(4, block=10), gain=hot), exc)
    assert rep.verdict == "unstable" and rep.growth < 1.2


def test_what_moves_under_momentum_is_followed_or_not_certified():
    exc = gs.Excitation(1.0, noise=0.01)

    def verdict(gain, compensator):
        return gs.analyze(gs.Loop(gs.LMS(4), gain=gain, compensator=compensator), exc).verdict

    ball = gs.HeavyBall(0.9)
    assert verdict(gs.Cosine(0.02, 0.001, 1000), ball) == "stable"
    assert verdict(gs.Exponential(0.02, 0.5, every=100), ball) == "stable"
    assert verdict(gs.Cosine(0.02, 1.0, 1000), ball) == "unstable"
    assert verdict(gs.InverseTime(0.02, 0.1), ball) == "stable"                # below any_gain after some samples
    assert verdict(gs.InverseTime(0.02, 1e-6), ball) == "not certified"        # not within 50000 of them
    assert verdict(gs.KwongJohnston(high=0.01), ball) == "not certified"
    assert verdict(0.01, gs.HeavyBall(gs.Cosine(0.5, 0.9, 500))) == "stable"
    assert verdict(np.linspace(0.5, 1.0, 4)[:, None] * 0.01, ball) == "not certified"


@pytest.mark.parametrize("filter", [gs.RLS(3), gs.APA(3), gs.SignErrorLMS(3)], ids=repr)
def test_no_theory_with_momentum_is_said(filter):
    rep = gs.analyze(gs.Loop(filter, gain=0.5, compensator=gs.HeavyBall(0.9)), gs.Excitation(1.0, noise=0.1))
    assert rep.verdict == "not certified" and "HeavyBall" in rep.sentence
    assert rep.emse is rep.msd is rep.range is rep.time_constants is rep.margins is None
    with pytest.raises(gs.NoTheory, match="HeavyBall"):
        rep.learning_curve(10)


def test_a_delayed_loop_with_momentum_has_a_mean_alone():
    exc = gs.Excitation(1.0, noise=0.1)
    loop = gs.Loop(gs.DelayedLMS(3, delay=2), gain=0.01, compensator=gs.HeavyBall(0.9))
    rep = gs.analyze(loop, exc)
    assert rep.verdict == "not certified" and "no mean-square theory" in rep.sentence and rep.emse is None
    assert rep.margins.gain == pytest.approx(gs.margins(loop.transfer(1.0)).gain)
    assert float(rep.bounds["mean"]) == pytest.approx(0.01 * rep.margins.gain)
    hot = gs.analyze(gs.Loop(gs.DelayedLMS(3, delay=2), gain=0.2, compensator=gs.HeavyBall(0.9)), exc)
    assert hot.verdict == "unstable" and hot.growth > 1


def test_schedule_free_has_no_theory_and_an_average_beside_the_loop_changes_none():
    exc = gs.Excitation(1.0, noise=0.1)
    free = gs.Loop(gs.LMS(3), gain=0.1, compensator=gs.ScheduleFree())
    assert gs.analyze(free, exc).verdict == "not certified" and gs.analyze(free, exc).emse is None
    for question in (lambda: free.transfer(1.0), lambda: free.linear(exc)):
        with pytest.raises(gs.NoTheory, match="ScheduleFree"):
            question()
    plain, beside = (gs.analyze(gs.Loop(gs.LMS(3), gain=0.1, compensator=c), exc) for c in (None, gs.PolyakRuppert()))
    assert plain.emse == beside.emse and plain.range == beside.range
    assert any("loop.average" in line for line in beside.assumptions)


def test_a_law_times_a_schedule_is_judged_by_its_product():
    exc = gs.Excitation(1.0, noise=0.01)
    law = gs.KwongJohnston(high=0.1, saturate=False)

    def judged(gain):
        return gs.analyze(gs.Loop(gs.LMS(8), gain=gain), exc)

    assert judged(law).verdict == "stable"                                # 0.1 < 0.2
    assert judged(gs.Cosine(1.9, 0.5, 100) * law).verdict == "stable"     # 0.19
    hot = judged(gs.Cosine(2.1, 0.5, 100) * law)
    assert hot.verdict == "not certified" and "0.21" in hot.sentence and hot.emse is None
    assert judged(gs.Warmup(100) >> law).margins.gain == pytest.approx(judged(law).margins.gain)
    assert judged(gs.Warmup(10) >> gs.KwongJohnston(start=0.05)).time_constants is None
    with pytest.raises(gs.NoTheory, match="KwongJohnston"):
        judged(gs.Warmup(100) >> law).learning_curve(10)


def test_a_block_s_numbers_are_in_samples():
    exc = gs.Excitation(1.0, noise=0.01)
    rep = gs.analyze(gs.Loop(gs.BlockLMS(4, block=10), gain=0.1), exc)
    one = gs.analyze(gs.Loop(gs.LMS(4), gain=0.1), exc)
    assert rep.margins.delay == pytest.approx(10 * one.margins.delay) and rep.margins.gain == one.margins.gain
    assert_allclose(rep.time_constants, 10 * one.time_constants)
    assert rep.range[1] == pytest.approx(2 * 10 / (10 + 4 + 1), rel=1e-9)           # 2 L / (L + N + 1)
    gain = np.full(40, 9.0)
    gain[9::10] = 0.1
    quiet = gs.analyze(gs.Loop(gs.BlockLMS(4, block=10), gain=gain), exc)           # between blocks no gain is used
    assert quiet.verdict == "stable" and quiet.range == rep.range
    drifting = gs.analyze(gs.Loop(gs.BlockLMS(4, block=10), gain=0.1), gs.Excitation(1.0, noise=0.01, drift=1e-5))
    assert drifting.emse is None
    with pytest.raises(gs.NoTheory, match="drift"):
        drifting.learning_curve(10)


@pytest.mark.parametrize("kind", ["exact", "armijo", "wolfe"])
@pytest.mark.parametrize("filter", [gs.LMS(4), gs.BlockLMS(4, block=8)], ids=repr)
def test_line_searches_are_stable_by_their_saturation_alone(filter, kind):
    exc = gs.Excitation(1.0, noise=0.01)
    rep = gs.analyze(gs.Loop(filter, gain=gs.LineSearch(kind)), exc)
    assert rep.verdict == "stable" and rep.emse is None
    open_ = gs.analyze(gs.Loop(filter, gain=gs.LineSearch(kind, saturate=False)), exc)
    assert open_.verdict == "not certified"


@pytest.mark.parametrize("kind", KINDS)
def test_a_leak_with_momentum_is_stable_up_to_where_the_joint_moments_are(kind):
    """Without the pull towards 0 the correction is mu (uu' + leak) x: the full recursion, written anew."""
    leak, compensator = 0.3, kind(0.8)
    rep = gs.analyze(gs.Loop(gs.LeakyLMS(4, leak=leak), gain=0.01, compensator=compensator), gs.Excitation(R, noise=0.1))
    assert rep.verdict == "stable" and rep.emse is None and rep.msd is None
    with pytest.raises(gs.NoTheory, match="bias of LeakyLMS with"):
        rep.learning_curve(10)
    a, b = compensator.shares(0.8)
    n, eye = 4, np.eye(4)

    def growth(gain):
        pull = gain * (R + leak * eye)
        known = np.block([[eye - (a + b) * pull, -0.8 * eye], [a * pull, 0.8 * eye]])
        push = np.vstack([-(a + b) * eye, a * eye])
        S, logs = np.eye(2 * n), []
        for _ in range(3000):
            X = S[:n, :n]
            S = known @ S @ known.T + push @ (gain**2 * (R @ X @ R + np.trace(R @ X) * R)) @ push.T
            logs.append(np.log(np.trace(S)))
            S /= np.trace(S)
        return np.exp(np.mean(logs[1500:]))

    assert growth(0.97 * rep.range[1]) < 1 < growth(1.03 * rep.range[1])
    assert growth(0.01) == pytest.approx(rep.growth, rel=1e-3)
    assert gs.analyze(gs.Loop(gs.LeakyLMS(4, leak=leak), gain=1.03 * rep.range[1], compensator=compensator),
                      gs.Excitation(R)).verdict == "unstable"
    still = gs.analyze(gs.Loop(gs.LeakyLMS(4, leak=0.0), gain=0.01, compensator=compensator), gs.Excitation(R))
    plain = gs.analyze(gs.Loop(gs.LMS(4), gain=0.01, compensator=compensator), gs.Excitation(R))
    assert still.range == pytest.approx(plain.range) and rep.bounds["any_sequence"].value < plain.bounds["any_sequence"].value
