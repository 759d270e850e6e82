"""Pictures: what is drawn is what was measured and predicted, and what cannot be drawn says what to do."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gainsched as gs
from gainsched.plot.figure import data_uri, decibels, new_figure, save
from gainsched.plot.gain import gain, schedule
from gainsched.plot.learning import learning_curve, smoothed
from gainsched.plot.loop import nyquist
from gainsched.plot.weights import weights

RNG = np.random.default_rng(0)
X = RNG.standard_normal(3000)
D = np.convolve(X, [1.0, -0.5, 0.25])[:3000] + 0.01 * RNG.standard_normal(3000)
RECORD = gs.Record(gain=1, weights=10)


@pytest.fixture
def ax():
    return new_figure().add_subplot()


def lms(gain=0.05, taps=4):
    loop = gs.Loop(gs.LMS(taps), gain=gain)
    report = gs.analyze(loop, gs.Excitation(1.0, noise=1e-4))
    return loop.run(X, D, record=RECORD), report


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def test_learning_curve_shows_measured_beside_predicted(ax):
    run, report = lms()
    drawn = lines(learning_curve(run, report=report, ax=ax))
    assert set(drawn) == {"measured (mean of 25 samples)", "predicted, 95 % band", "noise"}
    tail = drawn["predicted, 95 % band"].get_ydata()[-1]
    assert tail == pytest.approx(10 * math.log10(report.noise + report.emse), abs=0.05)
    assert np.mean(drawn["measured (mean of 25 samples)"].get_ydata()[-500:]) == pytest.approx(tail, abs=1.0)


def test_the_prediction_begins_where_the_loop_stood(ax):
    run, report = lms()                                    # the loop has run on since the report was made
    assert lines(learning_curve(run, report=report, ax=ax))["predicted, 95 % band"].get_ydata()[0] > -3.0


def test_a_report_alone_picks_its_own_length(ax):
    report = lms()[1]
    [line] = [line for name, line in lines(report.plot(ax=ax)).items() if name.startswith("predicted, 95 % band of means of")]
    assert line.get_xdata()[-1] == pytest.approx(10 * report.time_constants.max(), rel=0.1)


def test_no_theory_leaves_the_measured_curve(ax):
    loop = gs.Loop(gs.FxLMS(4, secondary=[0.5]), gain=0.001)
    report = gs.analyze(loop, x=X, d=D)
    assert not any(name.startswith("predicted") for name in lines(learning_curve(loop.run(X, D), report=report, ax=ax)))
    with pytest.raises(gs.NoTheory):
        learning_curve(report, ax=ax)


def test_missing_and_diverged_and_empty_runs_are_drawn(ax):
    gaps = X.copy()
    gaps[100:150] = np.nan
    loop = gs.Loop(gs.NLMS(4), nonfinite="skip")
    learning_curve(loop.run(gaps, D), ax=ax)
    learning_curve(gs.Loop(gs.LMS(4), gain=10.0, on_divergence="stop").run(X, D, record=RECORD), ax=ax)
    learning_curve(gs.NLMS(4).run(X[:0], D[:0]), ax=ax)
    ax.figure.canvas.draw()


def test_smoothing_ignores_what_is_missing_and_keeps_the_mean():
    power = np.array([1.0, np.nan, 3.0, np.inf, 5.0, 7.0])
    assert np.array_equal(smoothed(power, 3), [1, 2, 3, 4, 6, 6])
    assert np.isnan(smoothed(np.array([np.nan]), 5)).all()
    assert smoothed(np.full(1000, 1e-300), 10) == pytest.approx(np.full(1000, 1e-300))


def test_decibels_of_nothing_is_nothing():
    assert decibels(np.array([10.0, 0.0])).tolist()[0] == 10.0
    assert math.isnan(decibels(np.array([10.0, 0.0]))[1])


def test_gain_against_its_range(ax):
    run, report = lms(gs.Exponential(0.1, rate=0.5, every=200))
    drawn = lines(gain(run, report=report, ax=ax))
    assert drawn[f"bound, mean square: {report.range[1]:.4g}"].get_ydata()[0] == report.range[1]
    assert (ax.get_yscale(), ax.get_ylabel()) == ("log", "gain, 1/(power of x)")


def test_gain_of_a_report_is_what_the_run_is_given(ax):
    loop = gs.Loop(gs.LMS(4), gain=gs.Cosine(0.05, 0.005, steps=900).warmup(50))
    report = gs.analyze(loop, gs.Excitation(1.0, noise=1e-4))
    line = gain(report, ax=ax).lines[0]
    assert np.array_equal(line.get_ydata(), loop.gain(line.get_xdata()))
    assert 900 < line.get_xdata()[-1] < 2500                                # to where it has come to rest
    far = lines(ax)["bound, mean: 2, off the axis"]
    assert np.isnan(far.get_ydata()).all() and ax.get_ylim()[1] < 2
    assert ax.patches[0].get_extents().ymax <= ax.transData.transform((0, report.range[1]))[1] + 1e-6     # not beyond


@pytest.mark.parametrize("gains", [gs.KwongJohnston(high=0.05), np.full((4, 1), 0.01)])
def test_gain_of_a_report_that_cannot_know_it(gains):
    with pytest.raises(gs.NoTheory, match=r"record=gs\.Record\(gain=1\)"):
        gain(gs.analyze(gs.Loop(gs.LMS(4), gain=gains), gs.Excitation(1.0)))


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.DelayedLMS(4, delay=2), gs.SignErrorLMS(4)])
def test_a_gain_that_grows_without_limit_is_drawn(filter):
    report = gs.analyze(gs.Loop(filter, gain=gs.Exponential(0.01, rate=1.01)), gs.Excitation(1.0, noise=1e-4))
    for draw in (gain, learning_curve):
        draw(report, n=2000, ax=new_figure().add_subplot()).figure.canvas.draw()
    assert 100 <= report.horizon <= 20_000


def test_forgetting_of_a_report(ax):
    report = gs.analyze(gs.Loop(gs.RLS(3), forgetting=0.99), gs.Excitation(1.0, noise=0.01))
    assert gain(report, ax=ax).get_ylabel() == "forgetting"
    assert ax.lines[0].get_ydata()[0] == 0.99


def test_gain_of_an_array_ends_where_it_does(ax):
    report = gs.analyze(gs.Loop(gs.LMS(4), gain=np.linspace(0.1, 0.01, 60)), gs.Excitation(1.0))
    assert gain(report, ax=ax).lines[0].get_xdata()[-1] == 59
    with pytest.raises(ValueError, match="n must be <= 60, where the array of gains ends"):
        report.gain_curve(61)


def test_gain_per_weight_is_a_band(ax):
    run = gs.LMS(4).run(X, D, gain=gs.RMSProp(), record=RECORD)
    assert "median of the weights" in lines(gain(run, ax=ax))
    assert len(ax.collections) == 1


def test_forgetting_has_no_range_of_gains(ax):
    loop = gs.Loop(gs.RLS(3), forgetting=0.99)
    report = gs.analyze(loop, x=X, d=D)
    assert not any("stable" in name for name in lines(gain(loop.run(X, D, record=RECORD), report=report, ax=ax)))


def test_schedule_through_its_method(ax):
    line = gs.Cosine(1.0, 0.1, steps=1000).plot(2001, ax=ax).lines[0]
    assert line.get_xdata()[-1] == 2000
    assert line.get_ydata()[-1] == pytest.approx(0.1)
    with pytest.raises(ValueError, match="steps must be an integer >= 1"):
        schedule(gs.Constant(1.0), 0)


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.NLMS(4), gs.DelayedLMS(4, delay=2), gs.RLS(4)])
def test_nyquist_of_a_report(ax, filter):
    forgetting = 0.99 if "forgetting" in filter.ports else None
    report = gs.analyze(gs.Loop(filter, gain=1.0 if forgetting else 0.05, forgetting=forgetting), gs.Excitation(1.0))
    names = set(lines(nyquist(report, ax=ax)))
    assert f"gain margin {report.margins.gain:.4g}" in names
    assert f"phase margin {report.margins.phase_deg:.4g} deg" in names


def test_nyquist_of_continuous_and_unstable_loops(ax):
    import control

    nyquist(control.tf([1], [1, 2, 1, 0]), ax=ax)
    assert nyquist(gs.Loop(gs.LMS(1), gain=3.0).transfer(1.0), ax=ax).get_title(loc="left").startswith("Unstable; stable below")
    with pytest.raises(gs.NoTheory, match="no loop to draw"):
        nyquist(gs.analyze(gs.Loop(gs.SignErrorLMS(4), gain=0.01), gs.Excitation(1.0)), ax=ax)


def test_weights_are_named_until_there_are_too_many(ax):
    assert list(lines(weights(lms(taps=2)[0], labels=["slope", "offset"], ax=ax))) == ["slope", "offset"]
    many = weights(gs.NLMS(40).run(X, D, record=RECORD), ax=new_figure().add_subplot())
    assert many.get_legend() is None
    with pytest.raises(ValueError, match="labels must be as many as the weights, 4, got 1"):
        weights(lms()[0], labels=["a"])


def test_optimal_weights_are_dotted_lines(ax):
    run, report = lms()
    record = gs.analyze(gs.Loop(gs.LMS(4), gain=0.05), x=X, d=D)
    assert report.w_opt is None
    dotted = [line.get_ydata()[0] for line in weights(run, w_opt=record.w_opt, ax=ax).lines if line.get_linestyle() == ":"]
    assert dotted == pytest.approx([1.0, -0.5, 0.25, 0.0], abs=2e-3)
    with pytest.raises(ValueError, match="w_opt must hold 4 weights, got 1"):
        weights(run, w_opt=[1.0])


def test_what_was_not_recorded_says_how_to(ax):
    run = gs.NLMS(4).run(X, D)
    with pytest.raises(ValueError, match=r"record=gs\.Record\(weights=10\)"):
        weights(run, ax=ax)
    with pytest.raises(ValueError, match=r"record=gs\.Record\(gain=1\)"):
        gain(run, ax=ax)


def test_figures_become_files_and_the_same_text_twice(tmp_path):
    def figure():
        made = new_figure()
        weights(lms()[0], ax=made.add_subplot())
        return made

    save(figure(), tmp_path / "w.png")
    assert (tmp_path / "w.png").read_bytes().startswith(b"\x89PNG")
    text = data_uri(figure())
    assert text.startswith("data:image/svg+xml;base64,")
    assert text == data_uri(figure())


def test_a_long_line_is_thinned(ax):
    run = gs.NLMS(2).run(np.tile(X, 10), np.tile(D, 10), record=RECORD)
    for line in (*learning_curve(run, ax=ax).lines, *gain(run, ax=ax).lines, *weights(run, ax=ax).lines):
        assert len(line.get_xdata()) <= 2000


RUN = gs.NLMS(2).run(np.zeros(20), np.zeros(20), record=gs.Record(weights=1))
PREDICTED = gs.analyze(gs.Loop(gs.LMS(2), gain=0.1), gs.Excitation(1.0))


@pytest.mark.parametrize("draw", [
    lambda: gs.plot.step(3), lambda: gs.plot.root_locus(3), lambda: gs.plot.nyquist(3), lambda: gs.plot.gain(3),
    lambda: gs.plot.learning_curve(3), lambda: gs.plot.learning_curve(RUN, report=3), lambda: gs.plot.weights(3),
    lambda: gs.plot.range_test(3), lambda: gs.plot.schedule(3), lambda: gs.plot.schedule(gs.Cosine(0.1, 0.0, 10), "a"),
    lambda: gs.plot.learning_curve(RUN, -3), lambda: gs.plot.learning_curve(PREDICTED, "a"), lambda: gs.plot.gain(PREDICTED, "a"),
    lambda: gs.plot.step(PREDICTED, "a")])
def test_what_cannot_be_drawn_is_refused_in_words(draw):
    with pytest.raises((TypeError, ValueError), match=r"must be .* got (3|-3|'a')\."):
        draw()
