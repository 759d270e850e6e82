"""analyze: what a report claims, with what witness, and what it leaves unsaid."""

from __future__ import annotations

import json
import math
import pickle

import numpy as np
import pytest
from scipy.linalg import toeplitz
from scipy.signal import lfilter

import gainsched as gs

R = toeplitz(0.7 ** np.arange(8))
EXC = gs.Excitation(R, noise=0.01)
BOUND = 0.14444080150358798


def report(filter, gain=None, exc=EXC, **options):
    return gs.analyze(gs.Loop(filter, gain=gain, **options), exc)


def test_lms():
    rep = report(gs.LMS(8), 0.02)
    assert (rep.verdict, rep.growth < 1) == ("stable", True)
    assert rep.range == (0.0, pytest.approx(BOUND))
    assert rep.bounds["mean"].value == pytest.approx(2 / EXC.modes[-1])
    assert rep.bounds["mean_square"].value == pytest.approx(BOUND)
    assert rep.margins.gain == pytest.approx(2 / (0.02 * EXC.modes[-1]))
    assert rep.misadjustment == pytest.approx(rep.emse / 0.01)
    np.testing.assert_allclose(rep.time_constants, -1 / np.log(1 - 0.02 * EXC.modes))
    assert rep.warnings == []
    assert rep.assumptions and rep.references
    assert len(set(rep.references)) == len(rep.references) and "; " not in "".join(rep.references)      # each work once


def test_unstable_has_a_witness():
    rep = report(gs.LMS(8), 0.2)
    assert rep.verdict == "unstable"
    curve = rep.learning_curve(200, "emse")
    assert curve[-1] / curve[-2] == pytest.approx(rep.growth, rel=1e-6)
    assert rep.growth > 1
    assert rep.emse == math.inf
    assert rep.to_dict()["emse"] is None


@pytest.mark.parametrize("share", [0.95, 1.05])
def test_verdict_turns_at_the_bound(share):
    for filter in (gs.LMS(8), gs.DelayedLMS(8, delay=4)):
        bound = report(filter, 1e-3).range[1]
        assert report(filter, share * bound).verdict == ("stable" if share < 1 else "unstable")


def test_nlms_is_stable_for_any_signal():
    rep = report(gs.NLMS(8), 0.5)
    assert (rep.verdict, rep.range, rep.margins.gain) == ("stable", (0.0, 2.0), pytest.approx(4))
    assert rep.bounds["deterministic"].value == 2
    assert report(gs.NLMS(8), 2.0).verdict == "not certified"
    white = report(gs.NLMS(8), 0.5, gs.Excitation(1.0, noise=0.01))
    assert white.emse == pytest.approx(0.5 * 0.01 / 1.5 * 8 / 6, rel=1e-5)


def test_delayed_lms():
    rep = report(gs.DelayedLMS(8, delay=10), 0.01)
    limit = 2 * math.sin(math.pi / 42) / EXC.modes[-1]
    assert rep.bounds["delay"].value == pytest.approx(limit)
    assert rep.range[1] < limit
    assert rep.margins.gain == pytest.approx(limit / 0.01)
    slow = np.roots([1, -1, *np.zeros(9), 0.01 * EXC.modes[0]])
    assert rep.time_constants[0] == pytest.approx(-1 / math.log(max(abs(slow))))


def test_rls():
    rep = report(gs.RLS(8), forgetting=0.99)
    assert (rep.verdict, rep.port, rep.range) == ("stable", "forgetting", (0.0, 1.0))
    np.testing.assert_allclose(rep.time_constants, -1 / math.log(0.99))
    assert report(gs.RLS(8)).emse == 0
    assert report(gs.RLS(8), 0.5).verdict == "not certified"
    assert report(gs.RLS(8), exc=gs.Excitation(np.ones((8, 8))), forgetting=0.99).verdict == "not certified"


def test_rls_claims_nothing_outside_its_forgetting():
    for forgetting in (gs.Exponential(0.99, rate=1.000001), gs.Cosine(0.9, 1.1, steps=100_000), gs.Exponential(0.99, 0.9)):
        rep = report(gs.RLS(8), forgetting=forgetting)
        assert (rep.verdict, rep.emse, rep.msd, rep.time_constants) == ("not certified", None, None, None)
        with pytest.raises(gs.NoTheory, match="forgetting"):
            rep.learning_curve(100)
    assert "forgetting must be in (0, 1]" in rep.sentence
    assert "this loop's gain is 0.5" in report(gs.RLS(8), 0.5, forgetting=0.99).sentence
    assert "gain is another" in report(gs.RLS(8), gs.InverseTime(1.0, 0.1), forgetting=gs.Cosine(0.9, 0.99, 100)).sentence


def test_mit_rule_states_its_amplitude():
    rule = gs.MITRule(1, plant=([0.1], [1, -0.9]), reference=([0.2], [1, -0.9]))
    rep = report(rule, 0.01, gs.Excitation(4.0))
    # (z - 1)(z - .9) + mu 2 A^2 .1: the product of the roots reaches 1 at mu 2 A^2 .1 = .1
    assert rep.range == (0.0, pytest.approx(0.1 / (0.1 * 2 * 4)))
    assert "amplitude 2" in rep.bounds["deterministic"].assumption
    assert (rep.verdict, rep.emse, rep.msd) == ("stable", None, None)
    bad = report(rule, 0.2, gs.Excitation(4.0))
    assert (bad.verdict, bad.growth > 1) == ("unstable", True)
    command = np.where(np.arange(400) % 100 < 50, 3.0, -3.0)
    assert gs.analyze(gs.Loop(rule, gain=0.01), x=command).range[1] == pytest.approx(0.1 / (0.1 * 2 * 9))
    wrong = gs.MITRule(1, plant=([-0.1], [1, -0.9]), reference=([0.2], [1, -0.9]))
    assert report(wrong, 0.01, gs.Excitation(4.0)).range is None
    assert report(wrong, 0.01, gs.Excitation(4.0)).verdict == "unstable"


def test_mit_rule_from_data_is_unstable_only_if_its_rms_is(rng):
    rule = gs.MITRule(4, plant=([0.1], [1, -0.9]), reference=([0.2], [1, -0.9]))
    x = rng.standard_normal(4000)
    rep = gs.analyze(gs.Loop(rule, gain=0.02), x=x)
    assert (rep.verdict, rep.growth) == ("not certified", None)
    assert f"amplitude {np.abs(x).max():.4g}, the record's largest" in rep.sentence
    assert f"RMS {np.sqrt(np.mean(x**2)):.4g}" in rep.sentence
    assert gs.Loop(rule, gain=0.02).run(x).status == "done"
    certain = gs.analyze(gs.Loop(rule, gain=0.5), x=x)
    assert (certain.verdict, certain.growth > 1) == ("unstable", True)
    square = np.sign(x) * np.abs(x).max()                                            # constant in magnitude
    assert gs.analyze(gs.Loop(rule, gain=0.02), x=square).verdict == "unstable"
    growing = gs.analyze(gs.Loop(rule, gain=gs.Exponential(0.001, 1.01)), x=x)
    assert (growing.verdict, growing.growth > 1) == ("unstable", True)


def test_mit_rule_third_order_bound_holds_in_the_loop():
    """The frozen bound separates decay from growth of the compiled loop itself."""
    rule = gs.MITRule(1, plant=([0.004], [1, -1.9, 0.904]), reference=([0.004], [1, -1.9, 0.904]))
    limit = report(rule, 1e-3, gs.Excitation(1.0)).range[1]
    command = np.ones(20_000)
    swing = [np.abs(rule.run(command, gain=share * limit, w0=[0.9], on_divergence="stop").e[-2000:]).max() for share in (0.9, 1.1)]
    assert swing[0] < 1e-3 < swing[1]


def test_unknown_means_unknown():
    for filter in (gs.SignSignLMS(8), gs.FxLMS(8, secondary=[1.0])):
        rep = report(filter, 0.01)                      # of FxLMS a covariance says too little, unless it is white
        assert rep.verdict == "not certified"
        assert "no theory for" in rep.sentence
        assert (rep.range, rep.bounds, rep.margins, rep.emse, rep.msd, rep.misadjustment, rep.time_constants) == (
            None, {}, None, None, None, None, None)
        with pytest.raises(gs.NoTheory, match=type(filter).__name__):
            rep.learning_curve(10)
        json.dumps(rep.to_dict(), allow_nan=False)


# -- schedules, arrays, laws --------------------------------------------------------------------------------------

def test_schedules_settle_at_their_limit():
    rep = report(gs.LMS(8), gs.Exponential(0.05, rate=0.5, every=100, floor=0.01))
    assert rep.emse == pytest.approx(report(gs.LMS(8), 0.01).emse)
    assert rep.margins.gain == pytest.approx(2 / (0.05 * EXC.modes[-1]))           # the worst moment
    assert report(gs.LMS(8), gs.InverseTime(0.05, 0.01)).emse == 0
    frozen = report(gs.LMS(8), gs.Cosine(0.05, 0.0, steps=5000))
    assert frozen.emse == pytest.approx(frozen.learning_curve(8000, "emse")[-1], rel=1e-3)
    assert frozen.emse > 0
    assert report(gs.LMS(8), gs.Cosine(1e-4, 0.0, steps=100)).emse is None         # never forgets where it started


def test_a_vanishing_gain_loses_drifting_weights():
    rep = report(gs.LMS(8), gs.InverseTime(0.05, 0.01), gs.Excitation(R, noise=0.01, drift=1e-6))
    assert rep.emse == math.inf
    assert any("without bound" in line for line in rep.warnings)


def test_passing_the_bound_for_a_while_is_warned_about():
    rep = report(gs.NLMS(8), gs.Exponential(2.1, rate=0.5, every=100, floor=0.1))
    assert rep.verdict == "stable"
    assert any("passes the frozen bound 2" in line and "samples 0 to" in line for line in rep.warnings)
    rep = report(gs.NLMS(8), gs.Exponential(3.0, rate=0.5, every=2000, floor=0.05))
    assert rep.verdict == "unstable"                                                 # it diverges on the way
    assert rep.growth > 1


@pytest.mark.parametrize("filter", [gs.LMS(8), gs.NLMS(8), gs.DelayedLMS(8, delay=2)])
@pytest.mark.parametrize("rate", [1.1, 1.001, 1.000001])
def test_a_gain_that_grows_for_ever_is_unstable(filter, rate):
    with np.errstate(all="raise"):
        rep = report(filter, gs.Exponential(0.01, rate=rate))
    assert (rep.verdict, rep.emse, rep.margins) == ("unstable", math.inf, None)
    assert 1 < rep.growth < 2                                    # where it leaves the range, not at infinity
    assert "without limit" in rep.sentence
    json.dumps(rep.to_dict(), allow_nan=False)


def test_huge_gains():
    rep = report(gs.LMS(8), 1e200)
    assert (rep.verdict, rep.growth, rep.emse) == ("unstable", math.inf, math.inf)
    for filter, array in ((gs.LMS(8), [0.02, 1e200]), (gs.LMS(8), [1e90, 0.1]), (gs.NLMS(8), [1e300, 1e300, 0.1])):
        with np.errstate(over="raise", invalid="raise"):
            rep = report(filter, np.array(array))
        assert rep.verdict == "unstable"
        assert rep.growth > 1e30
    rule = gs.MITRule(1, plant=([0.1], [1, -0.9]), reference=([0.2], [1, -0.9]))
    rep = report(rule, gs.Exponential(0.001, rate=1.1), gs.Excitation(1.0))
    assert (rep.verdict, rep.growth > 1) == ("unstable", True)
    rep = report(gs.RLS(8), gs.Exponential(0.1, rate=1.1))
    assert (rep.verdict, rep.emse) == ("not certified", None)


def test_arrays():
    inside = report(gs.LMS(8), np.linspace(0.05, 0.01, 300))
    assert inside.verdict == "stable"
    assert inside.emse == pytest.approx(report(gs.LMS(8), 0.01).emse)
    assert len(inside.learning_curve(300)) == 300
    with pytest.raises(ValueError, match="n must be <= 300"):
        inside.learning_curve(301)
    assert report(gs.LMS(8), np.full(200, 0.3)).verdict == "unstable"
    cycle = np.tile([1.05 * BOUND, 0.02], 200)                                       # passes the bound every other sample
    assert report(gs.LMS(8), cycle).verdict == "stable"
    assert report(gs.LMS(8), np.full((8, 1), 0.01)).verdict == "not certified"


def test_an_array_that_ends_beyond_the_bound_is_warned_about():
    rep = report(gs.LMS(8), np.r_[np.full(90, 0.02), 0.5])
    assert (rep.verdict, rep.emse) == ("stable", math.inf)                           # it shrinks over the array
    assert "array's last element, 0.5" in rep.sentence
    assert any("samples 90 to 90" in line and "passes the frozen bound 0.1444" in line for line in rep.warnings)
    assert any("the EMSE is infinite" in line and "last gain, 0.5" in line for line in rep.warnings)
    mute = report(gs.NLMS(2, eps=0.0), 0.5, gs.Excitation(1.0))
    assert (mute.verdict, mute.emse) == ("stable", math.inf)
    assert any("the EMSE is infinite" in line and "1/|u|^2" in line for line in mute.warnings)


@pytest.mark.parametrize("eps", [0.0, 1e-6, 1e-3, 10.0])
def test_no_figure_at_the_edge_of_the_range(eps):
    assert report(gs.NLMS(8, eps=eps), 2.0).emse in (None, math.inf)


def test_what_the_verdict_says_is_not_warned_about_again():
    assert report(gs.LMS(8), 200.0).verdict == "unstable"
    assert report(gs.LMS(8), 200.0).warnings == []


def test_laws():
    inside = gs.KwongJohnston(low=1e-4, high=0.05, saturate=False)
    assert report(gs.LMS(8), inside).verdict == "stable"
    outside = report(gs.LMS(8), gs.KwongJohnston(high=0.5, saturate=False))
    assert outside.verdict == "not certified"
    assert "high=0.13" in outside.sentence
    assert "saturation" in report(gs.LMS(8), gs.KwongJohnston()).sentence
    assert report(gs.NLMS(8), gs.KwongJohnston()).verdict == "stable"
    assert report(gs.LMS(8), gs.RMSProp()).verdict == "not certified"
    rep = report(gs.LMS(8), inside)
    assert (rep.emse, rep.time_constants) == (None, None)
    with pytest.raises(gs.NoTheory, match="KwongJohnston"):
        rep.learning_curve(10)


# -- warnings -----------------------------------------------------------------------------------------------------

def test_colored_delay_lines_are_warned_about_with_the_figure():
    rep = report(gs.LMS(8), 0.05)
    assert any("35% of the independence bound" in line for line in rep.warnings)
    assert not report(gs.LMS(8), 0.05, gs.Excitation(1.0)).warnings
    assert not report(gs.LMS(gs.FIR(1, channels=8)), 0.05).warnings                  # no delay line
    assert any("carry no power" in line for line in report(gs.LMS(8), 0.001, gs.Excitation(np.ones((8, 8)))).warnings)
    assert any("nothing is adapted" in line for line in report(gs.LMS(8), 0.0).warnings)


# -- from data ----------------------------------------------------------------------------------------------------

def test_from_data(rng):
    x = lfilter([0.714], [1, -0.7], rng.standard_normal(20_000))
    w = np.array([1.0, -0.5, 0.25, 0.1])
    d = np.convolve(x, w)[:20_000] + 0.1 * rng.standard_normal(20_000)
    d[50:60] = np.nan
    loop = gs.Loop(gs.LMS(4), gain=0.01, nonfinite="skip")
    rep = gs.analyze(loop, x=x, d=d)
    assert rep.noise == pytest.approx(0.01, rel=0.05)
    assert rep.bounds["deterministic"].value < rep.range[1]
    curve = rep.learning_curve(2000)                                                 # starts at the Wiener solution's distance
    run = loop.run(x, d)
    assert np.nanmean(run.e[1000:] ** 2) == pytest.approx(curve[-1], rel=0.05)
    assert curve[0] == pytest.approx(0.01 + w @ toeplitz(0.7 ** np.arange(4)) @ w, rel=0.1)
    later = gs.analyze(loop, x=x, d=d).learning_curve(10, "emse")
    assert later[0] < 0.01 * curve[0]                                                # from the present weights on


def test_complex_data(rng):
    z = rng.standard_normal((2, 8000)) + 1j * rng.standard_normal((2, 8000))
    x, v = z / np.sqrt(2)
    rep = gs.analyze(gs.Loop(gs.NLMS(4), gain=0.5), x=x, d=np.convolve(x, [1, 1j])[:8000] + 0.1 * v)
    assert rep.emse == pytest.approx(0.5 / 1.5 * 0.01 * 4 / 3, rel=0.1)              # trR E[1/|u|^2] = N/(N - 1)


def test_refusals():
    loop = gs.Loop(gs.LMS(8), gain=0.01)
    with pytest.raises(TypeError, match="operating point"):
        gs.analyze(loop)
    with pytest.raises(TypeError, match="Loop"):
        gs.analyze(gs.LMS(8), EXC)
    with pytest.raises(ValueError, match="must be 4"):
        gs.analyze(gs.Loop(gs.LMS(4), gain=0.01), EXC)
    rep = gs.analyze(loop, EXC)
    with pytest.raises(ValueError, match="kind"):
        rep.learning_curve(10, "rms")
    with pytest.raises(ValueError, match="every"):
        rep.learning_curve(10, every=0)
    with pytest.raises(ValueError, match="8 weights"):
        rep.learning_curve(10, w_opt=[1.0])


def test_learning_curve_refuses_with_name_value_and_limit():
    rep = report(gs.LMS(4), 0.01, gs.Excitation(1.0))
    for power in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"w_opt_power must be finite and >= 0, got {power:g}"):
            rep.learning_curve(3, w_opt_power=power)
    with pytest.raises(TypeError, match="w_opt_power must be a number, got 'a'"):
        rep.learning_curve(3, w_opt_power="a")
    with pytest.raises(ValueError, match="w_opt must be finite, got"):
        rep.learning_curve(3, w_opt=[1.0, math.nan, 0.0, 0.0])
    with pytest.raises(TypeError, match="w_opt must hold numbers"):
        rep.learning_curve(3, w_opt=list("abcd"))
    for n in ("a", None, [3], math.nan, math.inf, 2.5, 0, True):
        with pytest.raises(ValueError, match="n must be an integer >= 1, got"):
            rep.learning_curve(n)
    assert len(rep.learning_curve(np.int64(3), every=2.0)) == 2


# -- as a thing ---------------------------------------------------------------------------------------------------

def test_prints_and_goes_to_json():
    for rep in (report(gs.LMS(8), 0.05), report(gs.LMS(8), 0.5), report(gs.RLS(8)), report(gs.NLMS(8), gs.KwongJohnston())):
        text = str(rep)
        assert text.splitlines()[0].startswith(f"{rep.verdict}: ")
        assert rep.to_dict() == json.loads(json.dumps(rep.to_dict(), allow_nan=False))
        assert "<table>" in rep._repr_html_()
        assert repr(rep).startswith(f"<Report {rep.verdict}")
    back = pickle.loads(pickle.dumps(report(gs.LMS(8), 0.05)))
    np.testing.assert_allclose(back.learning_curve(5), report(gs.LMS(8), 0.05).learning_curve(5))


def test_curve_kinds():
    rep = report(gs.LMS(8), 0.02)
    emse = rep.learning_curve(100, "emse")
    np.testing.assert_allclose(rep.learning_curve(100), emse + 0.01)
    np.testing.assert_allclose(rep.learning_curve(100, every=30), (emse + 0.01)[::30])
    assert rep.learning_curve(1, "msd", w_opt_power=3.0)[0] == pytest.approx(3)
    assert rep.learning_curve(1, "msd", w_opt=np.arange(8.0))[0] == pytest.approx(np.sum(np.arange(8.0) ** 2))
    assert rep.learning_curve(1, "emse")[0] == pytest.approx(np.trace(R) / 8)


def test_fit_percent():
    y = np.array([1.0, 2.0, 4.0])
    assert gs.fit_percent(y, y) == 100
    assert gs.fit_percent(y, np.full(3, y.mean())) == pytest.approx(0)
    assert gs.fit_percent([*y, np.nan, 1.0], [*y, 1.0, np.nan]) == 100
    assert math.isnan(gs.fit_percent([1.0, 1.0], [1.0, 2.0]))
    with pytest.raises(ValueError, match="shape of yhat"):
        gs.fit_percent(y, y[:2])
