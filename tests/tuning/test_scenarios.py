"""Scenarios: the same trial for the same seed, and the truth that they claim."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import gainsched as gs

PLANT, REFERENCE = ([0.1], [1, -0.9]), ([0.2], [1, -0.9])
ALL = [
    gs.scenarios.Identification(5, samples=3000, color=0.7),
    gs.scenarios.Identification([1.0, -0.5], samples=3000, regressors="independent"),
    gs.scenarios.Echo(taps=20, decay=30, samples=3000, double_talk=(1000, 2000, 3.0)),
    gs.scenarios.NoiseCancelling(samples=3000, color=0.5),
    gs.scenarios.Equalizing(samples=3000),
    gs.scenarios.Equalizing(samples=3000, symbols="qam16"),
    gs.scenarios.LineEnhancement(samples=3000),
    gs.scenarios.Tracking(4, drift=1e-5, samples=3000),
    gs.scenarios.ModelReference(PLANT, REFERENCE, noise=0.01, samples=3000),
]
NAMES = [f"{type(s).__name__}{i}" for i, s in enumerate(ALL)]
THEORY = [
    gs.scenarios.Identification(5, samples=40_000, color=0.7),
    gs.scenarios.Identification([1.0, -0.5, 0.2], samples=40_000, color=(0.5, -0.3)),
    gs.scenarios.Echo(taps=8, decay=16, samples=40_000, color=0.8, snr_db=10),
    gs.scenarios.NoiseCancelling(samples=40_000, color=0.5, signal_color=0.0),
    gs.scenarios.Equalizing(samples=40_000, snr_db=15, delay=3),
    gs.scenarios.Equalizing(samples=40_000, snr_db=15, delay=3, symbols="qam4"),
    gs.scenarios.LineEnhancement(samples=40_000),
]


@pytest.mark.parametrize("scenario", ALL, ids=NAMES)
def test_trial_depends_on_seed_and_number_alone(scenario):
    one, again = scenario.trial(3, seed=5), pickle.loads(pickle.dumps(scenario)).trial(3, seed=5)
    scenario.trial(4, seed=5)
    for name in ("x", "d", "noise", "weights"):
        a, b = getattr(one, name), getattr(again, name)
        assert (a is None and b is None) or np.array_equal(a, b), name
    assert not np.array_equal(one.d, scenario.trial(4, seed=5).d)
    assert not np.array_equal(one.d, scenario.trial(3, seed=6).d)
    assert one.x.shape == ((3000,) if scenario.width == 1 else (3000, scenario.width)) and one.d.shape == (3000,)


@pytest.mark.parametrize("scenario", ALL, ids=NAMES)
def test_scenario_is_a_value(scenario):
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    assert eval(repr(scenario), vars(gs.scenarios)) == scenario
    with pytest.raises(AttributeError):
        scenario.samples = 3


@pytest.mark.parametrize("scenario", ALL, ids=NAMES)
def test_noise_is_what_the_weights_leave(scenario):
    trial = scenario.trial(0)
    if trial.noise is not None:
        allowed = 6 * np.sqrt(20 / 3000) * scenario.noise_power             # colored noise: fewer independent samples
        quiet = trial.noise if getattr(scenario, "double_talk", None) is None else trial.noise[:1000]
        assert abs(np.mean(quiet**2) - scenario.noise_power) < max(allowed, 1e-30)
    if trial.weights is None or isinstance(scenario, gs.scenarios.ModelReference):
        return
    n = trial.weights.shape[-1]
    model = gs.FIR(1, channels=n) if scenario.width > 1 else gs.FIR(n)
    truth = trial.weights if trial.weights.ndim == 2 else np.broadcast_to(trial.weights, (3001, n))
    u = np.concatenate([np.zeros(n - 1), trial.x]) if model.taps > 1 else trial.x
    rows = np.lib.stride_tricks.sliding_window_view(u, n)[:, ::-1] if model.taps > 1 else u
    np.testing.assert_allclose(trial.d - np.sum(rows * truth[:-1], axis=1), trial.noise, atol=1e-12)


@pytest.mark.parametrize("scenario", THEORY, ids=[f"{type(s).__name__}{i}" for i, s in enumerate(THEORY)])
def test_excitation_is_what_least_squares_finds(scenario):
    """Second moments over eight trials of 40 000 samples; 4 %: five standard errors of the most colored."""
    n, found = 4, []
    for i in range(8):
        trial = scenario.trial(i)
        rows = np.lib.stride_tricks.sliding_window_view(trial.x, n)[:, ::-1]
        d = trial.d[n - 1:]
        w = np.linalg.lstsq(rows, d, rcond=None)[0]
        found.append((rows.conj().T @ rows / len(rows), w, np.mean(np.abs(d - rows @ w) ** 2)))
    R, w, noise = (np.mean([row[j] for row in found], axis=0) for j in range(3))
    exc = scenario.excitation(n)
    assert np.abs(R - exc.R).max() < 0.04 * np.abs(exc.R).max()
    if exc.w_opt is not None:
        assert np.abs(w - exc.w_opt).max() < 0.04 * max(np.abs(exc.w_opt).max(), 0.1)
    if getattr(scenario, "plant", None) != 5 and not isinstance(scenario, gs.scenarios.Echo):
        assert noise == pytest.approx(exc.noise, rel=0.04)


def test_taps_that_a_filter_lacks_count_as_noise():
    """On average over rooms, which differ by a third each: 64 of them."""
    scenario = gs.scenarios.Echo(taps=8, decay=24, samples=4000, color=0.6, snr_db=20)
    found = []
    for i in range(64):
        trial = scenario.trial(i)
        rows = np.lib.stride_tricks.sliding_window_view(trial.x, 4)[:, ::-1]
        w = np.linalg.lstsq(rows, trial.d[3:], rcond=None)[0]
        found.append(np.mean((trial.d[3:] - rows @ w) ** 2))
    exc = scenario.excitation(4)
    assert exc.noise > 3 * scenario.noise_power
    assert abs(np.mean(found) - exc.noise) < 4 * np.std(found) / 8


def test_speech_colored_input_has_two_formants():
    x = gs.scenarios.Echo(samples=100_000).trial(0).x
    spectrum = np.abs(np.fft.rfft(x.reshape(100, 1000), axis=1)) ** 2
    mean = spectrum.mean(axis=0)
    first, valley, second, high = (mean[int(f / 8)] for f in (500, 1000, 1500, 3500))      # bins of 8 Hz
    assert first > 3 * valley and second > valley and second > 10 * high


@pytest.mark.parametrize(("make", "words"), [
    (lambda: gs.scenarios.Identification(0), "plant must be an integer >= 1, got 0"),
    (lambda: gs.scenarios.Identification([0.0]), "plant must hold finite taps"),
    (lambda: gs.scenarios.Identification(3, color=1.0), "color must be the coefficients of a stable autoregression"),
    (lambda: gs.scenarios.Identification(3, power=0), "power must be a finite number > 0"),
    (lambda: gs.scenarios.Identification(3, regressors="white"), "regressors must be one of 'delay line', 'independent'"),
    (lambda: gs.scenarios.Echo(samples=100, double_talk=(50, 150, 0)), "double_talk must be"),
    (lambda: gs.scenarios.Equalizing(symbols="psk8"), "symbols must be one of"),
    (lambda: gs.scenarios.LineEnhancement([0.6], [1.0]), "frequencies must lie between"),
    (lambda: gs.scenarios.LineEnhancement([0.1], [1.0, 1.0]), "one per frequency"),
    (lambda: gs.scenarios.Tracking(3, drift=-1.0), "drift must be a finite number >= 0"),
    (lambda: gs.scenarios.ModelReference(([1, 0, 0], [1, 0]), REFERENCE), "degree of num"),
    (lambda: gs.scenarios.Tracking(3, drift=0.1).excitation(4), "size of R must be 4"),
])
def test_refusals(make, words):
    with pytest.raises(ValueError, match=words):
        make()
