"""Rows of run_many that share vectors are, to the last bit, the runs they are alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gainsched as gs
from gainsched import runs as module
from gainsched.kernels.ensemble import together

T = 150
GAINS = {"constant": lambda total: 0.04, "array": lambda total: np.linspace(0.05, 0.01, total),
         "schedule": lambda total: gs.Exponential(0.05, 0.5, every=100)}


def signals(rows, total=T, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((rows, total))
    return X, 0.5 * X + 0.1 * rng.standard_normal((rows, total))


def assert_rows_are_runs(made, X, D, **how):
    """A loop, where it stands: its rows together, and one after another."""
    before = made.state
    runs = made.run_many(X, D, **how)
    assert made.state == before
    assert len(runs) == len(X)
    for m, run in enumerate(runs):
        made.state = before
        try:
            alone = made.run(X[m], D[m])
        except gs.DivergedError as error:
            alone = error.run
        for name in ("y", "e", "w", "d"):
            assert np.array_equal(getattr(run, name), getattr(alone, name), equal_nan=True), (m, name)
        assert (run.status, run.stopped_at, run.start, run.n) == (alone.status, alone.stopped_at, alone.start, alone.n)
    made.state = before
    return runs


def started(filter, gain, samples, **options):
    """A loop that has taken some samples in."""
    made = gs.Loop(filter, gain=gain, **options)
    X, D = signals(1, samples, seed=99)
    made.run(X[0], D[0])
    return made


@pytest.fixture
def shared(monkeypatch):
    """How many records went side by side."""
    counts = []

    def spy(engines, *rest):
        counts.append(len(engines))
        return together(engines, *rest)

    monkeypatch.setattr(module, "together", spy)
    return counts


@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize("n", [*range(1, 34), 63, 127, 128])
@pytest.mark.parametrize("filter", [gs.LMS, gs.NLMS])
def test_every_length_and_number_of_rows(filter, n, gain, shared):
    for rows in (1, 3, 4, 5, 16, 17):
        made = started(filter(n), GAINS[gain](T + 2 * rows), rows % 5)
        X, D = signals(rows, T + rows % 4, seed=rows)
        assert_rows_are_runs(made, X, D, workers=1)
        assert sum(shared) == rows
        shared.clear()


@pytest.mark.parametrize("phase", range(8))
@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 5, 9, 40])
def test_every_phase_and_every_end(phase, total):
    X, D = signals(5, total)
    assert_rows_are_runs(started(gs.NLMS(5), 0.5, phase), X, D)


@pytest.mark.parametrize("filter", [gs.LMS(6), gs.NLMS(9, eps=0)], ids=repr)
@pytest.mark.parametrize("at", range(60, 68))
def test_a_burst_in_one_row_and_what_follows_it(filter, at):
    X, D = signals(6, 400)
    X[2, at:at + 9] *= 1e5
    D[2] = 0.5 * X[2]
    X[4, at:] *= 1e-4                            # its correlations are summed afresh, those beside it are not
    X[5, at:at + 50] = D[5, at:at + 50] = 0.0
    assert_rows_are_runs(started(filter, 1e-7 if isinstance(filter, gs.LMS) else 0.5, 3), X, D)


@pytest.mark.parametrize("at", range(40, 48))
def test_a_row_that_diverges_leaves_the_others_alone(at):
    X, D = signals(7)
    X[1, at] = X[6, at + 1] = 1e10
    runs = assert_rows_are_runs(started(gs.LMS(4), 0.05, 2, on_divergence="stop"), X, D)
    assert [run.status for run in runs] == ["done", "diverged", "done", "done", "done", "done", "diverged"]
    assert all(run.n < T for run in runs if run.status == "diverged")


def test_rows_that_all_diverge_end_the_record():
    X, D = signals(9, 12_000)
    runs = assert_rows_are_runs(gs.Loop(gs.LMS(8), gain=3.0, on_divergence="stop"), X, D, workers=1)
    assert {run.status for run in runs} == {"diverged"}


def test_an_error_that_a_larger_signal_allows_is_no_divergence():
    """The bound grows with d within a block; the lanes look at the bound before it, and send the row on alone."""
    X, D = signals(5, 300)
    D[3, 101:] *= 1e12
    runs = assert_rows_are_runs(started(gs.NLMS(4), 0.5, 1), X, D)
    assert {run.status for run in runs} == {"done"}


@pytest.mark.parametrize("limit", [0.3, float("inf")])
@pytest.mark.parametrize("gain", [0.0, 0.5, 1e100])
def test_limits_and_gains_at_their_ends(limit, gain):
    X, D = signals(5)
    X[1] *= 1e100
    made = gs.Loop(gs.LMS(3), gain=gs.Constant(gain), limit=limit, on_divergence="stop")
    assert_rows_are_runs(made, X, D)


@pytest.mark.parametrize("gain", GAINS)
def test_records_of_many_blocks_of_the_clock(gain):
    """Gains are tabulated once for the rows side by side, and again, from the start, for the next ones."""
    X, D = signals(11, 20_000)
    X[9, 5_000] = 1e12
    assert_rows_are_runs(started(gs.NLMS(3), GAINS[gain](21_001), 1001, on_divergence="stop"), X, D, workers=1)


def test_signals_of_other_kinds():
    X, D = signals(6, 500)
    made = started(gs.NLMS(5), 0.5, 3)
    assert_rows_are_runs(made, X.astype(np.float32), D)
    assert_rows_are_runs(made, np.asfortranarray(X), np.asfortranarray(D), workers=1)
    assert_rows_are_runs(made, np.rint(9 * X).astype(int), D[:, ::-1])


def test_a_loop_that_cannot_share_runs_its_rows_alone(shared):
    X, D = signals(5)
    for made in (gs.Loop(gs.LeakyLMS(4, leak=0.1), gain=0.05), gs.Loop(gs.NLMS(4), nonfinite="skip"),
                 gs.Loop(gs.LMS(4), gain=gs.KwongJohnston(high=0.05)), gs.Loop(gs.LMS(4), gain=np.full((4, 1), 0.05)),
                 gs.Loop(gs.NLMS(4), compensator=gs.HeavyBall(0.5)), gs.Loop(gs.RLS(4)), gs.Loop(gs.NLMS(129))):
        assert_rows_are_runs(made, X, D)
    stereo = gs.Loop(gs.NLMS(gs.FIR(2, channels=2)))
    assert_rows_are_runs(stereo, np.stack([X, D], axis=2), D)
    runs = gs.Loop(gs.NLMS(4)).run_many(X, D, record=gs.Record(weights=1))
    assert np.array_equal(runs[2].weights[-1], runs[2].w)
    gs.Loop(gs.NLMS(4)).run_many(X + 0j, D)
    assert not shared


def test_refusals_name_the_sample_and_leave_the_loop():
    X, D = signals(5)
    made = started(gs.NLMS(4), 0.5, 7)
    before = made.state
    X[3, 20] = np.nan
    with pytest.raises(ValueError, match=r"x of row 3 is nan at index 20 of this record \(k = 27"):
        made.run_many(X, D)
    with pytest.raises(ValueError, match="d of row 4 is inf"):
        made.run_many(D, np.where(D == D[4, 9], np.inf, D))
    with pytest.raises(ValueError, match="workers must be an integer >= 1 or None, got 'two'"):
        made.run_many(D, D, workers="two")
    with pytest.raises(IndexError, match="run 5 of 5"):
        made.run_many(D, D)[5]
    with pytest.raises(ValueError, match="ends after 100 samples"):
        gs.Loop(gs.LMS(2), gain=np.full(100, 0.1)).run_many(D, D)
    assert made.state == before
    made = gs.Loop(gs.LMS(2), gain=gs.Function(lambda k: np.where(k < 5000, 0.1, np.nan)))
    X, D = signals(5, 6000)
    with pytest.raises(ValueError, match="at k = 5000 must be finite"):
        made.run_many(X, D)
    assert made.n == 0


def test_an_interruption_leaves_the_loop_as_it_was():
    def impatient(k):
        if np.max(k) > 20_000:
            raise KeyboardInterrupt
        return 0.1 + 0.0 * k

    X, D = signals(6, 30_000)
    made = gs.Loop(gs.NLMS(4), gain=gs.Function(impatient))
    with pytest.raises(KeyboardInterrupt):
        made.run_many(X, D, workers=1)
    assert made.n == 0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_ensemble(data):
    n, rows = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 12))
    total, begun = data.draw(st.integers(0, 700)), data.draw(st.integers(0, 9))
    X, D = signals(rows, total, seed=data.draw(st.integers(0, 1000)))
    for row in data.draw(st.lists(st.integers(0, rows - 1), max_size=3)):
        at = data.draw(st.integers(0, total))
        X[row, at:at + data.draw(st.integers(1, 300))] *= 10.0 ** data.draw(st.integers(-150, 20))
    filter = data.draw(st.sampled_from([gs.LMS(n), gs.NLMS(n), gs.NLMS(n, eps=0)]))
    gain = GAINS[data.draw(st.sampled_from(sorted(GAINS)))](total + 10)
    assert_rows_are_runs(started(filter, gain, begun, on_divergence="stop"), X, D,
                         workers=data.draw(st.sampled_from([1, 2, None])))
