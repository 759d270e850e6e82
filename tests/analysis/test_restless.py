"""Schedules without a limit: judged by their values, by their period where they repeat; never a nan for a number."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import gainsched as gs

EXC = gs.Excitation(np.diag([1.0, 0.5, 0.1, 0.05]), noise=0.01)
BOUND = gs.analyze(gs.Loop(gs.LMS(4), gain=0.1), EXC).range[1]
RESTLESS = [gs.Cyclic(0.01, 0.1, 50), gs.Cyclic(0.01, 3.0, 50), gs.Chebyshev(0.05, 1.0, 8), gs.Silver(1.0), gs.Silver(50.0),
            gs.Function(lambda k: 0.1), gs.Function(lambda k: 5 if k % 2 else 0.1), gs.Constant(0.1).noisy(0.1, 0),
            gs.CosineRestarts(0.1, 0.01, 100, factor=2), gs.CosineRestarts(0.1, 0.0, 100, decay=0.5),
            gs.Cyclic(0.01, 0.2, 5).warmup(10), gs.Cosine(0.1, 0.0, 10).repeat(10)]


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.NLMS(4), gs.DelayedLMS(4, delay=2), gs.SignErrorLMS(4), gs.LeakyLMS(4)], ids=repr)
@pytest.mark.parametrize("gain", RESTLESS, ids=repr)
def test_no_report_shows_a_nan(filter, gain):
    report = gs.analyze(gs.Loop(filter, gain=gain), EXC)
    assert " nan" not in str(report)
    json.dumps(report.to_dict(), allow_nan=False)
    assert report.emse is None or not math.isnan(report.emse)
    assert (report.verdict == "unstable") == (report.growth is not None and report.growth > 1)


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.NLMS(4)], ids=repr)
@pytest.mark.parametrize("gain", [gs.Cyclic(0.01, 0.4, 50), gs.Cosine(0.3, 0.0, 20).repeat(20).warmup(7), gs.Cyclic(0.01, 0.2, 3) + 0.1],
                         ids=repr)
def test_the_steady_state_of_a_period_is_the_mean_that_the_learning_curve_ends_in(filter, gain):
    report = gs.analyze(gs.Loop(filter, gain=gain), EXC)
    assert report.verdict == "stable"
    for kind, ours in (("emse", report.emse), ("msd", report.msd)):
        assert ours == pytest.approx(report.learning_curve(20_000, kind)[-gain.period:].mean(), rel=1e-9)


def test_the_steady_state_of_a_period_is_measured():
    gain, n = gs.Cyclic(0.01, 0.4, 25), 30_000
    rng = np.random.default_rng(0)
    x, noise = rng.standard_normal((40, n)), 0.1 * rng.standard_normal((40, n))
    powers = [np.mean((run.e - v)[5000:] ** 2) for run, v in
              zip(gs.Loop(gs.LMS(gs.FIR(1, channels=1)), gain=gain).run_many(x, noise, workers=1), noise, strict=True)]
    expected = gs.analyze(gs.Loop(gs.LMS(1), gain=gain), gs.Excitation(1.0, noise=0.01)).emse
    assert abs(np.mean(powers) - expected) < 4 * np.std(powers) / math.sqrt(len(powers))


def test_a_period_beyond_the_frozen_bound_may_still_shrink_the_error():
    gain = 0.2 * gs.Chebyshev(0.05, 1.0, 8)
    report = gs.analyze(gs.Loop(gs.NLMS(4), gain=gain), EXC)
    assert gain(range(8)).max() > 2 and report.verdict == "stable" and report.growth < 1
    assert any("again and again, at 12% of its samples (up to 3.383)" in line for line in report.warnings)
    x = np.random.default_rng(0).standard_normal((20_000, 4)) * np.sqrt([1, 0.5, 0.1, 0.05])
    run = gs.NLMS(gs.FIR(1, channels=4)).run(x, x @ [1.0, 2, 3, 4], gain=gain)
    assert np.abs(run.e[-100:]).max() < 1e-9


def test_a_period_that_grows_is_unstable_with_its_growth_as_witness():
    report = gs.analyze(gs.Loop(gs.LMS(4), gain=gs.Cyclic(0.01, 3.0, 50)), EXC)
    assert report.verdict == "unstable" and report.growth > 1 and report.emse == math.inf


@pytest.mark.parametrize("gain", [gs.Silver(50.0), gs.Function(lambda k: 5 if k % 2 else 0.1)], ids=repr)
def test_what_never_repeats_and_leaves_the_range_is_not_certified(gain):
    report = gs.analyze(gs.Loop(gs.LMS(4), gain=gain), EXC)
    assert report.verdict == "not certified" and "has no limit and is not within" in report.sentence and report.emse is None


def test_what_never_repeats_within_the_range_says_how_far_it_was_looked_at():
    report = gs.analyze(gs.Loop(gs.LMS(4), gain=gs.Constant(0.1).noisy(0.1, 0)), EXC)
    assert report.verdict == "stable" and "judged by its values at 204000 samples" in report.sentence


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.NLMS(4), gs.DelayedLMS(4, delay=2)], ids=repr)
@pytest.mark.parametrize("beta", [gs.Cyclic(0.1, 0.8, 20), gs.Constant(0.5).noisy(0.1, 0)], ids=repr)
@pytest.mark.parametrize("gain", [gs.Constant(0.01), *RESTLESS[:4]], ids=repr)
def test_a_beta_without_a_limit(filter, beta, gain):
    report = gs.analyze(gs.Loop(filter, gain=gain, compensator=gs.HeavyBall(beta)), EXC)
    assert " nan" not in str(report) and report.emse is None
    json.dumps(report.to_dict(), allow_nan=False)
    assert report.verdict in ("not certified", "unstable")


def test_periodic_forgetting():
    excitation = gs.Excitation(1.0, noise=0.01)
    loop = gs.Loop(gs.RLS(2), forgetting=gs.Cyclic(0.98, 0.999, 10))
    report = gs.analyze(loop, excitation)
    assert report.verdict == "stable"
    assert report.emse == pytest.approx(report.learning_curve(20_000, "emse")[-20:].mean(), rel=1e-6)
    low, high = (gs.analyze(gs.Loop(gs.RLS(2), forgetting=f), excitation).emse for f in (0.999, 0.98))
    assert low < report.emse < high
    assert gs.analyze(gs.Loop(gs.RLS(2), forgetting=gs.Constant(0.99).noisy(0.001, 0)), excitation).emse is None
