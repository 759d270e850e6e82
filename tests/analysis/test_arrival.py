"""time_to: the sample from which on the predicted curve is at its level, or None."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gainsched as gs

WHITE = gs.Excitation(1.0, noise=0.01)


def report(gain, filter=None, exc=WHITE):
    return gs.analyze(gs.Loop(filter or gs.LMS(4), gain), exc)


@pytest.mark.parametrize("kind", ["mse", "emse", "msd"])
@pytest.mark.parametrize("gain", [0.05, 1e-4, gs.Cosine(0.1, 0.0, steps=500), gs.Exponential(0.1, 0.5, every=300)], ids=repr)
def test_it_is_where_the_curve_says(gain, kind):
    rep = report(gain)
    level = rep.noise * (kind == "mse") + 0.02
    k = rep.time_to(level, kind)
    curve = rep.learning_curve(4 * k, kind)
    assert curve[k - 1] > level
    assert (curve[k:] <= level).all()


def test_white_lms_in_closed_form():
    mu, n, level = 0.01, 4, 1e-3                               # no noise: the excess shrinks by one factor per sample
    factor = 1 - 2 * mu + mu**2 * (n + 2)
    rep = report(mu, exc=gs.Excitation(1.0, noise=0.0))
    assert rep.time_to(level, "emse") == math.ceil(math.log(level) / math.log(factor))
    assert rep.time_to(2 * level, "emse", w_opt_power=2.0) == rep.time_to(level, "emse")


def test_never():
    assert report(0.05).time_to(0.01) is None                  # the noise alone is there
    assert report(0.5).time_to(1.0, "emse") is None            # unstable
    assert report(gs.Cosine(0.05, 0.0, steps=50)).time_to(0.02, longest=20_000) is None     # stops too early
    assert report(1e-4).time_to(0.02, longest=1000) is None


def test_at_once_and_stays():
    assert report(0.05).time_to(2.0) == 0
    rep = report(gs.PiecewiseConstant([2000, 3000], [0.05, 0.3, 0.05]))      # comes down, goes up, comes down
    curve = rep.learning_curve(4096)
    level = 1.5 * curve[1999]
    assert curve[1000] < level < curve[2999]
    assert 3000 < rep.time_to(level) < 3200


def test_an_array_ends_it():
    rep = report(np.full(600, 0.05))
    assert rep.time_to(0.02) == report(0.05).time_to(0.02)
    assert report(np.linspace(0.05, 0.04, 30)).time_to(0.02) is None


def test_no_theory_and_refusals():
    with pytest.raises(gs.NoTheory):
        report(0.3, gs.APA(4)).time_to(0.02)
    rep = report(0.05)
    for level in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="level"):
            rep.time_to(level)
    with pytest.raises(TypeError, match="level"):
        rep.time_to("-20 dB")
    with pytest.raises(ValueError, match="longest"):
        rep.time_to(1.0, longest=0)
    with pytest.raises(ValueError, match="kind"):
        rep.time_to(1.0, "error")
