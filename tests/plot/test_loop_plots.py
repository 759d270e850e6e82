"""The loop in the four pictures of control: what is drawn is what python-control computes and what margins say."""

from __future__ import annotations

import math

import control
import numpy as np
import pytest

import gainsched as gs
from gainsched.plot import bode, learning_curve, nyquist, root_locus, step
from gainsched.plot.figure import new_figure

EXC = gs.Excitation(2.0, noise=1e-2)
LOOPS = [gs.Loop(gs.LMS(4), gain=0.05), gs.Loop(gs.DelayedLMS(4, delay=3), gain=0.02), gs.Loop(gs.NLMS(4), gain=0.5),
         gs.Loop(gs.LMS(4), gain=0.05, compensator=gs.HeavyBall(0.9)),
         gs.Loop(gs.LMS(4), gain=gs.Exponential(0.05, rate=0.5, every=100, floor=0.01)),
         gs.Loop(gs.LMS(4), gain=gs.KwongJohnston(high=0.05)), gs.Loop(gs.RLS(4), forgetting=0.99)]


@pytest.fixture
def ax():
    return new_figure().add_subplot()


def labels(ax):
    return {line.get_label(): line for line in ax.lines}


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: type(loop.filter).__name__)
def test_root_locus_names_the_gain_and_its_limit(ax, loop):
    report = gs.analyze(loop, EXC)
    drawn = labels(root_locus(report, ax=ax))
    bar = ax.figure.axes[1].get_ylabel()
    if report.port == "forgetting":
        assert (bar, report.worst_gain) == ("factor on the loop", None)
        return
    assert bar == "gain"
    limit = report.worst_gain * report.margins.gain
    at_limit, now = drawn[f"gain {limit:.4g}, limit"], drawn[f"gain {report.worst_gain:.4g}, now"]
    poles = at_limit.get_xdata() + 1j * at_limit.get_ydata()
    assert np.abs(poles).max() == pytest.approx(1, abs=1e-6)                  # there the first pole leaves
    expected = control.feedback(report.worst_loop, 1).poles()
    np.testing.assert_allclose(np.sort_complex(now.get_xdata() + 1j * now.get_ydata()), np.sort_complex(expected), atol=1e-9)


def test_root_locus_of_any_system(ax):
    s = control.tf("s")
    drawn = labels(root_locus(10 * (s + 1) ** 2 / s**3, ax=ax))
    assert {"factor on the loop 1, now", "factor on the loop 0.05, lowest"} <= set(drawn)
    assert ax.get_xlabel() == "Re s"
    unstable = labels(root_locus(gs.Loop(gs.LMS(1), gain=3.0).transfer(1.0), gain=3.0, ax=new_figure().add_subplot()))
    assert {"gain 3, now", "gain 2, limit"} <= set(unstable)


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: type(loop.filter).__name__)
def test_bode_shows_the_margins(loop):
    report = gs.analyze(loop, EXC)
    pair = new_figure().subplots(2, 1, sharex=True)
    upper, lower = bode(report, ax=pair)
    m = report.margins
    assert f"gain margin {m.gain:.4g} times" in labels(upper)
    line = labels(lower)[f"phase margin {m.phase_deg:.4g} deg"]
    assert np.ptp(line.get_ydata()) == pytest.approx(m.phase_deg, abs=0.01)     # the curve is drawn through 4000 points
    w, decibel = upper.lines[0].get_data()
    np.testing.assert_allclose(decibel, 20 * np.log10(np.abs(report.worst_loop(np.exp(1j * w)))), atol=1e-9)
    assert lower.get_xlabel() == "frequency, rad/sample"


def test_bode_of_continuous_and_sampled_systems():
    s = control.tf("s")
    assert bode(10 * (s + 1) ** 2 / s**3, ax=new_figure().subplots(2, 1))[1].get_xlabel() == "frequency, rad/s"
    z = control.tf([0.1], [1, -1], 0.01)
    upper, _ = bode(z, ax=new_figure().subplots(2, 1))
    assert upper.lines[0].get_xdata()[-1] == pytest.approx(math.pi)
    assert upper.lines[0].get_ydata()[-1] == pytest.approx(20 * math.log10(0.05))
    bode(gs.Loop(gs.LMS(1), gain=3.0).transfer(1.0), ax=new_figure().subplots(2, 1))
    with pytest.raises(ValueError, match="two Axes"):
        bode(z, ax=[new_figure().add_subplot()])


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: type(loop.filter).__name__)
def test_step_follows_the_mean_of_the_weights(ax, loop):
    report = gs.analyze(loop, EXC)
    followed = step(report, 60, ax=ax).lines[0].get_ydata()
    num, den = (np.atleast_1d(p[0][0]) for p in (report.worst_loop.num, report.worst_loop.den))
    closed = np.polyadd(num, den)
    y = np.zeros(61)
    for k in range(61):                                                         # the recursion itself
        back = sum(closed[i] * y[k - i] for i in range(1, len(closed)) if k >= i)
        push = sum(num[-1 - i] for i in range(len(num)) if k >= len(den) - 1 - i)
        y[k] = (push - back) / closed[0]
    np.testing.assert_allclose(followed, y, atol=1e-9)


def test_step_picks_its_length(ax):
    report = gs.analyze(LOOPS[0], EXC)
    line = step(report, ax=ax).lines[0]
    assert line.get_xdata()[-1] == pytest.approx(8 * report.time_constants.min(), abs=1)
    assert line.get_ydata()[-1] == pytest.approx(1, abs=1e-3)
    s = control.tf("s")
    assert step(2 / (s * (s + 1)), label="servo", ax=ax).get_xlabel() == "time, s"
    assert len(step(gs.Loop(gs.LMS(1), gain=3.0).transfer(1.0), ax=new_figure().add_subplot()).lines[0].get_xdata()) == 21
    with pytest.raises(ValueError, match="n must be an integer >= 1"):
        step(report, 0)


@pytest.mark.parametrize("draw", [bode, nyquist, root_locus, step])
def test_no_loop_no_picture(draw):
    report = gs.analyze(gs.Loop(gs.LMS(4), gain=np.full((4, 1), 0.01)), gs.Excitation(1.0))
    with pytest.raises(gs.NoTheory, match=f"{draw.__name__}: this report has no loop to draw"):
        draw(report)


@pytest.mark.parametrize("is_complex", [False, True])
def test_the_band_holds_what_it_says(ax, is_complex):
    """95 % of means over the window lie in it (their own spread is counted over 600 windows that do not overlap)."""
    rng = np.random.default_rng(3)
    x, v = rng.standard_normal((2, 30_000)) + (1j * rng.standard_normal((2, 30_000)) if is_complex else 0)
    exc = gs.Excitation(np.eye(2) * (2.0 + 0j) if is_complex else np.eye(2), noise=0.02 if is_complex else 0.01)
    loop = gs.Loop(gs.LMS(2), gain=0.005, w0=[1.0, 0.0])
    report = gs.analyze(loop, exc)
    run = loop.run(x, x + 0.1 * v)
    learning_curve(run, report=report, window=50, ax=ax)
    k, band = ax.collections[0].get_paths()[0].vertices.T
    inner = band[(k > 1000) & (k < 29_000)]                                    # at the ends a mean has fewer samples
    low, high = (10 ** (end / 10) for end in (inner.min(), inner.max()))
    means = np.mean(np.abs(run.e.reshape(-1, 50)) ** 2, axis=1)
    assert np.mean((means > low) & (means < high)) == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / 600))


@pytest.mark.parametrize("at", [0, 4, 11])
def test_the_band_holds_where_the_power_falls(at):
    """At least 95 % there: a large error lowers the next ones, so that means scatter less than independent errors."""
    rng = np.random.default_rng(5)
    x, v = rng.standard_normal((2, 2000, 24))
    loop = gs.Loop(gs.LMS(1), gain=0.03, w0=[1.0])
    report = gs.analyze(loop, gs.Excitation(1.0, noise=1e-4, w_opt=[0.0]))
    runs = loop.run_many(x, 0.01 * v, workers=1)
    ax = learning_curve(report, 24, window=16, ax=new_figure().add_subplot())
    edge = ax.collections[0].get_paths()[0].vertices
    ends = 10 ** (edge[np.isclose(edge[:, 0], at), 1] / 10)
    means = np.array([np.mean(run.e[max(at - 7, 0):at + 9] ** 2) for run in runs])
    inside = np.mean((means > ends.min()) & (means < ends.max()))
    assert 0.94 < inside < 1
