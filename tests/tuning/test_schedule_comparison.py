"""Schedules side by side, by prediction and by run; and what a schedule believes."""

from __future__ import annotations

import pickle

import matplotlib as mpl
import numpy as np
import pytest
from scipy.linalg import toeplitz

import gainsched as gs
from gainsched.tuning.known import Known

mpl.use("Agg")
WHITE = gs.Excitation(1.0, noise=0.01)
COLOR = toeplitz(0.7 ** np.arange(8))
WALK = gs.Excitation(2.0, noise=0.01, drift=1e-6)


@pytest.mark.parametrize(("filter", "exc"), [
    (gs.LMS(8), WHITE), (gs.NLMS(8), WALK), (gs.RLS(8), gs.Excitation(COLOR, noise=0.01, drift=1e-6)),
    (gs.LMS(gs.FIR(1, channels=4)), gs.Excitation(np.diag([1, 0.5, 0.2, 0.1]), noise=0.01))])
def test_prediction_meets_the_records(filter, exc):
    """Within .3 dB and four standard errors (of 200 records: .15 dB each)."""
    found = gs.schedule_comparison(filter, exc, 1000, trials=200, seed=1)
    table = found.table()
    off = np.abs(table["predicted_db"] - table["measured_db"])
    assert np.all(off < 0.3 + 4 * table["error_db"]), table
    assert found.trials == 200
    assert list(table["predicted_db"]) == sorted(table["predicted_db"])
    if not isinstance(filter, gs.RLS):
        assert found.predicted[list(found.schedules).index("end")] <= found.predicted.min() * (1 + 1e-6)


@pytest.mark.slow
def test_colored_input_on_a_delay_line_needs_a_limit():
    """A fifth of the range: the records agree; without, the first gains burst."""
    exc = gs.Excitation(COLOR, noise=0.01)
    high = 0.2 * gs.analyze(gs.Loop(gs.LMS(8), gain=0.01), exc).range[1]
    found = gs.schedule_comparison(gs.LMS(8), exc, 2000, trials=300, high=high)
    end = list(found.schedules).index("end")
    assert found.schedules["end"](np.arange(2000)).max() <= high
    table = found.table().loc["end"]
    assert table["predicted_db"] == pytest.approx(-37.6, abs=0.05)                    # as `optimal_schedule` states them
    assert table["measured_db"] == pytest.approx(-37.7, abs=0.05)
    free = gs.schedule_comparison(gs.LMS(8), exc, 2000, trials=300)
    assert not free.measured[end] < 2 * free.predicted[end]


def test_more_schedules_and_pictures():
    found = gs.schedule_comparison(gs.LMS(4), WHITE, 200, schedules={"mine": gs.Cosine(0.1, 0.001, 200)})
    assert "mine" in found.schedules
    assert np.isnan(found.measured).all()
    assert len(found.plot().lines) == len(found.schedules)
    assert len(pickle.loads(pickle.dumps(found)).schedules) == 6


def test_records_have_the_covariance():
    """Of 20000 samples: the standard error of a covariance is below .03."""
    known = Known.of(gs.LMS(8), gs.Excitation(COLOR, noise=0.01))
    assert known.line
    rows = known._input(20_000, np.random.default_rng(0))[1][7:]
    np.testing.assert_allclose(rows.T @ rows / len(rows), COLOR, atol=0.08)
    assert not Known.of(gs.LMS(2), gs.Excitation(np.diag([1.0, 2.0]))).line
    with pytest.raises(gs.NoTheory):
        Known.of(gs.LMS(2), gs.Excitation(np.array([[1.0, 0.5j], [-0.5j, 1.0]])))


@pytest.mark.parametrize("change", [{"trials": -1}, {"seed": 0.5}, {"high": 0.0}])
def test_refusals(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        gs.schedule_comparison(gs.LMS(4), WHITE, 10, **change)
    with pytest.raises(TypeError, match="mine"):
        gs.schedule_comparison(gs.LMS(4), WHITE, 10, schedules={"mine": 0.1})


@pytest.mark.parametrize("filter", [gs.LMS(8), gs.NLMS(8), gs.RLS(8)])
def test_the_optimal_schedule_believes_the_truth(filter):
    """Knots within .1 %: q and p0 come back within .2 %."""
    found = gs.schedule_belief(filter, gs.optimal_schedule(filter, WALK, 2000), WALK, 2000)
    assert found.q == pytest.approx(1e-6, rel=2e-3)
    assert found.deviation < 2e-3
    assert found.p0 == np.inf if isinstance(filter, gs.RLS) else found.p0 == pytest.approx(1 / 8, rel=2e-3)


def test_constants_and_strangers():
    K = 0.01 * 2.0
    found = gs.schedule_belief(gs.LMS(8), gs.Constant(0.01), WALK, 500)
    assert found.deviation < 1e-6
    assert found.q / found.r == pytest.approx(K**2 / (1 - 10 * K), rel=1e-6)       # p K = q with K = p/(10 p + r)
    single = gs.schedule_belief(gs.RLS(1), gs.Constant(0.99), gs.Excitation(1.0), 5000)
    assert single.q == pytest.approx(gs.kalman_equivalent(0.01)[0], rel=0.12)  # its start is no Kalman filter's
    assert gs.schedule_belief(gs.LMS(8), gs.Cosine(0.05, 0.001, 2000), WALK, 2000).deviation > 0.5
    still = gs.schedule_belief(gs.RLS(8), gs.Constant(1.0), WHITE, 100)
    assert (still.q, still.p0) == (0.0, np.inf)
    np.testing.assert_allclose(still.gains(3), [1.0, 1 / 2, 1 / 3])


def test_belief_refuses():
    with pytest.raises(ValueError, match="> 0"):
        gs.schedule_belief(gs.LMS(4), gs.Polynomial(0.1, 0.0, 10), WHITE, 20)
    with pytest.raises(ValueError, match="forgetting"):
        gs.schedule_belief(gs.RLS(4), gs.Constant(1.5), WHITE, 20)
    with pytest.raises(gs.NoTheory, match="noise"):
        gs.schedule_belief(gs.LMS(4), gs.Constant(0.1), gs.Excitation(1.0, noise=0.0), 20)
    with pytest.raises(gs.NoTheory):
        gs.schedule_belief(gs.SignErrorLMS(4), gs.Constant(0.1), WHITE, 20)
    with pytest.raises(TypeError, match="Schedule"):
        gs.schedule_belief(gs.LMS(4), 0.1, WHITE, 20)
