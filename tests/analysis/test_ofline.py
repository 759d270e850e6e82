"""What analyze makes of a covariance that describes a short delay line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.linalg import toeplitz

import gainsched as gs

COLORED = toeplitz([1.0, 0.5, 0.0])


def report(gain, R=COLORED, taps=3, noise=0.01, **more):
    return gs.analyze(gs.Loop(gs.LMS(taps), gain=gain), gs.Excitation(R, noise=noise, **more))


@pytest.mark.parametrize("power", [1.0, 40.0])
def test_the_bound_is_that_of_the_delay_line(power):
    rep = report(0.01 / power, power * COLORED)
    line = gs.DelayLine(3, color=(1.0, 1.0), power=power, noise=0.01)
    assert rep.bounds["delay_line"].value == pytest.approx(line.bound.value, rel=1e-6)        # a double root
    assert rep.bounds["delay_line"].value < rep.range[1] == rep.bounds["mean_square"].value
    assert "delay line" in rep.bounds["delay_line"].assumption
    assert rep.bounds["delay_line"].reference in rep.references
    assert (rep.verdict, rep.warnings) == ("stable", [])
    assert json.loads(json.dumps(rep.to_dict(), allow_nan=False))["bounds"]["delay_line"]["value"] > 0
    assert "delay_line" in str(rep)


def test_beyond_it_a_gain_is_not_certified():
    bound = report(0.01).bounds["delay_line"].value
    assert report(0.98 * bound).verdict == "stable"
    rep = report(1.02 * bound)
    assert rep.verdict == "not certified"
    assert f"grows by {gs.DelayLine(3, (1.0, 1.0)).growth(1.02 * bound):.4g} per sample" in rep.sentence
    assert any("have no limit" in line for line in rep.warnings)
    assert report(1.02 * rep.range[1]).verdict == "unstable"             # with the witness of independent regressors


@pytest.mark.parametrize(("gain", "verdict"), [
    (gs.Exponential(0.2, rate=0.5, every=100, floor=0.01), "stable"), (gs.Cosine(0.3, 0.0, 500), "stable"),
    (gs.Exponential(0.3, rate=0.5, every=100, floor=0.2), "not certified"), (gs.Cyclic(0.1, 0.2, 20), "not certified"),
    (gs.Cyclic(0.05, 0.1, 20), "stable"), (np.linspace(0.01, 0.2, 50), "not certified"),
    (gs.KwongJohnston(low=1e-4, high=0.2, saturate=False), "not certified"), (gs.KwongJohnston(high=0.2), "stable")])
def test_gains_that_move(gain, verdict):
    rep = report(gain)
    assert rep.verdict == verdict, rep.sentence
    passes = isinstance(gain, gs.Exponential | gs.Cosine) and verdict == "stable"
    assert passes == any("for a while" in line for line in rep.warnings)


def test_a_steady_state_that_is_not_that_of_independent_regressors_is_told():
    line = gs.DelayLine(3, (1.0, 1.0), noise=0.01)
    gain = 0.9 * line.bound.value
    rep = report(gain)
    exact = line.steady_state(gain).emse
    assert exact > 2 * rep.emse
    assert any(f"the EMSE is {exact:.4g}" in told for told in rep.warnings)
    assert not any("EMSE" in told for told in report(0.4 * line.bound.value).warnings)


@pytest.mark.parametrize("loop", [gs.Loop(gs.NLMS(3)), gs.Loop(gs.LMS(gs.FIR(1, channels=3)), gain=0.1),
                                  gs.Loop(gs.LMS(3), gain=0.1, compensator=gs.HeavyBall(0.5)),
                                  gs.Loop(gs.DelayedLMS(3), gain=0.1), gs.Loop(gs.LeakyLMS(3), gain=0.1)], ids=str)
def test_other_loops_have_none(loop):
    assert "delay_line" not in gs.analyze(loop, gs.Excitation(COLORED)).bounds


@pytest.mark.parametrize(("R", "more"), [
    (toeplitz(0.5 ** np.arange(3)), {}),                       # nothing says that it vanishes beyond the line
    (np.diag([1.0, 1.0, 1.1]), {}), (toeplitz([1.0, 0.6, 0.0]), {}),     # no line; no spectrum: 1 + 1.2 cos < 0
    (COLORED, {"kurtosis": 1.0}), (COLORED + 0j, {}), (np.zeros((3, 3)), {})])
def test_other_covariances_have_none(R, more):
    assert "delay_line" not in report(0.01, R, **more).bounds


def test_long_lines_are_left_to_records():
    assert "delay_line" in report(0.01, 1.0, 4).bounds
    assert "delay_line" not in report(0.01, 1.0, 5).bounds
    assert "delay_line" not in report(0.001, 1.0, 64).bounds
