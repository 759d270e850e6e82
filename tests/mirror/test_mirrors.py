"""The mirrors against facts that need no second program: batch solutions, equalities, known limits."""

from __future__ import annotations

import math
from types import SimpleNamespace as Spec

import numpy as np
import pytest

from . import (
    apa,
    delayedlms,
    fxlms,
    kwongjohnston,
    leakylms,
    lmf,
    lms,
    lti,
    mitrule,
    nlms,
    regressors,
    rls,
    rmsprop,
    schedules,
    signdatalms,
    signerrorlms,
    signsignlms,
)

T = 400


def fir(taps, channels=1, **more):
    return Spec(model=Spec(taps=taps, channels=channels), **more)


def arx(na, nb, nk=1, channels=1, **more):
    return Spec(model=Spec(na=na, nb=nb, nk=nk, channels=channels), **more)


def record(taps=4, noise=0.1, seed=3, T=T):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(T)
    truth = rng.standard_normal(taps)
    return x, np.convolve(x, truth)[:T] + noise * rng.standard_normal(T), truth


def test_rows_are_newest_first_channels_inside():
    x = np.arange(1.0, 9.0).reshape(4, 2)
    r = regressors.Record(Spec(taps=2, channels=2), x, np.zeros(4))
    assert r.row(0).tolist() == [1, 2, 0, 0]
    assert r.row(2).tolist() == [5, 6, 3, 4]


def test_arx_rows_hold_past_outputs_then_each_input():
    x, d = np.array([[1.0, 10], [2, 20], [3, 30], [4, 40]]), np.array([5.0, 6, 7, 8])
    r = regressors.Record(Spec(na=2, nb=2, nk=1, channels=2), x, d)
    assert r.row(3).tolist() == [-7, -6, 3, 2, 30, 20]
    assert r.row(0).tolist() == [0] * 6


def test_arx_takes_the_prediction_for_a_missing_output_and_waits_until_it_has_left():
    d = np.array([1.0, np.nan, 3, 4, 5])
    r = regressors.Record(Spec(na=2, nb=1, nk=0, channels=1), np.ones(5), d)
    assert r.updates.tolist() == [True, False, False, False, True]
    assert np.isnan(r.compare(1, 42.0))
    assert r.row(2).tolist() == [-42, -1, 1]


@pytest.mark.parametrize("policy", ["x", "d"])
def test_a_skipped_sample_leaves_the_weights(policy):
    x, d, _ = record()
    mask = np.zeros(T, bool)
    mask[200:] = True
    cut = {f"missing_{policy}": mask}
    w = lms.mirror(fir(4), x, d, np.full(T, 0.05), None, **cut)[2]
    assert np.array_equal(w, lms.mirror(fir(4), x[:200], d[:200], np.full(200, 0.05), None)[2])


def test_lms_noiseless_finds_the_truth_and_complex_too():
    x, d, truth = record(noise=0, T=2000)
    assert np.allclose(lms.mirror(fir(4), x, d, np.full(2000, 0.1), None)[2], truth, atol=1e-12)
    z = x + 1j * np.roll(x, 7)
    dz = np.convolve(z, truth * (1 + 2j))[:2000]
    for f, g in ((lms, 0.05), (nlms, 0.5)):
        assert np.allclose(f.mirror(fir(4, eps=1e-6), z, dz, np.full(2000, g), None)[2], truth * (1 + 2j), atol=1e-9)


def test_one_gain_per_weight_is_a_diagonal_gain_matrix():
    x, d, _ = record()
    gains = np.tile([0.01, 0.02, 0.0, 0.04], (T, 1))
    w = lms.mirror(fir(4), x, d, gains, None)[2]
    by_hand = np.zeros(4)
    for k in range(T):
        u = np.array([x[k - i] if k >= i else 0 for i in range(4)])
        by_hand += np.diag(gains[k]) @ u * (d[k] - by_hand @ u)
    assert w[2] == 0 and np.allclose(w, by_hand, rtol=1e-12)


def test_signs_agree_with_lms_where_magnitudes_are_one():
    rng = np.random.default_rng(0)
    x, g = rng.choice([-1.0, 1.0], T), np.full(T, 0.01)
    d = rng.standard_normal(T)
    assert np.array_equal(signdatalms.mirror(fir(1), x, d, g, None)[2], lms.mirror(fir(1), x, d, g, None)[2])
    assert np.array_equal(signsignlms.mirror(fir(1), x, d, g, None)[2], signerrorlms.mirror(fir(1), x, d, g, None)[2])
    assert not signsignlms.mirror(fir(1), x, np.zeros(T), g, None)[2].any()       # sgn(0) = 0


def test_leak_settles_at_the_leaky_wiener_solution():
    ones = np.ones(4000)
    w = leakylms.mirror(fir(1, leak=0.25), ones, 2 * ones, 0.1 * ones, None)[2]
    assert w == pytest.approx(2 / 1.25, rel=1e-12)


def test_lmf_is_lms_with_the_gain_times_the_squared_error():
    x, d, _ = record()
    _, e, w = lmf.mirror(fir(4), x, d, np.full(T, 1e-3), None)
    assert np.allclose(w, lms.mirror(fir(4), x, d, 1e-3 * e * e, None)[2], rtol=1e-12)


def test_delay_zero_is_lms_and_delay_d_starts_d_late():
    x, d, _ = record()
    g = np.full(T, 0.02)
    assert np.array_equal(delayedlms.mirror(fir(4, delay=0), x, d, g, None)[2], lms.mirror(fir(4), x, d, g, None)[2])
    assert not delayedlms.mirror(fir(4, delay=5), x[:5], d[:5], g[:5], None)[2].any()
    assert delayedlms.mirror(fir(4, delay=5), x[:6], d[:6], g[:6], None)[2][0] == pytest.approx(0.02 * d[0] * x[0])


def test_apa_of_order_one_is_nlms():
    x, d, _ = record()
    g = np.full(T, 0.5)
    a = apa.mirror(fir(4, order=1, eps=1e-3), x, d, g, None)
    assert np.allclose(a[2], nlms.mirror(fir(4, eps=1e-3), x, d, g, None)[2], rtol=1e-12)


def test_apa_at_gain_one_leaves_no_error_on_its_last_rows():
    x, d, _ = record(T=50)
    w = apa.mirror(fir(4, order=3, eps=1e-12), x, d, np.ones(50), None)[2]
    rows = regressors.Record(Spec(taps=4, channels=1), x, d)
    assert np.allclose([rows.row(k) @ w for k in (47, 48, 49)], d[47:], atol=1e-10)


@pytest.mark.parametrize("f", [1.0, 0.97])
def test_rls_is_regularized_weighted_least_squares(f):
    x, d, _ = record()
    w = rls.mirror(fir(4, delta=50.0), x, d, np.ones(T), np.full(T, f))[2]
    r = regressors.Record(Spec(taps=4, channels=1), x, d)
    U = np.array([r.row(k) for k in range(T)])
    weight = f ** np.arange(T - 1.0, -1, -1)
    batch = np.linalg.solve(U.T * weight @ U + f**T / 50.0 * np.eye(4), U.T * weight @ d)
    assert np.allclose(w, batch, rtol=1e-10)


def test_rls_guard_holds_through_silence():
    x, d, truth = record(T=3000)
    x[300:2700] = 0
    d[300:2700] = 0
    w = rls.mirror(fir(4, delta=100.0), x, d, np.ones(3000), np.full(3000, 0.95))[2]
    assert np.linalg.norm(w) < 2 * np.linalg.norm(truth)


def test_rls_finds_an_arx_plant():
    x, _, _ = record()
    d = np.zeros(T)
    for k in range(1, T):                                 # d[-1] and x[-1] are zero still: before the record
        d[k] = 1.5 * d[k - 1] - 0.7 * d[k - 2] + 2.0 * x[k - 1] + (0.5 * x[k - 2] if k > 1 else 0.0)
    w = rls.mirror(arx(2, 2, delta=1e8), x, d, np.ones(T), np.ones(T))[2]
    assert np.allclose(w, [-1.5, 0.7, 2.0, 0.5], atol=1e-6)


def test_lti_against_the_impulse_response():
    system = lti.Lti(([0.5, 0.2], [1.0, -0.8, 0.15], True))       # .5z+.2 over z^2-.8z+.15
    h = [system(float(k == 0)) for k in range(5)]
    assert np.allclose(h, [0, 0.5, 0.6, 0.405, 0.234])
    assert lti.Lti(([2.0, 1.0], [1.0, 0.0], True))(3.0) == 6.0     # direct feed-through


def test_fxlms_through_no_path_is_lms_and_cancels_through_a_real_one():
    x, d, _ = record()
    g = np.full(T, 0.02)
    none = fir(4, secondary=([1.0], [1.0], True), estimate=None)
    assert np.array_equal(fxlms.mirror(none, x, d, g, None)[1], lms.mirror(fir(4), x, d, g, None)[1])
    path = ([0.0, 1.0, 0.5], [1.0, 0.0, 0.0], True)
    x, _, _ = record(T=6000)
    d = np.convolve(x, [0, 0.8, 0.3, -0.2])[:6000]
    e = fxlms.mirror(fir(12, secondary=path, estimate=None), x, d, np.full(6000, 0.02), None)[1]
    assert np.mean(e[-500:] ** 2) < 1e-6 * np.mean(d**2)


@pytest.mark.parametrize("normalized", [False, True])
def test_mit_rule_finds_the_feedforward_gain_of_a_first_order_plant(normalized):
    plant, reference = ([0.1], [1.0, -0.9], True), ([0.2], [1.0, -0.9], True)
    f = fir(1, plant=plant, reference=reference, normalized=normalized, alpha=1e-3)
    x = np.sign(np.sin(np.arange(6000) / 40))
    _, e, w = mitrule.mirror(f, x, None, np.full(6000, 0.005), None)
    assert w == pytest.approx(2.0, abs=1e-6)
    assert abs(e[-1]) < 1e-6


def test_kwong_johnston_settles_at_its_mean_and_never_passes_the_saturation():
    x, d, _ = record(T=20000)
    law = Spec(alpha=0.97, gamma=4.8e-4, start=2e-4, low=0.0, high=0.05, rate_limit=np.inf, saturate=True)
    _, e, _, g = kwongjohnston.mirror(law, fir(4), x, d)
    assert g[1:].mean() == pytest.approx(4.8e-4 * np.mean(e**2) / 0.03, rel=0.1)
    hot = Spec(**{**vars(law), "start": 1e6, "high": np.inf, "alpha": 1.0})
    g = kwongjohnston.mirror(hot, fir(4), x[:200], d[:200])[3]
    rows = regressors.Record(Spec(taps=4, channels=1), x[:200], d[:200])
    assert all(g[k] * np.sum(rows.row(k) ** 2) <= 2 * (1 + 1e-12) for k in range(200))


def test_rmsprop_moves_by_its_rate_on_a_steady_gradient():
    ones = np.ones(300)
    law = Spec(rate=1e-4, beta=0.9, eps=0.0, low=0.0, high=np.inf, rate_limit=np.inf, saturate=True)
    _, _, w, g = rmsprop.mirror(law, fir(1), ones, 5 * ones)
    assert w == pytest.approx(300 * 1e-4, rel=0.2) and g.shape == (300, 1)


def test_schedules_at_points_known_by_hand():
    s = schedules
    assert s.inversetime(Spec(start=1.0, decay=1.0, every=10, staircase=True), 19) == 0.5
    assert s.timebased(Spec(start=1.0, decay=1.0), 3) * 24 == 1
    assert s.step(Spec(start=1.0, factor=0.5, every=10), 20) == 0.25
    assert s.exponential(Spec(start=1.0, rate=0.5, every=2, floor=0.25, staircase=False), 9) == 0.25
    assert float(s.cosine(Spec(start=1.0, end=0.2, steps=8), 4)) == pytest.approx(0.6, rel=1e-15)
    assert float(s.cosine(Spec(start=1.0, end=0.2, steps=8), 99)) == 0.2
    assert float(s.cos(s.PI / 3)) == 0.5 and float(s.cos(s.D(0))) == 1.0
    assert float(s.log_gamma(s.D(11))) == pytest.approx(math.log(math.factorial(10)), rel=1e-15)
    restarts = Spec(start=1.0, end=0.0, steps=10, factor=3.0, decay=0.5)
    assert [float(s.cosinerestarts(restarts, k)) for k in (0, 5, 10, 25, 40)] == pytest.approx([1, 0.5, 0.5, 0.25, 0.25])
    triangle = Spec(low=1.0, high=2.0, half_period=10, mode="triangular2", gamma=1.0)
    assert [float(s.cyclic(triangle, k)) for k in (0, 5, 10, 20, 30)] == [1, 1.5, 2, 1, 1.5]
    assert [round(float(s.silver(Spec(high=1.0), k)), 3) for k in range(4)] == [1.414, 2, 1.414, 3.414]
    roots = [float(s.chebyshev(Spec(low=1.0, high=3.0, steps=5), k)) for k in range(5)]
    assert np.prod([1 - 2.0 * m for m in roots]) == pytest.approx(0, abs=1e-15)            # T_5 of the middle
    ramp = [float(s.warmup(lambda k: s.D(1) / (1 + k), 4, 0.0, k)) for k in range(6)]
    assert ramp == [0, 0.25, 0.5, 0.75, 1.0, 0.5] and math.isfinite(ramp[-1])
