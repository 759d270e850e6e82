"""Gain matrices: the Kalman gain against the Riccati equation and least squares; quasi-Newton matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import solve_discrete_are
from scipy.signal import lfilter

import gainsched as gs

H = np.array([0.5, -0.4, 0.3, 0.2, -0.1, 0.05, 0.02, 0.01])


def colored(samples, seed=0, noise=0.01, pole=0.9):
    """AR(1) input of unit power, the response H, noise."""
    rng = np.random.default_rng(seed)
    x = lfilter([np.sqrt(1 - pole**2)], [1, -pole], rng.standard_normal(samples))
    return x, np.convolve(x, H)[:samples] + noise * rng.standard_normal(samples)


def full(loop):
    """The law's matrix out of the loop's state, its upper triangle mirrored."""
    upper = np.triu(loop.state["gain_P"])
    return upper + np.triu(upper, 1).T


# -- the Kalman gain -------------------------------------------------------------------------------------------------

def test_scalar_kalman_gain_is_the_textbook_s():
    ones = np.ones(500)
    run = gs.LMS(1).run(ones, ones, gain=gs.KalmanGain(q=0.01, r=1.0), record=gs.Record(gain=1))
    p = (0.01 + np.sqrt(0.01**2 + 4 * 0.01)) / 2
    assert run.gain[-1, 0] == pytest.approx(p / (1 + p), rel=1e-14)
    assert run.gain[-1, 0] == pytest.approx(0.0951249, abs=5e-8)
    run = gs.LMS(1).run(ones, ones, gain=gs.KalmanGain(q=0.0, r=1.0), record=gs.Record(gain=1))
    np.testing.assert_allclose(run.gain[:, 0], 1 / (np.arange(500) + 2.0), rtol=1e-13)


def test_kalman_gain_settles_at_the_riccati_equation_s_solution():
    """A constant regressor: the direction that it excites settles at the algebraic equation's answer."""
    q, r, amplitude = 1e-3, 0.3, 2.0
    x = np.full(3000, amplitude)
    run = gs.LMS(1).run(x, x, gain=gs.KalmanGain(q=q, r=r), record=gs.Record(gain=1))
    p = solve_discrete_are(np.eye(1), np.full((1, 1), amplitude), q * np.eye(1), r * np.eye(1))[0, 0]
    assert run.gain[-1, 0] == pytest.approx(p / (r + amplitude**2 * p), rel=1e-12)


@pytest.mark.parametrize("model", [gs.FIR(1), gs.FIR(5), gs.FIR(3, channels=2)], ids=repr)
def test_kalman_gain_without_drift_is_rls_without_forgetting(model):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((2000, model.channels))
    d = x @ np.arange(1.0, model.channels + 1) + 0.1 * rng.standard_normal(2000)
    kalman = gs.Loop(gs.LMS(model), gain=gs.KalmanGain(q=0.0, r=1.0, start=7.0)).run(x, d)
    rls = gs.Loop(gs.RLS(model, delta=7.0)).run(x, d)
    assert np.array_equal(kalman.y, rls.y)             # r = 1: the same operations in the same order
    assert np.array_equal(kalman.w, rls.w)
    other = gs.Loop(gs.LMS(model), gain=gs.KalmanGain(q=0.0, r=0.25, start=7.0 / 4)).run(x, d)
    np.testing.assert_allclose(other.w, rls.w, rtol=0, atol=1e-13)


def test_only_ratios_of_the_variances_matter():
    x, d = colored(2000)
    one = gs.LMS(8).run(x, d, gain=gs.KalmanGain(q=1e-4, r=1.0, start=2.0))
    other = gs.LMS(8).run(x, d, gain=gs.KalmanGain(q=2.0**-10 * 1e-4, r=2.0**-10, start=2.0**-9))
    assert np.array_equal(one.y, other.y)              # a factor 2^-10 changes exponents alone


def test_every_gradient_filter_gets_the_same_kalman_gain():
    x, d = colored(1000)
    law = gs.KalmanGain(q=1e-4)
    lms = gs.LMS(8).run(x, d, gain=law)
    for filter in (gs.SignErrorLMS(8), gs.LMF(8), gs.DelayedLMS(8, delay=0)):
        assert np.array_equal(filter.run(x, d, gain=law).y, lms.y), filter
    # NLMS forms y in one pass with |u|^2, in another order: rounding apart
    np.testing.assert_allclose(gs.NLMS(8).run(x, d, gain=law).y, lms.y, rtol=0, atol=1e-13)


def test_kalman_gain_follows_drifting_weights_better_than_least_squares_with_any_forgetting():
    """It is the optimum for its own model: weights that walk at random in white noise."""
    rng = np.random.default_rng(4)
    T, n, q, r = 40_000, 4, 1e-5, 1e-2
    x = lfilter([np.sqrt(1 - 0.81)], [1, -0.9], rng.standard_normal(T + n))
    u = np.lib.stride_tricks.sliding_window_view(x, n)[1:T + 1, ::-1]
    w = np.cumsum(np.sqrt(q) * rng.standard_normal((T, n)), axis=0)
    d = np.sum(w * u, axis=1) + np.sqrt(r) * rng.standard_normal(T)
    features = gs.FIR(1, channels=n)
    kalman = gs.LMS(features).run(u, d, gain=gs.KalmanGain(q=q, r=r))
    errors = [np.mean(gs.RLS(features).run(u, d, forgetting=f).e[1000:] ** 2) for f in (0.9, 0.95, 0.98, 0.99, 0.995)]
    assert np.mean(kalman.e[1000:] ** 2) < min(errors)
    # the innovations are white and their variance is the one that the gain matrix predicts
    e = kalman.e[1000:]
    correlation = np.mean(e[1:] * e[:-1]) / np.mean(e**2)
    assert abs(correlation) < 4 / np.sqrt(len(e))      # four standard deviations of white noise's own


def test_kalman_gain_takes_over_without_a_bump():
    x, d = colored(3000)
    loop = gs.Loop(gs.LMS(8), gain=0.02)
    loop.run(x[:2000], d[:2000])
    before = loop.w
    loop.swap(gain=gs.KalmanGain(q=1e-6))
    assert np.array_equal(loop.w, before)
    run = loop.run(x[2000:], d[2000:], record=gs.Record(gain=1))
    assert run.gain[0].max() <= 0.02
    assert run.gain[0].max() == pytest.approx(0.02, rel=0.3)        # g / (1 + g x'x), x'x about 8


@pytest.mark.parametrize("signal", ["silence", "constant", "burst"])
@pytest.mark.parametrize("law", [gs.KalmanGain(), gs.KalmanGain(q=0.0, r=1e-4)], ids=repr)
def test_kalman_matrix_stays_positive(law, signal):
    x, d = colored(150_000)
    middle = slice(20_000, 130_000)
    if signal == "burst":
        middle = slice(20_000, 20_200)
        x[middle], d[middle] = 1e6 * x[middle], 1e6 * d[middle]
    else:
        x[middle] = d[middle] = 0.0 if signal == "silence" else 1.0
    loop = gs.Loop(gs.LMS(8), gain=law)
    run = loop.run(x, d)
    assert np.isfinite(run.e).all()
    eigenvalues = np.linalg.eigvalsh(full(loop))
    # q lifts every direction; with q = 0 nothing but rounding of the largest P that ever was is below zero
    assert eigenvalues.min() > 0 if law.q > 0 else eigenvalues.min() > -1e-15 * law.start


# -- quasi-Newton ------------------------------------------------------------------------------------------------------

QUASI_NEWTON = [gs.OnlineBFGS(), gs.OnlineBFGS(rate=0.5), gs.LimitedBFGS(), gs.LimitedBFGS(memory=8, rate=0.5)]


def dense(loop):
    """B of an online BFGS loop, its upper triangle mirrored."""
    upper = np.triu(loop.state["gain_B"])
    return upper + np.triu(upper, 1).T


def misalignment(run, truth=H):
    return 20 * np.log10(np.linalg.norm(run.w.ravel() - truth) / np.linalg.norm(truth))


@pytest.mark.parametrize("law", QUASI_NEWTON, ids=repr)
def test_quasi_newton_has_no_units(law):
    """Signals times a power of two change exponents alone."""
    x, d = colored(2000)
    plain = gs.LMS(8).run(x, d, gain=law)
    scaled = gs.LMS(8).run(2.0**-20 * x, 2.0**-10 * d, gain=law)
    assert np.array_equal(scaled.y, 2.0**-10 * plain.y)
    assert np.array_equal(scaled.w, 2.0**10 * plain.w)


def test_first_step_is_normalized_lms():
    law = gs.OnlineBFGS(rate=0.4, damping=0.25)
    loop = gs.Loop(gs.LMS(gs.FIR(1, channels=4)), gain=law)
    u = np.array([1.0, 2.0, -1.0, 0.5])
    loop.step(u, 3.0)
    np.testing.assert_allclose(loop.w.ravel(), 0.4 / 1.25 * 3.0 * u / (u @ u), rtol=1e-15)


def test_every_pair_fulfills_the_secant_equation():
    """B y = s for the newest pair, y the change of the gradient of the same sample."""
    rng = np.random.default_rng(2)
    law = gs.OnlineBFGS(rate=0.3, damping=0.05, reset=0.0)
    loop = gs.Loop(gs.LMS(gs.FIR(1, channels=5)), gain=law)
    for _ in range(50):
        before, u = loop.w.ravel(), rng.standard_normal(5)
        loop.step(u, rng.standard_normal())
        s = loop.w.ravel() - before
        y = u * (u @ s) + law.damping * (u @ u) * s
        np.testing.assert_allclose(dense(loop) @ y, s, rtol=0, atol=1e-13 * np.abs(s).max())
        assert u @ dense(loop) @ u <= 1.0 + 1e-12                   # what one step learns of its own sample


def test_online_bfgs_makes_the_modes_of_a_colored_input_equally_fast():
    """AR(1) .95, condition number 1e3: where a gradient step of the same noise is far from done."""
    x, d = colored(1000, pole=0.95)
    newton = gs.LMS(8).run(x, d, gain=gs.OnlineBFGS(rate=0.1))
    gradient = gs.NLMS(8).run(x, d, gain=0.1)
    rls = gs.RLS(8).run(x, d, forgetting=0.99)
    assert misalignment(newton) < -30 < -20 < misalignment(gradient)
    assert abs(misalignment(newton) - misalignment(rls)) < 6        # Newton's method with a memory of 100 samples


def test_a_decaying_rate_averages_the_noise_away():
    x, d = colored(20_000, noise=0.1)
    steady = gs.LMS(8).run(x, d, gain=gs.OnlineBFGS(rate=0.2))
    decaying = gs.LMS(8).run(x, d, gain=gs.InverseTime(1.0, 0.01) * gs.OnlineBFGS(rate=0.2))
    assert misalignment(decaying) < misalignment(steady) - 10


def test_limited_memory_of_all_pairs_is_bfgs_from_its_own_scale():
    """Before the memory is full both have seen the same pairs; with 1 weight they are the same number."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal(300)
    full_matrix = gs.LMS(1).run(x, 0.7 * x, gain=gs.OnlineBFGS(reset=0.0), record=gs.Record(gain=1))
    pairs = gs.LMS(1).run(x, 0.7 * x, gain=gs.LimitedBFGS(memory=3), record=gs.Record(gain=1))
    np.testing.assert_allclose(pairs.gain, full_matrix.gain, rtol=1e-12)


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("taps", [1, 8, 32])
@pytest.mark.parametrize("law", QUASI_NEWTON, ids=repr)
def test_no_step_overshoots_its_own_sample(law, taps, noise):
    x, d = colored(4000, noise=noise)
    loop = gs.Loop(gs.LMS(taps), gain=law)
    for k in range(0, 4000, 37):
        loop.run(x[k:k + 36], d[k:k + 36])
        e = d[min(k + 36, 3999)] - loop.predict(x[min(k + 36, 3999)])
        before = loop.w
        loop.correct(e)
        window = np.concatenate([np.zeros(taps), x])[k + 37:k + 37 + taps][::-1] if k + 36 < 4000 else None
        if window is not None:
            after = e - (loop.w - before) @ window
            assert abs(after) <= abs(e) * (1 + 1e-9) + 1e-12


@pytest.mark.parametrize("signal", ["silence", "constant", "burst"])
@pytest.mark.parametrize("law", QUASI_NEWTON, ids=repr)
def test_quasi_newton_withstands(law, signal):
    x, d = colored(150_000)
    middle = slice(20_000, 130_000)
    if signal == "burst":
        middle = slice(20_000, 20_200)
        x[middle], d[middle] = 1e6 * x[middle], 1e6 * d[middle]
    else:
        x[middle] = d[middle] = 0.0 if signal == "silence" else 1.0
    loop = gs.Loop(gs.LMS(8), gain=law)
    run = loop.run(x, d)
    assert np.isfinite(run.e).all()
    assert misalignment(run) < -30
    if isinstance(law, gs.OnlineBFGS):
        assert np.linalg.eigvalsh(dense(loop)).min() > 0


@pytest.mark.parametrize("law", [*QUASI_NEWTON, gs.KalmanGain()], ids=repr)
@pytest.mark.parametrize("filter", [gs.NLMS(8), gs.LeakyLMS(8), gs.SignDataLMS(8), gs.SignErrorLMS(8), gs.DelayedLMS(8, delay=3),
                                    gs.FxLMS(8, secondary=(0.0, 0.8, 0.3)), gs.APA(8)], ids=repr)
def test_matrix_laws_drive_every_kind_of_filter(filter, law):
    x, d = colored(20_000, pole=0.5)
    if isinstance(filter, gs.FxLMS):
        d = lfilter([0.0, 0.8, 0.3], 1.0, d)          # what the control signal can reach through its secondary path
    run = gs.Loop(filter, gain=law).run(x, d)
    assert np.isfinite(run.e).all()
    assert np.mean(run.e[-2000:] ** 2) < 0.2 * np.mean(d**2)


@pytest.mark.parametrize("law", QUASI_NEWTON, ids=repr)
def test_quasi_newton_takes_over_the_gain_in_force(law):
    x, d = colored(3000)
    loop = gs.Loop(gs.LMS(8), gain=0.01)
    loop.run(x[:2000], d[:2000])
    before = loop.w
    loop.swap(gain=law)
    assert np.array_equal(loop.w, before)
    run = loop.run(x[2000:], d[2000:], record=gs.Record(gain=1))
    np.testing.assert_allclose(run.gain[0], 0.01, rtol=1e-12)


# -- over blocks -------------------------------------------------------------------------------------------------------

def test_kalman_gain_over_blocks_is_the_kalman_gain_at_their_ends():
    """Without drift a block taken in at once is its samples taken in one by one."""
    x, d = colored(2000)
    law = gs.KalmanGain(q=0.0, r=0.5, start=3.0)
    blocks = gs.BlockLMS(8, block=10).run(x, d, gain=law)
    single = gs.LMS(8).run(x, d, gain=law)
    np.testing.assert_allclose(blocks.w, single.w, rtol=0, atol=1e-12)


def test_secant_equation_over_a_block_is_of_its_mean_gradient():
    x, d = colored(200)
    law = gs.OnlineBFGS(rate=0.3, damping=0.05, reset=0.0)
    loop = gs.Loop(gs.BlockLMS(5, block=10), gain=law)
    U = gs.FIR(5).regressors(x)
    for k in range(0, 200, 10):
        before = loop.w
        loop.run(x[k:k + 10], d[k:k + 10])
        s, rows = loop.w - before, U[k:k + 10]
        y = rows.T @ (rows @ s) / 10 + law.damping * np.mean(np.sum(rows**2, axis=1)) * s
        np.testing.assert_allclose(dense(loop) @ y, s, rtol=0, atol=1e-12 * np.abs(s).max())


@pytest.mark.parametrize("block", [4, 32])
@pytest.mark.parametrize("law", [*QUASI_NEWTON, gs.KalmanGain()], ids=repr)
def test_matrix_laws_drive_blocks(law, block):
    x, d = colored(20_000)
    assert misalignment(gs.BlockLMS(8, block=block).run(x, d, gain=law)) < -30


@pytest.mark.parametrize("n", [4, 5, 8, 13])
@pytest.mark.parametrize("seed", range(3))
def test_a_matrix_learned_from_vanishing_signals_keeps_its_sign(n, seed):
    """B grows by hundreds of decades and shrinks again; what rounding leaves of it may be of either sign."""
    x = np.random.default_rng(seed).standard_normal(2500)
    x[500:1500] *= 0.4 ** np.arange(1000)
    run = gs.Loop(gs.LMS(n), gs.OnlineBFGS()).run(x, 0.5 * x, record=gs.Record(gain=1))
    assert run.status == "done"
    assert np.isfinite(run.gain).all()
