"""Loop and Run: what the contract says, sentence by sentence, beyond what the common checks cover."""

from __future__ import annotations

import signal
import threading
import time

import numpy as np
import pytest

import gainsched as gs

T = 5000


@pytest.fixture(scope="module")
def job():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(T)
    return x, np.convolve(x, [1.0, -0.5, 0.25, 0.1])[:T] + 0.01 * rng.standard_normal(T)


def test_first_update_uses_the_first_gain(job):
    x, d = job
    run = gs.Loop(gs.LMS(4), gain=np.r_[0.3, np.zeros(T - 1)]).run(x, d)
    assert run.w == pytest.approx([0.3 * d[0] * x[0], 0, 0, 0])


def test_a_run_unpacks_prints_and_counts(job):
    y, e = run = gs.NLMS(4).run(*job, gain=0.5)
    assert np.array_equal(y, run.y)
    assert np.array_equal(e, job[1] - y)
    assert run.n == T and run.status == "done" and run.stopped_at is None
    assert "5000 samples" in repr(run)
    assert run.fit > 95


def test_default_gains_and_the_error_where_there_is_none():
    assert gs.Loop(gs.NLMS(4)).gain == gs.Constant(0.5)
    assert gs.Loop(gs.APA(4)).gain == gs.Constant(0.5)
    assert gs.Loop(gs.RLS(4)).forgetting == gs.Constant(1.0)
    with pytest.raises(ValueError, match=r"gs\.design"):
        gs.Loop(gs.LMS(4))


@pytest.mark.parametrize(("make", "words"), [
    (lambda: gs.Loop(gs.NLMS(4), gain=2.5), ["NLMS gain", "2.5", "<= 2"]),
    (lambda: gs.Loop(gs.APA(4), gain=-0.1), ["APA gain", "-0.1", ">= 0"]),
    (lambda: gs.Loop(gs.LMS(4), gain=float("nan")), ["LMS gain", "nan", "finite"]),
    (lambda: gs.Loop(gs.RLS(4), forgetting=0.0), ["forgetting", "> 0", "<= 1"]),
    (lambda: gs.Loop(gs.RLS(4), forgetting=1.01), ["forgetting", "1.01", "<= 1"]),
    (lambda: gs.Loop(gs.LMS(4), gain=0.1, forgetting=0.9), ["forgetting", "not a port"]),
    (lambda: gs.Loop(gs.LMS(4), gain=[0.1, -0.2]), ["sample 1", "-0.2"]),
    (lambda: gs.Loop(gs.LMS(4), gain=np.ones((3, 5))), ["(3, 5)", "(4, 1)"]),
    (lambda: gs.Loop(gs.LMS(4), gain="fast"), ["LMS gain", "fast"]),
    (lambda: gs.Loop(gs.LMS(4), gain=0.1, w0=[1.0]), ["w0", "(4,)"]),
    (lambda: gs.Loop(gs.LMS(4), gain=0.1, nonfinite="drop"), ["nonfinite", "drop", "skip"]),
    (lambda: gs.Loop(gs.LMS(4), gain=0.1, on_divergence="no"), ["on_divergence", "stop"]),
    (lambda: gs.Loop(gs.LMS(4), gain=0.1, limit=0), ["limit", "> 0"]),
    (lambda: gs.Loop("nlms"), ["filter", "NLMS(32)"]),
    (lambda: gs.LMS(0), ["taps", ">= 1"]),
    (lambda: gs.LMS(2.5), ["model"]),
    (lambda: gs.FxLMS(gs.ARX(1, 1), secondary=[1.0]), ["FxLMS", "FIR"]),
    (lambda: gs.MITRule(1, plant=([1, 0, 0], [1, 0.5]), reference=[1.0]), ["plant", "degree of num"]),
])
def test_bad_arguments_are_refused_by_name_value_and_limit(make, words):
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(("x", "d", "words"), [
    (np.ones((5, 2)), np.ones(5), ["x", "(5, 2)", "(T,)"]),
    (np.ones(5), np.ones(4), ["d", "(4,)", "(5,)"]),
    (np.ones(5), None, ["desired"]),
    (np.array(["a"] * 5), np.ones(5), ["x", "numeric"]),
    (np.array([1.0, np.inf]), np.ones(2), ["x", "index 1", "skip"]),
    (np.array([1.0, 1e200]), np.ones(2), ["x", "1e+150"]),
])
def test_bad_records_are_refused_and_leave_the_state(x, d, words):
    loop = gs.Loop(gs.NLMS(2))
    loop.run([1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    before = loop.state.tobytes()
    with pytest.raises((ValueError, TypeError)) as caught:
        loop.run(x, d)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert loop.state.tobytes() == before


def test_an_array_that_ends_early_is_refused_before_any_update(job):
    x, d = job
    loop = gs.Loop(gs.NLMS(4), gain=np.linspace(1, 0.1, 300))
    loop.run(x[:200], d[:200])
    before = loop.state.tobytes()
    with pytest.raises(ValueError, match="sample 300"):
        loop.run(x[200:400], d[200:400])
    assert loop.state.tobytes() == before
    loop.run(x[200:300], d[200:300])
    with pytest.raises(ValueError, match="sample 300"):
        loop.step(1.0, 1.0)


def test_a_schedule_that_turns_bad_is_refused_and_leaves_the_state():
    loop = gs.Loop(gs.NLMS(2), gain=gs.Exponential(1e-3, rate=10.0, every=100))     # overflows after 31 100 samples
    x = np.random.default_rng(0).standard_normal(40_000) * 1e-3
    with pytest.raises(ValueError, match="gain at sample 3"):
        loop.run(x, 0 * x)
    assert loop.n == 0


def test_per_weight_gains_both_ways(job):
    x, d = job
    g = np.geomspace(0.05, 0.005, 4)
    run = gs.Loop(gs.LMS(4), gain=g[:, None]).run(x, d, record=gs.Record(gain=1))
    w = np.zeros(4)
    u = gs.FIR(4).regressors(x)
    for k in range(200):
        w += g * (d[k] - u[k] @ w) * u[k]
    assert gs.Loop(gs.LMS(4), gain=g[:, None]).run(x[:200], d[:200]).w == pytest.approx(w, rel=1e-12)
    assert run.gain.shape == (T, 4)
    both = gs.Loop(gs.LMS(4), gain=np.tile(g[:, None], T)).run(x, d)
    assert np.array_equal(both.w, run.w)


def test_per_weight_rows_are_w_in_c_order():
    rng = np.random.default_rng(0)
    x, d = rng.standard_normal((100, 2)), rng.standard_normal(100)
    g = np.array([0.1, 0, 0, 0, 0, 0.1])[:, None]            # w[0, 0] and w[2, 1]
    run = gs.Loop(gs.LMS(gs.FIR(3, channels=2)), gain=g).run(x, d, record=gs.Record(gain=10))
    assert run.w.shape == (3, 2) and np.count_nonzero(run.w) == 2 and run.w[0, 0] != 0 and run.w[2, 1] != 0
    assert run.gain.shape == (10, 3, 2)


def test_one_weight_is_a_weight_too(job):
    run = gs.Loop(gs.LMS(1), gain=gs.RMSProp(rate=1e-3)).run(*job, record=gs.Record(gain=1))
    assert run.gain.shape == (T, 1) and len(np.unique(run.gain)) > 100
    assert gs.Loop(gs.LMS(1), gain=[[0.01]]).run(*job, record=gs.Record(gain=1)).gain[0] == pytest.approx([0.01])


def test_records_keep_the_clock(job):
    x, d = job
    run = gs.Loop(gs.NLMS(4)).run(x, d, record=gs.Record(gain=1000, weights=100))
    assert run.weights_at[0] == 99 and len(run.weights) == 50
    assert np.array_equal(run.weights[-1], run.w)
    assert run.gain_at.tolist() == [999, 1999, 2999, 3999, 4999]
    short = gs.Loop(gs.NLMS(4)).run(x[:100], d[:100], record=gs.Record(weights=100))
    assert np.array_equal(short.weights[0], short.w) and np.array_equal(run.weights[0], short.w)


@pytest.mark.parametrize("gain", [
    np.array([30.0, 20.0, 10.0])[:, None], np.geomspace(3.0, 40.0, 300), gs.Step(1.0, 2.0, every=3).clip(high=40.0),
    gs.IDBD(start=5.0, saturate=False), 2.0 * gs.KwongJohnston(start=5.0, saturate=False)],
    ids=lambda gain: type(gain).__name__)
def test_the_sample_that_stops_a_run_records_its_gain(gain):
    x = 10.0 * np.random.default_rng(5).standard_normal(300)
    loop = gs.Loop(gs.LMS(3), gain, on_divergence="stop")
    whole = loop.run(x, x[::-1], record=gs.Record(gain=1))
    assert whole.status == "diverged" and np.isfinite(whole.gain).all()
    again = gs.Loop(gs.LMS(3), gain, on_divergence="stop")
    again.run(x[:whole.n - 1], x[::-1][:whole.n - 1])
    last = again.run(x[whole.n - 1:], x[::-1][whole.n - 1:], record=gs.Record(gain=1))
    assert np.array_equal(whole.gain[-1:], last.gain)
    if not isinstance(gain, gs.Law | gs.ScheduledLaw):
        assert np.array_equal(whole.gain[-1], loop.gain(whole.stopped_at))


def test_runs_join_only_where_they_continue(job):
    x, d = job
    loop = gs.Loop(gs.NLMS(4))
    a, b = loop.run(x[:100], d[:100]), loop.run(x[100:300], d[100:300])
    assert (a + b).n == 300 and (a + b).start == 0
    with pytest.raises(ValueError, match="do not join"):
        b + a


def test_empty_record_gives_empty_run():
    run = gs.NLMS(4).run([], [])
    assert run.n == 0 and run.status == "done" and run.y.shape == (0,)


def test_divergence_raises_with_everything_up_to_it(job):
    x, d = job
    loop = gs.Loop(gs.LMS(4), gain=2.0)
    with pytest.raises(gs.DivergedError, match="diverged at k = ") as caught:
        loop.run(x, d)
    run = caught.value.run
    assert run.status == "diverged" and run.stopped_at == run.n - 1 == loop.n - 1
    assert abs(run.e[-1]) > 1e8 and np.isfinite(loop.w).all()
    other = gs.Loop(gs.LMS(4), gain=2.0)
    with pytest.raises(gs.DivergedError) as stepped:
        for k in range(T):
            other.step(x[k], d[k])
    assert stepped.value.run.stopped_at == run.stopped_at
    assert np.array_equal(other.w, loop.w)


def test_a_loop_that_stops_says_so(job):
    x, d = job
    loop = gs.Loop(gs.LMS(4), gain=2.0, on_divergence="stop")
    k = 0
    while loop.status == "done":
        loop.step(x[k], d[k])
        k += 1
    assert loop.n == k < T
    run = gs.Loop(gs.LMS(4), gain=2.0, on_divergence="stop").run(x, d)
    assert run.stopped_at == k - 1


def test_models_are_discrete(job):
    with pytest.raises(ValueError, match="dt"):
        gs.Loop(gs.NLMS(2)).model(dt=0)
    loop = gs.Loop(gs.NLMS(2))
    loop.run(job[0] * 1j, job[1])
    with pytest.raises(ValueError, match="complex"):
        loop.model()


def test_schedules_refuse_what_is_no_sample_number():
    for bad in (-1, float("inf"), float("nan"), "a", [1, -2]):
        with pytest.raises(ValueError, match="sample number"):
            gs.Step(1.0, 0.5, 10)(bad)
    assert gs.Exponential(0.0, 2.0)(5000) == gs.Step(0.0, 2.0, 1)(5000) == 0.0


def test_ensemble_rows_diverge_alone(job):
    x, d = job
    X, D = np.stack([x, 1e-3 * x]), np.stack([d, 1e-3 * d])
    runs = gs.Loop(gs.LMS(4), gain=2.0).run_many(X, D)
    assert [run.status for run in runs] == ["diverged", "done"]


def test_swap_is_bumpless(job):
    x, d = job
    loop = gs.Loop(gs.LMS(4), gain=gs.Exponential(0.1, 0.5, 1000))
    loop.run(x[:1000], d[:1000])
    before = loop.w
    loop.swap(gain=gs.KwongJohnston(low=1e-4, high=0.2))
    assert np.array_equal(loop.w, before) and loop.n == 1000
    run = loop.run(x[1000:1001], d[1000:1001], record=gs.Record(gain=1))
    assert run.gain[0] == pytest.approx(0.05)
    loop.swap(gain=gs.Exponential(0.1, 0.5, 1000))                # goes on at the loop's own clock
    assert loop.run(x[1001:1002], d[1001:1002], record=gs.Record(gain=1)).gain[0] == pytest.approx(0.1 * 0.5**1.001)
    loop.swap(gain=gs.RMSProp())
    loop.run(x[1002:], d[1002:])
    with pytest.raises(ValueError):
        loop.swap(gain=-1.0)
    assert isinstance(loop.gain, gs.RMSProp)


def test_apply_is_the_frozen_filter_and_moves_nothing(job):
    x, d = job
    loop = gs.Loop(gs.NLMS(4))
    loop.run(x, d)
    before = loop.state.tobytes()
    assert loop.apply(x[:300]) == pytest.approx(np.convolve(x[:300], loop.w)[:300], rel=1e-12)
    assert loop.state.tobytes() == before
    arx = gs.Loop(gs.RLS(gs.ARX(2, 2, 1)))
    arx.run(x, d)
    assert arx.apply(x, d) == pytest.approx(gs.ARX(2, 2, 1).regressors(x, d) @ arx.w, rel=1e-9, abs=1e-12)
    with pytest.raises(ValueError, match=r"apply\(x, d\)"):
        arx.apply(x)


def test_reset_and_state(job):
    loop = gs.Loop(gs.RLS(4), forgetting=0.99, w0=[1, 0, 0, 0])
    first = loop.run(*job)
    state = loop.state
    assert state.dtype.names[0] == "n" and state["n"] == T and np.array_equal(state["w"], loop.w)
    loop.reset()
    assert loop.n == 0 and loop.w.tolist() == [1, 0, 0, 0]
    assert np.array_equal(loop.run(*job).y, first.y)
    with pytest.raises(ValueError, match="another"):
        loop.state = gs.Loop(gs.NLMS(4)).state
    with pytest.raises(TypeError, match="structured"):
        loop.state = np.zeros(4)


def test_saved_arrays_laws_and_options_come_back(job, tmp_path):
    for loop in (gs.Loop(gs.LMS(4), gain=np.linspace(0.05, 0.01, 2 * T), nonfinite="hold", limit=1e6),
                 gs.Loop(gs.LMS(4), gain=gs.KwongJohnston(high=0.05), on_divergence="stop"),
                 gs.Loop(gs.LMS(4), gain=np.full((4, 1), 0.01)),
                 gs.Loop(gs.LMS(4), gain=gs.Cosine(0.05, 0.01, 4000).warmup(10)),
                 gs.Loop(gs.RLS(4), forgetting=gs.Exponential(0.999, 0.9999, 1, 0.9))):
        loop.run(*job)
        loop.save(tmp_path / "loop.npz")
        again = gs.Loop.load(tmp_path / "loop.npz")
        assert repr(again) == repr(loop) and again.nonfinite == loop.nonfinite
        assert np.array_equal(again.run(*job).y, loop.run(*job).y)


def test_load_refuses_what_is_not_a_loop(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    with pytest.raises(ValueError, match="this is not a saved loop"):
        gs.Loop.load(tmp_path / "other.npz")


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.NLMS(4), gs.NLMS(gs.FIR(3, channels=2))], ids=repr)
def test_complex_signals_follow_the_conjugate_convention(filter):
    rng = np.random.default_rng(0)
    shape = (2000, filter.model.channels)
    x = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)
    u = filter.model.regressors(x)
    truth = rng.standard_normal(filter.model.n) + 1j * rng.standard_normal(filter.model.n)
    d = u @ truth
    gain = 0.5 if filter.default_gain else 0.1
    loop = gs.Loop(filter, gain=gain)
    run = loop.run(x, d, record=gs.Record(weights=1))
    assert run.w.reshape(-1) == pytest.approx(truth, rel=1e-6)
    w = np.zeros(filter.model.n, complex)
    for k in range(100):
        e = d[k] - w @ u[k]
        scale = gain if gain == 0.1 else gain / (filter.eps + np.vdot(u[k], u[k]).real)
        w += scale * e * u[k].conj()
    assert run.weights[99].reshape(-1) == pytest.approx(w, rel=1e-10)
    cut = gs.Loop(filter, gain=gain)
    cut.run(x[:777], d[:777])
    assert np.array_equal(cut.run(x[777:], d[777:]).w, run.w)
    stepped = gs.Loop(filter, gain=gain)
    assert np.array_equal([stepped.step(x[k], d[k]) for k in range(50)], run.y[:50])
    assert np.array_equal(gs.Loop(filter, gain=gain).run_many(x[None], d[None])[0].w, run.w)


def test_complex_is_refused_where_it_has_no_meaning():
    x = np.ones(10) * 1j
    with pytest.raises(ValueError, match="complex"):
        gs.RLS(2).run(x, x)
    with pytest.raises(ValueError, match="complex"):
        gs.Loop(gs.LMS(2), gain=gs.RMSProp()).run(x, x)


def test_complex_loops_take_laws_and_save(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.standard_normal(2000) + 1j * rng.standard_normal(2000)
    loop = gs.Loop(gs.LMS(2), gain=gs.KwongJohnston(low=0.01, high=0.05))
    loop.run(x, 2j * x)
    loop.save(tmp_path / "c.npz")
    again = gs.Loop.load(tmp_path / "c.npz")
    assert np.array_equal(again.run(x, 2j * x).w, loop.run(x, 2j * x).w)
    assert loop.w == pytest.approx([2j, 0], abs=1e-2)


def test_skip_counts_missing_x_as_zero_and_hold_as_the_last_value(job):
    x, d = job
    hole = x.copy()
    hole[100] = np.nan
    skip, hold = gs.Loop(gs.NLMS(4), nonfinite="skip"), gs.Loop(gs.NLMS(4), nonfinite="hold")
    s, h = skip.run(hole, d), hold.run(hole, d)
    assert np.flatnonzero(s.skipped).tolist() == [100, 101, 102, 103]
    assert np.array_equal(s.skipped, h.skipped)
    w = gs.Loop(gs.NLMS(4)).run(x[:100], d[:100]).w
    assert s.y[101] == pytest.approx(w @ [x[101], 0, x[99], x[98]])
    assert h.y[101] == pytest.approx(w @ [x[101], x[99], x[99], x[98]])


def test_a_missing_output_of_arx_is_replaced_by_its_prediction(job):
    x, d = job
    gap = d.copy()
    gap[50] = np.nan
    run = gs.Loop(gs.RLS(gs.ARX(2, 1, 1)), nonfinite="skip").run(x, gap)
    assert np.flatnonzero(run.skipped).tolist() == [50, 51, 52]
    w = gs.Loop(gs.RLS(gs.ARX(2, 1, 1))).run(x[:50], d[:50]).w
    assert run.y[51] == pytest.approx(w @ [-run.y[50], -d[49], x[50]])
    assert np.isnan(run.e[50])


def test_a_missing_input_of_arx_is_counted_from_where_it_enters(job):
    x, d = job
    hole = x.copy()
    hole[50] = np.nan
    run = gs.Loop(gs.RLS(gs.ARX(1, 2, 3)), nonfinite="skip").run(hole, d)
    assert np.flatnonzero(run.skipped).tolist() == [53, 54]


def test_propagate_lets_nan_flow_and_says_so(job):
    x, d = job
    hole = x.copy()
    hole[100] = np.nan
    with pytest.warns(RuntimeWarning, match="propagate"):
        run = gs.Loop(gs.NLMS(4), nonfinite="propagate").run(hole, d)
    assert run.n == T and run.status == "done"
    assert np.isfinite(run.y[:100]).all() and np.isnan(run.y[100:]).all()


@pytest.mark.parametrize("kind", ["f4", "i8", "f8", ">f8"])
def test_any_numeric_type_and_stride(job, kind):
    x, d = (np.round(s * 100) for s in job)
    plain = gs.NLMS(4).run(x, d)
    assert np.array_equal(gs.NLMS(4).run(x.astype(kind), d.astype(kind)).y, plain.y)
    wide = np.repeat(x[:, None], 2, axis=1)
    assert np.array_equal(gs.NLMS(4).run(wide[:, 1], d.tolist()).y, plain.y)


def test_one_lock_per_loop(job):
    """Two threads on one loop take turns: the clock counts every sample once."""
    loop = gs.Loop(gs.NLMS(4))
    threads = [threading.Thread(target=lambda: [loop.step(0.1, 0.2) for _ in range(2000)]) for _ in range(2)]
    threads.append(threading.Thread(target=lambda: [loop.run(*job) for _ in range(5)]))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loop.n == 4000 + 5 * T


def test_ctrl_c_keeps_what_is_done():
    x = np.zeros(50_000_000, np.float32)
    loop = gs.Loop(gs.NLMS(64))

    def interrupt():                     # only once the loop runs: before that Ctrl-C means what it always means
        while loop.n == 0:
            time.sleep(0.01)
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(gs.Interrupted) as caught:
        loop.run(x, x)
    run = caught.value.run
    assert run.status == "interrupted" and 0 < run.n < len(x) and loop.n == run.n


def test_halves_refuse_the_wrong_order():
    loop = gs.Loop(gs.NLMS(2))
    with pytest.raises(RuntimeError, match="predict"):
        loop.correct(0.1)
    loop.predict(1.0)
    with pytest.raises(RuntimeError, match="correct"):
        loop.predict(1.0)
    with pytest.raises(RuntimeError, match="correct"):
        loop.step(1.0, 1.0)
    with pytest.raises(RuntimeError, match="correct"):
        loop.run([1.0], [1.0])


def test_a_loop_saved_between_the_halves_goes_on(tmp_path):
    a = gs.Loop(gs.NLMS(2))
    a.run([1.0, 2.0], [1.0, 1.0])
    a.predict(3.0)
    a.save(tmp_path / "half.npz")
    b = gs.Loop.load(tmp_path / "half.npz")
    a.correct(0.5)
    b.correct(0.5)
    assert np.array_equal(a.w, b.w) and a.n == b.n == 3


def test_response_is_native_to_python_control(job):
    x, d = job
    run = gs.NLMS(4).run(x[:50], d[:50], record=gs.Record(weights=1))
    response = run.response()
    assert response.output_labels == ["y", "e"] and response.states.shape == (4, 50)
    assert np.array_equal(response.outputs[0], run.y)


def test_identified_model_is_a_transfer_function(job):
    x, _ = job
    from scipy.signal import lfilter
    d = lfilter([0, 0.5, 0.2], [1, -0.9, 0.2], x)
    loop = gs.Loop(gs.RLS(gs.ARX(na=2, nb=2, nk=1), delta=1e6))
    loop.run(x, d)
    model = loop.model(dt=0.1)
    assert model.dt == 0.1
    assert model.num[0][0] == pytest.approx([0.5, 0.2], abs=1e-6)
    assert model.den[0][0] == pytest.approx([1, -0.9, 0.2], abs=1e-6)
    fir = gs.Loop(gs.NLMS(3), w0=[1, 2, 3]).model()
    assert fir.num[0][0] == pytest.approx([1, 2, 3]) and fir.den[0][0] == pytest.approx([1, 0, 0])


def test_systems_from_python_control_are_stored_as_tuples():
    import control
    plant = control.tf([0.5], [1, -0.5], True)
    rule = gs.MITRule(1, plant=plant, reference=control.ss(plant))
    assert rule.plant == ((0.0, 0.5), (1.0, -0.5), True)
    assert rule.reference[0] == pytest.approx((0.0, 0.5))
    with pytest.raises(ValueError, match="sample_system"):
        gs.MITRule(1, plant=control.tf([1], [1, 1]), reference=plant)


# -- what must not move, must not crash, must not lie ----------------------------------------------------------

@pytest.mark.parametrize(("field", "value"), [("n", -5), ("stale", -1), ("pending", 7), ("tainted", 2), ("peak", -1.0),
                                              ("peak", np.nan)])
def test_a_state_out_of_range_is_refused(field, value):
    loop = gs.Loop(gs.NLMS(4), gain=np.full(50, 0.5))
    before, bad = loop.state.tobytes(), loop.state
    bad[field] = value
    with pytest.raises(ValueError, match=field):
        loop.state = bad
    assert loop.state.tobytes() == before


@pytest.mark.parametrize("position", [1e9, -1e6, np.nan, 3.5])
def test_a_position_from_a_foreign_state_is_never_an_address(position):
    for filter in (gs.FxLMS(4, [0.5, 0.3]), gs.MITRule(4, plant=[0.5], reference=[0.5])):
        loop = gs.Loop(filter, gain=0.01)
        state = loop.state
        state["filter_position"] = position
        loop.state = state
        assert np.isfinite(loop.run(np.ones(100), np.ones(100)).y).all()


def test_a_refused_complex_record_leaves_a_real_loop_real(job):
    x, d = job
    loop = gs.Loop(gs.NLMS(4))
    loop.run(x[:50], d[:50])
    before = loop.state.tobytes()
    for bad in (lambda: loop.run(x + 1j, d[:5]), lambda: loop.run(np.where(x > 2, np.nan, x) * 1j, d),
                lambda: loop.predict(complex("nan"))):
        with pytest.raises(ValueError):
            bad()
        assert loop.state.tobytes() == before
    runs = loop.run_many((x * 1j)[None, :100], d[None, :100])
    assert runs[0].w.dtype == complex and loop.state.tobytes() == before
    other = gs.Loop(gs.NLMS(9))
    other.run(x * 1j, d)
    with pytest.raises(ValueError):
        loop.state = other.state
    assert loop.state.tobytes() == before


@pytest.mark.parametrize("number", [np.complex128(1 + 2j), np.complex64(1 + 2j), 1 + 2j])
def test_complex_scalars_keep_their_imaginary_part(number):
    loop = gs.Loop(gs.NLMS(1))
    loop.step(number, 1.0)
    assert loop.w[0].imag != 0
    with pytest.raises(TypeError, match="real"):
        gs.Loop(gs.NLMS(1), gain=np.array([number, 1.0]))


@pytest.mark.parametrize("kind", [np.float32, np.float64, int, np.int16, bool, lambda v: np.array([v])])
def test_step_takes_any_real_number(kind):
    a, b = gs.Loop(gs.NLMS(2)), gs.Loop(gs.NLMS(2))
    for v in (1, 0, 1):
        assert a.step(kind(v), kind(1)) == b.step(float(v), 1.0)


def test_a_law_starts_from_the_gain_in_force(job):
    x, d = job
    for before in (0.02, gs.RMSProp(rate=1e-4)):
        loop = gs.Loop(gs.LMS(4), gain=before)
        last = loop.run(x[:3000], d[:3000], record=gs.Record(gain=1)).gain[-1]
        loop.swap(gain=gs.RMSProp(rate=1e-4))
        first = loop.run(x[3000:3001], d[3000:3001], record=gs.Record(gain=1)).gain[0]
        assert first == pytest.approx(np.broadcast_to(last, 4), rel=0.5)
    rls = gs.Loop(gs.RLS(4), forgetting=0.95)
    rls.run(x[:100], d[:100])
    rls.swap(forgetting=gs.KwongJohnston(low=0.9, high=1.0))
    assert rls.state["forgetting_now"] == pytest.approx(0.95)


def test_a_constant_schedule_obeys_the_port():
    for bad in (1.5, 0.0):
        with pytest.raises(ValueError, match="forgetting"):
            gs.Loop(gs.RLS(4), forgetting=gs.Constant(bad))
    assert gs.Loop(gs.NLMS(4), gain=gs.Constant(2.5)).gain(0) == 2.5       # schedules may pass a frozen bound


def test_the_sample_that_stopped_a_step_is_in_the_error(job):
    x, d = job
    loop = gs.Loop(gs.LMS(4), gain=2.0)
    with pytest.raises(gs.DivergedError) as caught:
        for k in range(T):
            loop.step(x[k], d[k])
    run = caught.value.run
    assert abs(run.e[0]) > 1e8 and run.d[0] == d[run.stopped_at]


def test_masked_and_missing_entries_are_missing_values(job):
    x, d = job
    hole = x.copy()
    hole[100] = np.nan
    expected = gs.Loop(gs.NLMS(4), nonfinite="skip").run(hole, d)
    masked = gs.Loop(gs.NLMS(4), nonfinite="skip").run(np.ma.array(x, mask=np.arange(T) == 100), d)
    listed = gs.Loop(gs.NLMS(4), nonfinite="skip").run([None if k == 100 else v for k, v in enumerate(x)], d)
    assert np.array_equal(masked.y, expected.y) and np.array_equal(listed.y, expected.y)


def test_a_run_does_not_lean_on_the_callers_buffer(job):
    x, d = (s.copy() for s in job)
    for filter in (gs.NLMS(4), gs.FxLMS(4, [0.5])):
        run = gs.Loop(filter, gain=0.02).run(x, d)
        fit = run.fit
        x[:], d[:] = np.nan, np.nan
        assert run.fit == fit > 0
        x[:], d[:] = job


def test_laws_take_their_own_parameters_by_position():
    assert gs.RMSProp(1e-2, 0.9) == gs.RMSProp(rate=1e-2, beta=0.9)
    assert gs.KwongJohnston(0.9, 1e-3, 0.05) == gs.KwongJohnston(alpha=0.9, gamma=1e-3, start=0.05)


def test_a_busy_loop_lets_others_have_a_turn(job):
    loop, done = gs.Loop(gs.NLMS(4)), threading.Event()

    def busy():
        while not done.is_set():
            loop.run(job[0][:500], job[1][:500])

    thread = threading.Thread(target=busy)
    thread.start()
    for _ in range(20):
        loop.step(0.1, 0.1)
    done.set()
    thread.join()


@pytest.mark.parametrize(("bad", "words"), [
    (lambda: gs.Loop(gs.RLS(17_000)), ["GiB", "taps"]),
    (lambda: gs.NLMS(2).run([1.0], [1.0], record=5), ["record", "gs.Record"]),
    (lambda: gs.Record("a"), ["gain", "integer"]),
    (lambda: gs.Loop(gs.NLMS(2), gain=np.array(["a"])), ["NLMS gain", "real"]),
    (lambda: gs.Loop(gs.NLMS(2), w0=["a", "b"]), ["w0", "numbers"]),
    (lambda: gs.NLMS(2).run([[1.0], [1.0, 2.0]], [1.0, 2.0]), ["x", "numbers"]),
    (lambda: list(gs.Loop(gs.NLMS(2)).stream([[1.0, 2.0, 3.0]])), ["pairs (x, d)"]),
    (lambda: gs.Schedule.from_dict({}), ["from_dict", "None"]),
    (lambda: gs.Schedule.from_dict(None), ["from_dict", "mapping", "None"]),
    (lambda: gs.Loop(gs.LMS(2), gain=gs.Adam), ["LMS gain", "Adam(...)"]),
    (lambda: gs.Loop(gs.LMS(2), gain=lambda k: 0.1), ["LMS gain", "gs.Function(f)", "gs.PythonLaw(f)"]),
    (lambda: gs.Loop(gs.RLS(2), forgetting=gs.Adam()), ["RLS forgetting", "Adam drives the gain"]),
    (lambda: gs.LMS(2).run([1j], [1j], gain=gs.Polyak()), ["complex", "KwongJohnston", "Polyak()"]),
    (lambda: gs.NLMS(gs.ARX(1, 1)).run([1j], [1j]), ["complex", "NLMS", "FIR"]),
])
def test_more_bad_arguments(bad, words):
    with pytest.raises((ValueError, TypeError)) as caught:
        bad()
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_correct_refuses_what_is_no_number():
    loop = gs.Loop(gs.NLMS(2))
    loop.predict(1.0)
    for bad in ("1", None, 1 + 1j):
        with pytest.raises(TypeError, match="correct: e"):
            loop.correct(bad)
    loop.correct(0.5)


def test_an_empty_record_after_the_end_of_an_array_is_empty():
    loop = gs.Loop(gs.NLMS(2), gain=np.full(3, 0.5))
    loop.run(np.ones(3), np.ones(3))
    assert loop.run([], []).n == 0
    assert gs.NLMS(2).run([], [], record=gs.Record(weights=1)).response().states.shape == (2, 0)


@pytest.mark.parametrize("content", [b"u,y\n1,2\n", b"", b"PK\x03\x04rubbish"])
def test_load_says_when_a_file_is_no_loop(tmp_path, content):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.npz: this is not a saved loop"):
        gs.Loop.load(path)
