"""design_schedule: settles as soon and ends as accurate as was asked, by the report and by trials; else it says when it could."""

from __future__ import annotations

import json
import math
import pickle
import re

import numpy as np
import pytest

import gainsched as gs

N = 8
WHITE = gs.Excitation(1.0, noise=0.01)
COLORED = gs.Excitation(0.7 ** np.abs(np.subtract.outer(np.arange(N), np.arange(N))), noise=0.01)
DRIFTING = gs.Excitation(1.0, noise=0.01, drift=1e-6)


@pytest.mark.parametrize("filter", [gs.LMS(N), gs.NLMS(N)], ids=["lms", "nlms"])
@pytest.mark.parametrize(("exc", "settling"), [(WHITE, 50), (COLORED, 110), (DRIFTING, 60)], ids=["white", "colored", "drifting"])
def test_it_does_what_no_constant_gain_does(filter, exc, settling):
    wishes = {"misadjustment": 0.1, "settling": settling}
    with pytest.raises(ValueError, match=r"times apart.*: design_schedule"):
        gs.design(filter, exc, **wishes)
    found = gs.design_schedule(filter, exc, **wishes)
    assert found.asked == wishes and found.met["settling"] <= settling and found.met["misadjustment"] <= 0.1
    report = found.report
    assert report.verdict == "stable" and report.misadjustment == pytest.approx(found.met["misadjustment"], rel=1e-6)

    curve = report.learning_curve(4 * settling, kind="emse")                              # the definition, by the analysis' own curve
    way = np.abs(curve - report.emse) / abs(curve[0] - report.emse)
    exc = exc.sized(N)
    a = filter.moments(exc).a
    mean = np.array([np.prod((1 - found.schedule(np.arange(k))[:, None] * a) ** 2, axis=0).max() for k in range(4 * settling)])
    late = np.flatnonzero(np.maximum(way, mean) > 0.02)
    assert late[-1] + 1 == found.met["settling"]


def test_margins_cap_the_start():
    found = gs.design_schedule(gs.NLMS(N), WHITE, settling=60, misadjustment=0.05, gain_margin_db=14)
    assert found.met["gain_margin_db"] >= 14 and 20 * math.log10(2 / found.schedule.start) >= 14
    assert gs.design_schedule(gs.NLMS(N), WHITE, settling=60, misadjustment=0.05).schedule.start > found.schedule.start
    with pytest.raises(ValueError, match="from at most"):
        gs.design_schedule(gs.NLMS(N), WHITE, settling=60, misadjustment=0.05, gain_margin_db=30)


@pytest.mark.parametrize(("exc", "settling"), [(WHITE, 25), (COLORED, 60)])
def test_the_soonest_time_is_true(exc, settling):
    with pytest.raises(ValueError, match=r"met by no gain that falls") as refused:
        gs.design_schedule(gs.LMS(N), exc, settling=settling, misadjustment=0.1)
    soonest = int(re.search(r"Ask for settling=(\d+)\.", str(refused.value))[1])
    assert gs.design_schedule(gs.LMS(N), exc, settling=soonest, misadjustment=0.1).met["settling"] <= soonest
    with pytest.raises(ValueError, match="Ask for"):
        gs.design_schedule(gs.LMS(N), exc, settling=soonest - 1, misadjustment=0.1)


@pytest.mark.parametrize("filter", [gs.LMS, gs.NLMS])
def test_trials(filter):
    """4000 trials with independent regressors: settling within 15 %, misadjustment within 10 %."""
    wishes = {"misadjustment": 0.1, "settling": 50}
    rows = gs.FIR(taps=1, channels=N)
    found = gs.design_schedule(filter(rows), WHITE, **wishes)
    scenario = gs.scenarios.Identification(N, samples=1200, snr_db=20, regressors="independent")
    assert scenario.noise_power == pytest.approx(WHITE.noise)
    ensemble = gs.monte_carlo(found.loop, scenario, trials=4000)
    curve = ensemble.mean("emse")
    rest = curve[ensemble.at["emse"] > 700].mean()
    assert rest / 0.01 == pytest.approx(0.1, rel=0.1)
    late = ensemble.at["emse"][np.abs(curve - rest) > 0.02 * (1.0 - rest)]                # drawn plants have power 1
    assert late[-1] <= 1.15 * found.met["settling"] <= 1.15 * 50


def test_as_a_value():
    found = gs.design_schedule(gs.LMS(N), WHITE, misadjustment=0.05, settling=50)
    assert pickle.loads(pickle.dumps(found)).to_dict() == found.to_dict() == json.loads(json.dumps(found.to_dict()))
    assert found.loop.gain == found.schedule and "floor=0.01176" in repr(found)
    assert set(found.assumptions) == {"misadjustment", "settling"}


@pytest.mark.parametrize(("filter", "wishes", "error", "words"), [
    (gs.LMS(N), {"settling": 50}, TypeError, "misadjustment or noise_floor_db"),
    (gs.LMS(N), {"misadjustment": 0.1}, TypeError, "needs settling"),
    (gs.LMS(N), {"misadjustment": 0.1, "settling": 50.5}, ValueError, "whole number"),
    (gs.LMS(N), {"misadjustment": 0.1, "settling": 50_000}, ValueError, "<= 20000"),
    (gs.LMS(N), {"misadjustment": -0.1, "settling": 50}, ValueError, "> 0"),
    (gs.RLS(N), {"misadjustment": 0.1, "settling": 50}, gs.NoTheory, "after a jump"),
    (gs.APA(N), {"misadjustment": 0.1, "settling": 50}, gs.NoTheory, "no theory"),
    (3, {"misadjustment": 0.1, "settling": 50}, TypeError, "must be a filter"),
])
def test_refusals(filter, wishes, error, words):
    with pytest.raises(error, match=words):
        gs.design_schedule(filter, WHITE, **wishes)
