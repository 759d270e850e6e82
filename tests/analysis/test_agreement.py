"""Report.compare: prediction against a run, with the standard error of what was measured."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.signal import lfilter

import gainsched as gs

EXC = gs.Excitation(1.0, noise=0.01)


def job(rng, T=20_000, noise=0.1):
    x = rng.standard_normal(T)
    return x, x + noise * rng.standard_normal(T)


def test_a_right_prediction_agrees(rng):
    loop = gs.Loop(gs.LMS(4), gain=gs.Exponential(0.05, rate=0.5, every=2000, floor=0.01))
    rep = gs.analyze(loop, EXC)
    run = loop.run(*job(rng))
    found = rep.compare(run, w_opt=[1.0, 0, 0, 0])
    assert found.agrees.all()
    assert found.sentence.startswith("measured error power agrees with the prediction, within")
    assert found.start.tolist() == list(range(0, 20_000, 2000))
    np.testing.assert_allclose(found.measured, [np.mean(run.e[a:a + 2000] ** 2) for a in found.start], rtol=1e-12)
    np.testing.assert_allclose(found.predicted, rep.learning_curve(20_000, w_opt=[1.0, 0, 0, 0]).reshape(10, -1).mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(found.error[3:], found.measured[3:] * np.sqrt(2 / 2000), rtol=0.9)       # of Gaussian errors; 10 batches


def test_three_standard_errors_are_kept():
    """Of 500 true predictions about 1 % leave three standard errors of ten batches (t with 9 degrees: 1.5 %)."""
    loop = gs.Loop(gs.LMS(2), gain=0.01, w0=[1.0, 0.0])
    rep = gs.analyze(loop, EXC)
    away = 0
    for seed in range(50):
        found = rep.compare(loop.run_many(*(s[None] for s in job(np.random.default_rng(seed), 5000)))[0], w_opt=[1.0, 0.0])
        away += int(np.sum(np.abs(found.measured - found.predicted) > 3 * found.error))
    assert away < 25


def test_a_wrong_assumption_shows(rng):
    loop = gs.Loop(gs.LMS(4), gain=0.02)
    rep = gs.analyze(loop, EXC)
    found = rep.compare(loop.run(*job(rng, noise=0.2)))                # the noise is 6 dB larger than was said
    assert not found.agrees[-1]
    assert "dB above the prediction in samples" in found.sentence
    assert "*" in str(found)
    assert found.difference_db[-1] == pytest.approx(6.0, abs=0.5)


def test_a_start_unlike_the_assumed_one_is_forgotten(rng):
    loop = gs.Loop(gs.LMS(4), gain=0.01)
    rep = gs.analyze(loop, EXC)
    x = rng.standard_normal(20_000)
    found = rep.compare(loop.run(x, 10 * x + 0.1 * rng.standard_normal(20_000)))      # w_opt 100 times the assumed power
    assert "agrees with the prediction from sample 2000 on" in found.sentence


def test_without_noise_rounding_is_no_difference(rng):
    x = rng.standard_normal(20_000)
    loop = gs.Loop(gs.NLMS(4), gain=1.0)
    rep = gs.analyze(loop, gs.Excitation(1.0, noise=0.0))
    found = rep.compare(loop.run(x, x), w_opt=[1.0, 0, 0, 0])
    assert np.isfinite(found.error).all()
    json.dumps(found.to_dict())


def test_later_runs_and_gaps_and_stops(rng):
    x, d = job(rng)
    loop = gs.Loop(gs.LMS(4), gain=0.01, nonfinite="skip")
    rep = gs.analyze(loop, EXC)
    loop.run(x[:5000], d[:5000])
    d[6000:8000] = np.nan
    later = rep.compare(loop.run(x[5000:], d[5000:]), windows=15)
    assert later.start.tolist() == [5000, *range(8000, 20_000, 1000)]
    assert later.agrees.all()
    stopped = gs.Loop(gs.LMS(4), gain=1.0, on_divergence="stop")
    report = gs.analyze(stopped, EXC)
    found = report.compare(stopped.run(x, np.nan_to_num(d)), windows=1)
    json.dumps(found.to_dict(), allow_nan=False)


def test_colored_errors_count_for_what_they_are(rng):
    """Batch means see the correlation: white noise and AR(1) noise of the same power get different standard errors."""
    T = 50_000
    x = rng.standard_normal(T)
    v = rng.standard_normal(T)
    slow = lfilter([np.sqrt(1 - 0.95**2)], [1, -0.95], v)
    loop = gs.Loop(gs.LMS(1), gain=1e-4, w0=[1.0])
    rep = gs.analyze(loop, gs.Excitation(1.0, noise=1.0))
    white, colored = (rep.compare(loop.run_many(x[None], (x + n)[None])[0], w_opt=[1.0]) for n in (v, slow))
    assert np.median(colored.error) > 2.5 * np.median(white.error)                    # squares of AR(1): (1 + a^2)/(1 - a^2) = 19.5


def test_refusals(rng):
    x, d = job(rng, 500)
    loop = gs.Loop(gs.LMS(4), gain=0.01)
    early = loop.run(x, d)
    rep = gs.analyze(loop, EXC)
    for run, options, message in ((early, {}, "must be >= 500"), (gs.NLMS(4).run(x, d), {}, "must be of the analyzed filter"),
                                  (loop.run(x, d), {"windows": 0}, "windows must be an integer >= 1"),
                                  (loop.run(x[:50], d[:50]), {}, "must be >= 100")):
        with pytest.raises(ValueError, match=message):
            rep.compare(run, **options)
    law = gs.Loop(gs.LMS(4), gain=gs.KwongJohnston())
    with pytest.raises(gs.NoTheory, match="KwongJohnston"):
        gs.analyze(law, EXC).compare(law.run(x, d))


def test_a_long_record_is_interpolated_where_it_is_slow():
    """Powers predicted in ten stretches, 100000 samples under a schedule, against every sample followed."""
    loop = gs.Loop(gs.LMS(4), gain=gs.Step(0.1, 0.5, every=15_000))
    report = gs.analyze(loop, gs.Excitation(np.diag([1.9, 1.0, 0.9, 0.2]), noise=1e-3, w_opt=np.ones(4)))
    x, v = np.random.default_rng(0).standard_normal((2, 100_000))
    found = report.compare(loop.run(x, v), windows=10)
    exact = report.learning_curve(100_000).reshape(10, -1).mean(axis=1)
    np.testing.assert_allclose(found.predicted, exact, rtol=2e-4)


def test_what_is_no_run_is_refused():
    with pytest.raises(TypeError, match="compare: run must be a Run, got 3"):
        gs.analyze(gs.Loop(gs.LMS(4), gain=0.1), gs.Excitation(1.0)).compare(3)


def test_a_refusal_shows_the_ends_of_a_long_array():
    with pytest.raises(TypeError, match="must be an Excitation") as error:
        gs.analyze(gs.Loop(gs.LMS(4), gain=0.1), np.ones(900))
    assert len(str(error.value)) < 400


def test_a_prediction_of_nothing_is_refused_without_warnings():
    x = np.random.default_rng(0).standard_normal(500)
    loop = gs.Loop(gs.LMS(4), gain=0.1)
    rep = gs.analyze(loop, x=x, d=np.zeros(500))
    with pytest.raises(ValueError, match="predicted error power is 0 throughout"):
        rep.compare(loop.run(x, np.zeros(500)))
