"""FxLMS: the exact mean behind any secondary path, what it is a witness of, and what it does not promise."""

from __future__ import annotations

import math

import control
import numpy as np
import pytest
from scipy.signal import lfilter

import gainsched as gs
from gainsched.analysis.filtered import Filtered

PATH = [0.0, 0.0, 0.5, 1.0, 0.3]
WHITE = gs.Excitation(1.0, noise=0.01)


def report(gain=0.01, path=PATH, estimate=None, model=8, exc=WHITE):
    return gs.analyze(gs.Loop(gs.FxLMS(model, secondary=path, estimate=estimate), gain=gain), exc)


def mean_map(model, path, estimate, gain, autocorrelation):
    """The recursion of the mean as written: every lag, every tap, every channel by itself."""
    taps, channels = model.taps, model.channels
    A = np.eye(model.n * len(path), k=-model.n)
    A[:model.n, :model.n] = np.eye(model.n)
    for j, s in enumerate(path):
        for i, known in enumerate(estimate):
            for a, b in np.ndindex(taps, taps):
                block = gain * s * known * autocorrelation(j + b - i - a)          # E x_{k-i-a} x_{k-j-b}'
                rows, columns = slice(a * channels, (a + 1) * channels), j * model.n + b * channels
                A[rows, columns:columns + channels] -= block
    return A


def radius(A):
    return np.abs(np.linalg.eigvals(A)).max()


@pytest.mark.parametrize(("model", "path", "estimate"), [
    (gs.FIR(5), PATH, [0.0, 0.3, 0.9]), (gs.FIR(2, channels=2), PATH, PATH), (gs.FIR(1, channels=3), PATH, PATH),
    (gs.FIR(3), [1.0, -0.4], [0.8, 0.0, 0.1, 0.2])], ids=repr)
def test_the_mean_is_the_recursion_written_out(model, path, estimate):
    expected = mean_map(model, path, estimate, 0.02, lambda lag: 1.5 * np.eye(model.channels) * (lag == 0))
    system = gs.Loop(gs.FxLMS(model, secondary=path, estimate=estimate), gain=0.02).linear(gs.Excitation(1.5))
    size = system.nstates
    np.testing.assert_allclose(system.A, expected[:size, :size], atol=1e-15)
    assert not expected[:model.n, size:].any()                                     # lags that pull nothing are left out
    assert system.state_labels[0] == ("w[0]" if model.channels == 1 else "w[0,0]")
    bound = report(0.02, path, estimate, model, gs.Excitation(1.5)).bounds["mean"].value
    for part, grows in ((0.999, False), (1.001, True)):
        A = mean_map(model, path, estimate, part * bound, lambda lag: 1.5 * np.eye(model.channels) * (lag == 0))
        assert bool(radius(A) > 1) is grows


def test_the_autocorrelation_of_a_record_is_its_own(rng):
    x = lfilter([1.0, 0.6], 1, rng.standard_normal(3000))
    d = lfilter(np.convolve([1.0, -0.5, 0.2], PATH), 1, x) + 0.1 * rng.standard_normal(3000)
    rep = gs.analyze(gs.Loop(gs.FxLMS(3, secondary=PATH), gain=0.01), x=x, d=d)

    def own(lag):
        return float(x[abs(lag):] @ x[:len(x) - abs(lag)]) / len(x) * np.eye(1)

    bound = rep.bounds["mean"].value
    assert radius(mean_map(gs.FIR(3), PATH, PATH, 0.999 * bound, own)) < 1 < radius(mean_map(gs.FIR(3), PATH, PATH, 1.001 * bound, own))
    assert any("that of this record" in line for line in rep.assumptions)
    np.testing.assert_allclose(rep.w_opt, [1.0, -0.5, 0.2], atol=0.02)             # behind the path, not before it
    assert rep.noise == pytest.approx(0.01, rel=0.1)


@pytest.mark.parametrize("delay", [0, 2, 5])
def test_a_pure_delay_is_a_delayed_loop(delay):
    path = [0.0] * delay + [2.0]
    plain = gs.analyze(gs.Loop(gs.DelayedLMS(4, delay=delay), gain=0.04), gs.Excitation(1.0))
    rep = report(0.01, path, model=4)
    assert rep.bounds["mean"].value == pytest.approx(plain.bounds["mean"].value / 4, rel=1e-7)
    assert rep.margins.to_dict() == pytest.approx(plain.margins.to_dict())
    np.testing.assert_allclose(rep.time_constants, plain.time_constants, rtol=1e-6)
    L = gs.Loop(gs.FxLMS(4, secondary=path), gain=0.01).transfer(1.0)
    other = gs.Loop(gs.DelayedLMS(4, delay=delay), gain=0.04).transfer(1.0)
    z = np.exp(0.3j)
    assert L(z) == pytest.approx(other(z))


def test_only_the_mean_is_claimed():
    rep = report()
    assert (rep.verdict, rep.range, rep.emse, rep.msd, rep.growth, rep.margins) == ("not certified", None, None, None, None, None)
    assert "its mean is stable" in rep.sentence and "necessary, not sufficient" in rep.bounds["mean"].assumption
    assert rep.bounds["mean"].value == pytest.approx(0.153, abs=5e-4)
    thumb = next(line for line in rep.assumptions if "rule of thumb" in line)
    assert "= 0.06784: no bound" in thumb                                          # 1/(1.34 (8 + 3))
    with pytest.raises(gs.NoTheory, match="FxLMS"):
        rep.learning_curve(10)
    with pytest.raises(gs.NoTheory, match="does not follow from the mode"):
        gs.Loop(gs.FxLMS(8, secondary=PATH), gain=0.01).transfer(1.0)


def test_beyond_the_mean_bound_the_loop_itself_diverges(rng):
    bound = report().bounds["mean"].value
    rep = report(1.1 * bound)
    assert rep.verdict == "unstable" and rep.growth > 1
    assert rep.growth == pytest.approx(radius(mean_map(gs.FIR(8), PATH, PATH, 1.1 * bound, lambda lag: np.eye(1) * (lag == 0)))**2)
    assert "where the mean is stable" in rep.sentence
    x = rng.standard_normal(5000)
    ends = {part: gs.Loop(gs.FxLMS(8, secondary=PATH), gain=part * bound, on_divergence="stop").run(
        x, lfilter(PATH, 1, x)).status for part in (0.2, 0.8, 1.1)}
    assert ends == {0.2: "done", 0.8: "diverged", 1.1: "diverged"}


@pytest.mark.parametrize(("turned", "stable"), [(80, True), (100, False)])
def test_an_estimate_off_by_more_than_90_degrees_grows_at_every_gain(turned, stable, rng):
    """A tone of 8 samples: two taps of the estimate turn it by this angle against the path."""
    w = math.pi / 4
    angle = math.radians(turned)
    rotation = [math.cos(angle) + math.sin(angle) / math.tan(w), -math.sin(angle) / math.sin(w)]
    assert np.angle(rotation[0] + rotation[1] * np.exp(-1j * w)) == pytest.approx(angle)
    x = math.sqrt(2) * np.cos(w * np.arange(20_000) + 0.3)
    loop = gs.Loop(gs.FxLMS(2, secondary=[0.0, 1.0], estimate=[0.0, *rotation]), gain=1e-3)
    rep = gs.analyze(loop, x=x, d=np.roll(x, 1) + 1e-3 * rng.standard_normal(len(x)))
    assert rep.verdict == ("not certified" if stable else "unstable")
    assert (rep.bounds["mean"].value > 0) is stable
    assert any("90 degrees" in line for line in rep.warnings) is not stable
    run = gs.FxLMS(2, secondary=[0.0, 1.0], estimate=[0.0, *rotation]).run(x, 0 * x, gain=1e-3, w0=[1.0, 0.0], on_divergence="stop")
    size = np.linalg.norm(run.w)
    assert size < 0.1 if stable else size > 10
    if not stable:
        assert math.log(size) / run.n == pytest.approx(math.log(rep.growth) / 2, rel=0.1)          # of power, hence half


def test_a_rational_path_is_its_impulse_response():
    rational = report(path=([0.5], [1.0, -0.5]), model=2)
    taps = report(path=[0.0, *(0.5 * 0.5 ** np.arange(60))], model=2)
    assert rational.bounds["mean"].value == pytest.approx(taps.bounds["mean"].value, rel=1e-9)


@pytest.mark.parametrize(("path", "model", "exc", "words"), [
    (PATH, 2, gs.Excitation([[1.0, 0.5], [0.5, 1.0]]), "beyond the line"), (([1.0], [1.0, -1.0]), 2, WHITE, "does not decay"),
    ([0.0] * 40 + [1.0], 32, WHITE, "1312 states")], ids=["colored", "integrator", "large"])
def test_what_is_not_known_is_said(path, model, exc, words):
    rep = report(path=path, model=model, exc=exc)
    assert (rep.verdict, rep.range, rep.bounds, rep.time_constants, rep.emse) == ("not certified", None, {}, None, None)
    assert rep.sentence.startswith("no theory for FxLMS") and words in rep.sentence
    with pytest.raises(gs.NoTheory, match=words):
        gs.Loop(gs.FxLMS(model, secondary=path), gain=0.01).linear(exc)


@pytest.mark.parametrize("gain", [gs.Cosine(0.1, 0.01, 100), gs.Cyclic(0.01, 0.05, 8), gs.KwongJohnston(), np.linspace(0.1, 0.01, 30)], ids=repr)
def test_a_gain_that_moves_is_not_certified(gain):
    assert report(gain).verdict == "not certified"


def test_a_schedule_that_settles_beyond_the_bound_is_unstable():
    rep = report(gs.Exponential(0.01, 2.0, every=10, floor=0.01))
    assert rep.verdict == "unstable" and rep.growth > 1
    assert report(gs.Cosine(0.01, 0.2, 50)).verdict == "unstable"


def test_the_record_says_what_the_mean_does_not(rng):
    """At .061, below the rule of thumb .068 and at .4 of the mean bound, the update matrices burst."""
    x = rng.standard_normal(20_000)
    d = lfilter(PATH, 1, x)
    quiet, loud = (gs.analyze(gs.Loop(gs.FxLMS(8, secondary=PATH), gain=gain), x=x, d=d) for gain in (0.03, 0.061))
    assert quiet.measured.burst < 10 < 30 < loud.measured.burst
    assert not any("on this record" in line for line in quiet.warnings)
    assert any("on this record an error grows up to" in line for line in loud.warnings)


def test_a_mode_without_power_does_not_hide_the_bound(rng):
    """The same signal in two channels: their difference is never corrected, their sum twice as fast as one."""
    x = rng.standard_normal(2000)
    d = lfilter(PATH, 1, x) + 0.1 * rng.standard_normal(2000)
    one = gs.analyze(gs.Loop(gs.FxLMS(1, secondary=PATH), gain=0.01), x=x, d=d)
    two = gs.analyze(gs.Loop(gs.FxLMS(gs.FIR(1, channels=2), secondary=PATH), gain=0.01), x=np.stack([x, x], axis=1), d=d)
    assert two.bounds["mean"].value == pytest.approx(one.bounds["mean"].value / 2, rel=1e-6)
    assert any("carry no power" in line for line in two.warnings)
    assert math.isinf(two.time_constants.max())


def test_gaps_in_a_record_are_left_out(rng):
    x = rng.standard_normal(4000)
    d = lfilter(np.convolve([1.0, -0.5, 0.2], PATH), 1, x) + 0.1 * rng.standard_normal(4000)
    whole = gs.analyze(gs.Loop(gs.FxLMS(3, secondary=PATH), gain=0.01), x=x, d=d)
    x[500:520], d[2000] = np.nan, np.nan
    rep = gs.analyze(gs.Loop(gs.FxLMS(3, secondary=PATH), gain=0.01, nonfinite="skip"), x=x, d=d)
    assert rep.noise == pytest.approx(0.01, rel=0.1)
    assert rep.bounds["mean"].value == pytest.approx(whole.bounds["mean"].value, rel=0.02)
    assert rep.measured.exponent == pytest.approx(whole.measured.exponent, rel=0.2)
    assert rep.measured.burst < 3


def test_the_measured_exponent_is_that_of_the_weights(rng):
    x = rng.standard_normal(4000)
    path = ([0.4, 0.2], [1.0, -0.5])
    found = gs.analyze(gs.Loop(gs.FxLMS(1, secondary=path), gain=0.02), x=x, d=0 * x).measured
    run = gs.FxLMS(1, secondary=path).run(x, 0 * x, gain=0.02, w0=[1.0])
    assert found.exponent == pytest.approx(math.log(abs(run.w[0])) / 4000, rel=0.02)
    signs = np.random.default_rng(3).choice([-1.0, 1.0], 4000)
    noisy = gs.FxLMS(1, secondary=path).run(x, signs, gain=0.02)
    assert found.noise_gain == pytest.approx(np.mean((signs - noisy.e) ** 2), rel=0.3)


def test_the_linear_system_is_the_mean_of_an_ensemble(rng):
    """Small gain, white input: means over 400 trials follow the state space within four standard errors."""
    model, gain, trials = gs.FIR(1, channels=2), 0.02, 400
    w_opt = np.array([1.0, -0.5])
    X = rng.standard_normal((trials, 150, 2))
    D = lfilter(PATH, 1, X @ w_opt, axis=1)
    loop = gs.Loop(gs.FxLMS(model, secondary=PATH), gain=gain)
    final = np.array([run.w.ravel() for run in loop.run_many(X, D, workers=1)]) - w_opt
    system = loop.linear(gs.Excitation(1.0))
    steps = np.zeros((2, 151))
    steps[:, 0] = w_opt                                                             # the optimum jumps there from 0
    predicted = control.forced_response(system, inputs=steps, T=np.arange(151)).outputs[:, -1]
    errors = final.std(axis=0) / math.sqrt(trials)
    assert np.all(np.abs(-final.mean(axis=0) - predicted) < 4 * errors)
    assert np.all(errors < 0.02)


def test_the_theory_is_the_one_that_analyze_takes():
    assert isinstance(report()._theory, Filtered)
    assert type(report(path=PATH, exc=gs.Excitation(np.diag(np.arange(1.0, 9.0))))._theory) is not Filtered
