"""Laws with one gain per weight: what the papers promise, and how the laws are related to each other."""

from __future__ import annotations

import numpy as np
import pytest

import gainsched as gs
from gainsched import registry

PER_WEIGHT = [cls for cls in (registry.find("law", name) for name in registry.names("law")) if cls.per_weight]
OURS = [gs.IDBD, gs.Autostep, gs.K1, gs.K2, gs.SMD, gs.DeltaBarDelta, gs.AdaGrad, gs.RMSProp, gs.AdaDelta, gs.Adam,
        gs.AMSGrad, gs.NAdam, gs.Adamax, gs.Lion]


def regression(samples, inputs, seed=0, noise=0.1):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((samples, inputs))
    return x, x @ rng.standard_normal(inputs) + noise * rng.standard_normal(samples)


def on(inputs):
    return gs.LMS(gs.FIR(taps=1, channels=inputs))


def gains_of(law, x, d, filter=None):
    run = gs.Loop(filter or on(x.shape[1]), gain=law).run(x, d, record=gs.Record(gain=1))
    return run, run.gain.reshape(run.n, -1)


# -- Sutton's job: twenty inputs, five that matter, whose signs flip ---------------------------------------------------


def flipping(samples, every, noise, seed=0):
    """d = sum of five of twenty inputs, with signs of which one, drawn at random, flips every so many samples."""
    rng = np.random.default_rng(seed)
    x, signs, d = rng.standard_normal((samples, 20)), rng.choice([-1.0, 1.0], 5), np.zeros(samples)
    for k in range(samples):
        if k % every == 0:
            signs[rng.integers(5)] *= -1.0
        d[k] = signs @ x[k, :5]
    return x, d + noise * rng.standard_normal(samples)


def steady(gain, x, d, burn):
    run = gs.Loop(on(20), gain=gain, on_divergence="stop").run(x, d)
    return np.mean(run.e[burn:] ** 2) if run.status == "done" else np.inf


@pytest.mark.parametrize(("samples", "burn", "every", "noise"), [(30_000, 20_000, 20, 0.0), (120_000, 40_000, 200, 0.3)],
                         ids=["as published", "longer, with noise"])
def test_idbd_and_autostep_beat_the_best_constant_gain_where_few_inputs_matter(samples, burn, every, noise):
    x, d = flipping(samples, every, noise)
    grid = np.geomspace(0.002, 0.12, 60)                   # 7 % apart; both ends are far from the best
    found = [steady(gain, x, d, burn) for gain in grid]
    best = int(np.argmin(found))
    assert 5 < best < 54
    # measured: 1.46 and 2.41 against 3.42 (IDBD's paper: 1.5 against 3.5); .296 and .416 against .598 with noise .09
    assert steady(gs.IDBD(), x, d, burn) < 0.55 * found[best]
    assert steady(gs.Autostep(), x, d, burn) < 0.75 * found[best]


def test_idbd_finds_the_inputs_that_matter():
    x, d = flipping(30_000, 20, 0.0)
    _, gains = gains_of(gs.IDBD(), x, d)
    assert gains[-1, :5].min() > 20.0 * gains[-1, 5:].max()


# -- relations --------------------------------------------------------------------------------------------------------


def test_the_sensitivity_of_smd_is_the_trace_of_idbd_for_one_weight():
    x, d = regression(400, 1)
    loops = [gs.Loop(on(1), gain=gs.IDBD(meta=0.0, start=0.05)), gs.Loop(on(1), gain=gs.SMD(meta=0.0, decay=1.0, start=0.05))]
    for xk, dk in zip(x, d, strict=True):
        for loop in loops:
            loop.step(xk, dk)
        trace, sensitivity = loops[0].state["gain_trace"], loops[1].state["gain_sensitivity"]
        np.testing.assert_allclose(sensitivity, trace, rtol=1e-12, atol=1e-15)   # h(1 - p x^2) + p g, written twice


def test_smd_is_idbd_to_first_order_for_one_weight():
    x, d = regression(400, 1)
    apart = []
    for meta in (1e-2, 1e-3):
        gains = [gains_of(law, x, d)[1] for law in (gs.IDBD(meta=meta, start=0.02), gs.SMD(meta=meta, decay=1.0, start=0.02))]
        apart.append(np.abs(gains[0] / gains[1] - 1.0).max())
    assert apart[1] < apart[0] / 50.0                      # exp(a) against 1 + a: the difference is of order meta^2


def test_adam_without_momentum_is_rmsprop_once_its_average_is_full():
    x, d = regression(3000, 5)
    loops = []
    for law in (gs.RMSProp(rate=1e-3, beta=0.99), gs.Adam(rate=1e-3, beta1=0.0, beta2=0.99)):
        loop = gs.Loop(on(5), gain=0.01)
        loop.run(x[:1000], d[:1000])
        loop.swap(gain=law)                                # a power that is taken over lacks nothing
        loops.append(loop.run(x[1000:], d[1000:], record=gs.Record(gain=1)))
    np.testing.assert_allclose(loops[1].w, loops[0].w, rtol=1e-12)
    np.testing.assert_allclose(loops[1].gain, loops[0].gain, rtol=1e-11)


def test_the_first_step_of_adam_is_its_rate():
    x, d = regression(1, 7)
    run = gs.Loop(on(7), gain=gs.Adam(rate=0.01, saturate=False)).run(x, d)
    np.testing.assert_allclose(np.abs(run.w), 0.01, rtol=1e-6)        # eps against gradients of .01 and more


def test_adadelta_holds_the_ratio_of_steps_to_gradients():
    law, (x, d) = gs.AdaDelta(), regression(300, 9)
    loop = gs.Loop(on(9), gain=law)
    for xk, dk in zip(x, d, strict=True):
        moved = loop.state["gain_moved"]
        loop.step(xk, dk)
        gain, power = loop.state["gain_now"], loop.state["gain_power"]
        ratio = gain**2 * (power + law.eps) / (moved + law.eps)
        assert (ratio < 1.0 + 1e-14).all()                 # below one where saturation took its part, for all alike
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-13)


@pytest.mark.parametrize("inputs", [3, 16, 33])
def test_lion_moves_every_weight_by_its_rate(inputs):
    x, d = regression(500, inputs)
    rate = 2.0**-10                                        # sums of it are exact
    run = gs.Loop(on(inputs), gain=gs.Lion(rate=rate, saturate=False)).run(x, d, record=gs.Record(weights=1))
    steps = np.diff(run.weights.reshape(500, -1), axis=0)
    assert np.array_equal(np.abs(steps), np.full(steps.shape, rate))


@pytest.mark.parametrize("law", [gs.AdaGrad(), gs.AMSGrad()], ids=repr)
def test_gains_over_sums_and_peaks_never_rise(law):
    x, d = regression(2000, 6)
    _, gains = gains_of(law.__class__(rate=law.rate, saturate=False), x, d)
    assert (np.diff(gains, axis=0) <= 0.0).all()


@pytest.mark.parametrize("law", [gs.Autostep(), gs.K1(), gs.K2()], ids=repr)
def test_normalized_laws_never_overshoot(law):
    x, d = regression(2000, 6)
    x[700:720] *= 1e4
    _, gains = gains_of(law, x, d)
    assert ((gains * x**2).sum(axis=1) <= 1.0 + 1e-14).all()


def test_a_log_gain_moves_by_two_at_most():
    x, d = regression(50, 5)
    _, gains = gains_of(gs.IDBD(meta=1e9, saturate=False, high=1e-3, start=1e-4), x, d)
    steps = np.abs(np.diff(np.log(gains), axis=0))
    assert steps.max() <= 2.0 + 1e-12


# -- state, start, numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_a_law_starts_from_the_gains_in_force(cls):
    assert cls in PER_WEIGHT
    start = np.array([0.01, 0.02, 0.0, 0.03])
    state = cls().initial(4, start)
    assert next(iter(state)) == "now"
    assert np.array_equal(state["now"][start > 0], start[start > 0])
    assert state["now"][2] <= 1e-6                         # Autostep's gains cannot leave zero: it gives them a seed
    assert all(np.isfinite(part).all() for part in state.values())
    assert {name: part.shape for name, part in state.items()} == {n: p.shape for n, p in cls().initial(4).items()}


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_a_swap_is_bumpless(cls):
    x, d = regression(3000, 6)
    loop = gs.Loop(on(6), gain=0.01)
    loop.run(x[:2000], d[:2000])
    loop.swap(gain=cls())
    first = loop.run(x[2000:2001], d[2000:2001], record=gs.Record(gain=1)).gain
    if cls in (gs.IDBD, gs.SMD, gs.DeltaBarDelta, gs.Autostep):
        np.testing.assert_allclose(first, 0.01, rtol=1e-14)
    elif cls in (gs.K1, gs.K2):
        np.testing.assert_allclose(first, 0.01, rtol=0.05)      # inputs of about unit power are what it assumes
    elif cls is not gs.Lion:
        assert (first <= 0.01 / np.sqrt(0.95) * (1.0 + 1e-6)).all()   # the shortest memory (AdaDelta's) forgets 5 %


@pytest.mark.parametrize("law", [gs.IDBD(), gs.SMD(), gs.DeltaBarDelta(), gs.K1(), gs.K2(), gs.RMSProp(), gs.Lion()], ids=repr)
def test_gains_come_back_after_a_burst(law):
    rng = np.random.default_rng(2)
    x, h = rng.standard_normal(12_000), rng.standard_normal(32) / 6.0
    x[4000:4050] *= 1e6
    d = np.convolve(x, h)[: len(x)] + 0.1 * rng.standard_normal(len(x))
    run, gains = gains_of(law, x, d, gs.LMS(32))
    assert 0.2 < np.median(gains[-1] / gains[3999]) < 5.0       # the burst: a factor 1e12 for what follows its power
    assert np.mean(run.e[-2000:] ** 2) < 2.0 * np.mean(run.e[2000:4000] ** 2)


def test_roots_are_exact_over_the_whole_range():
    """rate / |e u| for gradients from 1e-130 to 1e130, seven lanes beyond full vectors."""
    size = np.logspace(-130, 130, 103)
    run = gs.Loop(on(103), gain=gs.AdaGrad(rate=1.0, eps=1e-300, saturate=False)).run(size[None], np.ones(1),
                                                                                      record=gs.Record(gain=1))
    np.testing.assert_allclose(run.gain.ravel() * size, 1.0, rtol=1e-15)


def test_log_gains_grow_by_exponentials():
    """Autostep moves by its meta where the drive is at its largest: exact for small steps and large ones."""
    for meta in (1e-6, 0.01, 0.02, 0.5, 3.0):
        law = gs.Autostep(meta=meta, start=1e-6)
        x = np.ones((2, 5))
        _, gains = gains_of(law, x, np.array([1.0, 1.0]))
        np.testing.assert_allclose(gains[1] / gains[0], np.exp(meta), rtol=1e-15)
