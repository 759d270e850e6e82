"""Compensators in closed form: poles, limits, noise, averages; and what they equal."""

from __future__ import annotations

import numpy as np
import pytest

import gainsched as gs

MOMENTA = [gs.HeavyBall, gs.Nesterov, gs.GradientEMA]


def one_mode(loop_gain, compensator, steps, w0=1.0):
    """Weight errors of a single weight under u = 1, d = 0: w_{k+1} = w_k - loop_gain w_k through the compensator."""
    loop = gs.Loop(gs.LMS(1), gain=loop_gain, compensator=compensator, w0=[w0], on_divergence="stop", limit=1e300)
    run = loop.run(np.ones(steps), np.zeros(steps), record=gs.Record(weights=1))
    return np.append(w0, run.weights[:, 0])


@pytest.mark.parametrize("loop_gain", [0.03, 0.4, 1.1])
@pytest.mark.parametrize("beta", [0.3, 0.9])
@pytest.mark.parametrize("kind", MOMENTA)
def test_a_mode_obeys_its_characteristic_polynomial(kind, beta, loop_gain):
    """(z - 1)(z - beta) + loop_gain num(z) of `transfer`, applied to the simulated weights, leaves nothing."""
    num, den = kind(beta).transfer(beta)
    polynomial = np.polyadd(np.polymul([1.0, -1.0], den), loop_gain * np.array(num))
    w = one_mode(loop_gain, kind(beta), 200)
    left = polynomial[0] * w[2:] + polynomial[1] * w[1:-1] + polynomial[2] * w[:-2]
    assert np.abs(left).max() < 1e-14 * np.abs(w).max()
    roots = np.roots(polynomial)                                   # the start is on both modes: w0 = 1 and at rest
    w1 = w[1]
    a, b = np.linalg.solve([[1.0, 1.0], roots], [1.0, w1])
    assert np.allclose(w, (a * roots[0] ** np.arange(201) + b * roots[1] ** np.arange(201)).real, atol=1e-11)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("kind", "limit"), [
    (gs.HeavyBall, lambda b: 2 * (1 + b)), (gs.Nesterov, lambda b: 2 * (1 + b) / (1 + 2 * b)),
    (gs.GradientEMA, lambda b: 2 * (1 + b) / (1 - b))])
def test_stability_limits(kind, limit, beta):
    assert kind(beta).limit(beta) == pytest.approx(limit(beta), rel=1e-14)
    inside, outside = (np.abs(one_mode(f * limit(beta), kind(beta), 4000)) for f in (0.99, 1.01))
    assert inside[-1] < 1e-6 and outside[-1] > 1e6


@pytest.mark.parametrize("kind", MOMENTA)
@pytest.mark.parametrize("filter", [gs.LMS(8), gs.NLMS(8), gs.RLS(4)], ids=repr)
def test_zero_beta_is_no_compensator(kind, filter):
    x = np.random.default_rng(0).standard_normal(2000)
    d = np.convolve(x, [1.0, -0.5, 0.3])[:2000]
    gain = 1.0 if isinstance(filter, gs.RLS) else 0.05
    plain, through = filter.run(x, d, gain=gain), filter.run(x, d, gain=gain, compensator=kind(0.0))
    assert np.allclose(through.e, plain.e, rtol=0, atol=1e-12)
    assert np.allclose(through.w, plain.w, rtol=0, atol=1e-14)


@pytest.mark.parametrize(("eta", "beta", "power"), [(0.1, 0.9, 0.5135135), (1.0, 0.5, 1.5)])
def test_noise_of_heavy_ball(eta, beta, power):
    """eta s^2 (1+b) / ((1-b)(2(1+b) - eta)) for u = 1 (the noise of the correction is that of e)."""
    expected = eta * (1 + beta) / ((1 - beta) * (2 * (1 + beta) - eta))
    assert expected == pytest.approx(power, rel=1e-6)
    T = 400_000
    run = gs.LMS(1).run(np.ones(T), np.random.default_rng(1).standard_normal(T), gain=eta, compensator=gs.HeavyBall(beta),
                        record=gs.Record(weights=1))
    assert np.mean(run.weights[1000:] ** 2) == pytest.approx(expected, rel=0.03)    # ~ 1 % by its correlation time


def test_polyak_ruppert_leaves_the_weights_alone():
    """Bit for bit where the loop beside it is the same; lookahead blocks serve loops without a compensator alone."""
    x = np.random.default_rng(0).standard_normal(3000)
    d = np.convolve(x, [1.0, -0.5])[:3000]
    for filter, gain in ((gs.LMS(5), 0.01), (gs.LeakyLMS(5), 0.01), (gs.NLMS(5), np.linspace(0.1, 1, 5)[:, None])):
        plain, beside = filter.run(x, d, gain=gain), filter.run(x, d, gain=gain, compensator=gs.PolyakRuppert())
        tolerance = 0.0 if np.ndim(gain) else 1e-13
        assert np.allclose(plain.w, beside.w, rtol=0.0, atol=tolerance)
        assert np.allclose(plain.e, beside.e, rtol=0.0, atol=tolerance)
        assert plain.average is None and beside.average is not None


def test_the_average_is_what_apply_uses_and_swap_keeps():
    x = np.random.default_rng(0).standard_normal(2000)
    d = np.convolve(x, [1.0, -0.5])[:2000] + np.random.default_rng(1).standard_normal(2000)
    loop = gs.Loop(gs.LMS(2), gain=0.05, compensator=gs.PolyakRuppert(start=100))
    run = loop.run(x, d, record=gs.Record(weights=1))
    assert np.allclose(loop.average, run.weights[100:].mean(axis=0), rtol=1e-12)
    assert np.array_equal(run.average, loop.average)
    assert np.allclose(loop.apply(x), np.convolve(x, loop.average)[:2000], rtol=1e-12, atol=1e-14)
    assert run.to_dict()["average"] == loop.average.tolist()
    loop.reset()
    assert not loop.average.any() and not loop.w.any()


def test_before_its_start_the_average_is_w():
    x = np.random.default_rng(0).standard_normal(50)
    run = gs.LMS(2).run(x, x, gain=0.1, w0=[0.3, 0.2], compensator=gs.PolyakRuppert(start=1000))
    assert np.array_equal(run.average, run.w)
    loop = gs.Loop(gs.LMS(2), gain=0.1, w0=[0.3, 0.2], compensator=gs.PolyakRuppert())
    assert np.array_equal(loop.average, [0.3, 0.2])


def test_schedule_free_without_pull_is_a_plain_loop_with_a_weighted_average():
    x = np.random.default_rng(0).standard_normal(1500)
    d = np.convolve(x, [1.0, -0.5])[:1500]
    gain = gs.Cosine(0.05, 0.01, 1500)
    plain = gs.LMS(3).run(x, d, gain=gain, record=gs.Record(weights=1))
    free = gs.LMS(3).run(x, d, gain=gain, compensator=gs.ScheduleFree(0.0))
    assert np.allclose(free.w, plain.w, rtol=1e-12)
    weights = gain(np.arange(1500)) ** 2
    assert np.allclose(free.average, weights @ plain.weights / weights.sum(), rtol=1e-11)


def test_schedule_free_at_gain_zero_stays():
    x = np.random.default_rng(0).standard_normal(100)
    loop = gs.Loop(gs.LMS(2), gain=0.0, w0=[0.25, 0.5], compensator=gs.ScheduleFree(0.5))
    loop.run(x, x)
    assert np.array_equal(loop.w, [0.25, 0.5]) and np.array_equal(loop.average, [0.25, 0.5])


def powers(gains):
    """(n E mean^2, n E last^2) of w+ = w - mu_k w + mu_k noise from w = 0, by its exact second moments."""
    last, with_sum, total = 0.0, 0.0, 0.0
    for mu in gains:
        now = (1 - mu) ** 2 * last + mu**2
        total += 2 * (1 - mu) * with_sum + now
        with_sum = (1 - mu) * with_sum + now
        last = now
    return total / len(gains), len(gains) * last


@pytest.mark.slow
def test_the_average_reaches_the_best_covariance():
    """n var -> H^-1 C H^-1 = 1 for u = 1, unit noise, gain .5 k^-0.67; the last iterate is 6.7 times worse."""
    n, trials = 20_000, 3000
    gains, rng = 0.5 * (np.arange(n) + 1.0) ** -0.67, np.random.default_rng(5)
    loop = gs.Loop(gs.LMS(1), gain=gains, compensator=gs.PolyakRuppert())
    last, mean = np.empty(trials), np.empty(trials)
    for i in range(0, trials, 100):
        for j, run in enumerate(loop.run_many(np.ones((100, n)), rng.standard_normal((100, n)))):
            last[i + j], mean[i + j] = run.w[0], run.average[0]
    best, worse = powers(gains)
    assert best == pytest.approx(1.0, abs=0.05) and worse == pytest.approx(6.74, abs=0.01)
    assert n * np.mean(mean**2) == pytest.approx(best, rel=0.08)        # 3 standard errors of 3000 trials
    assert n * np.mean(last**2) == pytest.approx(worse, rel=0.08)


@pytest.mark.parametrize("compensator", [gs.HeavyBall(0.9), gs.PolyakRuppert(), gs.ScheduleFree()], ids=repr)
def test_divergence_is_found_with_a_compensator(compensator):
    x = np.random.default_rng(0).standard_normal(5000)
    run = gs.LMS(4).run(x, x, gain=50.0, compensator=compensator, on_divergence="stop")
    assert run.status == "diverged" and np.isfinite(run.w).all()


def test_beta_is_no_port_where_there_is_none():
    loop = gs.Loop(gs.LMS(2), gain=0.1, compensator=gs.PolyakRuppert())
    assert "beta" not in {p.name for p in gs.PolyakRuppert.parameters()}
    assert "compensator=PolyakRuppert()" in repr(loop)
    with pytest.raises(TypeError, match="compensator"):
        gs.Loop(gs.LMS(2), gain=0.1, compensator=0.9)
