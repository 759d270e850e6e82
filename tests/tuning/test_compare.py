"""compare: a table of many loops on one recording, which leaves the loops alone and keeps those that diverge."""

from __future__ import annotations

import json
import math
import pickle

import numpy as np
import pytest

import gainsched as gs
from gainsched.tuning.contender import settling, steady_error


@pytest.fixture(scope="module")
def record():
    x, v = np.random.default_rng(0).standard_normal((2, 8000))
    return x, np.convolve(x, [1.0, -0.5, 0.25])[:8000] + 0.1 * v


LOOPS = [gs.Loop(gs.NLMS(4), gain=1.0), gs.Loop(gs.LMS(4), gain=2.0), gs.Loop(gs.RLS(4), forgetting=0.999),
         gs.Loop(gs.NLMS(4), gain=1.0), gs.Loop(gs.NLMS(4), gain=gs.KwongJohnston(start=0.1))]


@pytest.fixture(scope="module")
def found(record):
    return gs.compare(LOOPS, *record, timing=False)


def test_table_is_sorted_and_keeps_what_diverged(found):
    table = found.table
    assert len(table) == 5 and found.best == "RLS(FIR(4)), forgetting 0.999"
    steady = table["steady_error"].to_numpy()
    assert (np.diff(steady[:-1]) >= 0).all() and math.isnan(steady[-1])
    assert table.index[-1] == "LMS(FIR(4)), gain 2"
    assert list(table["status"][-1:]) == ["diverged"] and list(table["verdict"][-1:]) == ["unstable"]
    assert "NLMS(FIR(4)), gain 1 (2)" in table.index                         # equal descriptions are numbered
    assert "ns_per_sample" not in table


def test_figures_are_the_library_s_own(found, record):
    x, d = record
    name = "NLMS(FIR(4)), gain 1"
    run, report = gs.NLMS(4).run(x, d, gain=1.0), gs.analyze(gs.Loop(gs.NLMS(4), gain=1.0), x=x, d=d)
    row = found.table.loc[name]
    assert np.array_equal(found.runs[name].e, run.e)
    assert row["fit"] == run.fit and row["steady_error"] == pytest.approx(math.sqrt(np.mean(run.e[6000:] ** 2)), rel=1e-12)
    assert row["gain_margin_db"] == 20 * math.log10(report.margins.gain)
    assert row["phase_margin_deg"] == report.margins.phase_deg and row["delay_margin"] == report.margins.delay
    assert row["settling_predicted"] == report.time_to(2 * (report.noise + report.emse))
    assert found.table["settling_predicted"].isna()["NLMS(FIR(4)), gain KwongJohnston(start=0.1)"]


def test_settling_is_near_its_prediction(record):
    """White input, small gain: measured in stretches of 40 samples of one run, whose power scatters by a fifth."""
    found = gs.compare({"slow": gs.Loop(gs.LMS(4), gain=0.01)}, *record, timing=False)
    row = found.table.loc["slow"]
    assert abs(row["settling"] - row["settling_predicted"]) <= 100


def test_settling_leaves_missing_samples_out():
    e = np.where(np.arange(1000) < 400, 5.0, 1.0)
    e[500:700] = np.nan
    run = gs.Run(y=np.zeros(1000), e=e, w=np.zeros(1))
    assert settling(run) == 400 and steady_error(run) == 1.0
    assert math.isnan(settling(gs.Run(y=np.zeros(20), e=np.ones(20), w=np.zeros(1))))           # no three stretches


def test_loops_are_not_changed_and_go_on_from_where_they_stand(record):
    x, d = record
    loop = gs.Loop(gs.NLMS(4), gain=0.1)
    loop.run(x[:100], d[:100])
    before = loop.state.tobytes()
    found = gs.compare({"on": loop}, x[100:], d[100:], timing=True)
    assert loop.state.tobytes() == before
    assert found.runs["on"].start == 100
    assert found.table.loc["on", "ns_per_sample"] > 0


def test_without_timing_the_result_depends_on_the_data_alone(found, record):
    again = gs.compare(LOOPS, *record, timing=False)
    assert json.dumps(again.to_dict()) == json.dumps(found.to_dict())


def test_result_prints_plots_and_pickles(found):
    lines = str(found).splitlines()
    assert lines[0].startswith("loop") and "steady error" in lines[0] and lines[1].startswith("RLS(FIR(4)), forgetting 0.999")
    assert "diverged" in lines[5] and "last quarter" in str(found)
    assert repr(found) == "<Comparison of 5 loops, 1 diverged; best: RLS(FIR(4)), forgetting 0.999>"
    ax = found.plot()
    assert ax.get_ylim()[1] < 20                                             # dB: the run that diverged is cut off
    assert len(ax.lines) == 5 and ax.get_legend().get_texts()[0].get_text().startswith(found.best)
    assert str(pickle.loads(pickle.dumps(found))) == str(found)
    json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert found._repr_html_().startswith("<table")


def test_all_may_diverge(record):
    found = gs.compare([gs.Loop(gs.LMS(4), gain=3.0)], *record)
    assert found.best is None and math.isnan(found.table["ns_per_sample"].iloc[0])
    assert found.to_dict()["table"][0]["stopped_at"] == found.runs["LMS(FIR(4)), gain 3"].stopped_at


def test_a_loop_without_analysis_is_compared_by_its_run():
    """Ten samples are too few for statistics: the note says so."""
    x = np.random.default_rng(0).standard_normal(10)
    found = gs.compare({"short": gs.Loop(gs.NLMS(8))}, x, x, timing=False)
    assert found.reports["short"] is None and found.notes["short"]
    assert found.table.loc["short", "verdict"] == "unknown" and found.table.loc["short", "status"] == "done"


@pytest.mark.parametrize(("loops", "words"), [
    ([], "must hold at least one Loop"), (gs.Loop(gs.NLMS(3)), "must be a list of Loops"), ([gs.NLMS(3)], "must hold Loops"),
    ({"two": gs.Loop(gs.NLMS(gs.FIR(3, channels=2)))}, "compare: two: "),
])
def test_refusals(loops, words, record):
    with pytest.raises((TypeError, ValueError), match=words):
        gs.compare(loops, *record)
