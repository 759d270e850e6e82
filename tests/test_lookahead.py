"""The lookahead block: its phases, what breaks it, and its correlations after a burst."""

import numpy as np
import pytest

import gainsched as gs

T = 400
FILTERS = [gs.LMS(5), gs.NLMS(8), gs.NLMS(gs.FIR(3, channels=2)), gs.LeakyLMS(5, leak=0.1), gs.SignErrorLMS(4), gs.LMF(3)]
GAINS = [0.02, gs.Exponential(0.03, 0.5, every=50), gs.KwongJohnston(high=0.03), gs.Benveniste(high=0.03)]


def signals(filter, seed=0, total=T):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((total, filter.model.channels))
    d = x @ np.linspace(0.5, 1.0, filter.model.channels) + 0.1 * rng.standard_normal(total)
    return (x[:, 0] if filter.model.channels == 1 else x), d


def turning(filter, seed=0, total=T):
    """The same in complex numbers."""
    x, d = signals(filter, seed, total)
    turn = np.exp(0.02j * np.arange(total) ** 2)
    return (x.T * turn).T, d * turn * (1 - 2j) + 0.1j * x.reshape(total, -1)[:, 0]


def slow(filter, x, d, gain, w=None):
    """Textbook LMS or NLMS in extended precision."""
    w = np.zeros(filter.model.n, np.longdouble) if w is None else w.astype(np.longdouble)
    e = np.zeros(len(x), np.longdouble)
    for k, u in enumerate(filter.model.regressors(x).astype(np.longdouble)):
        e[k] = d[k] - w @ u
        c = e[k] / (filter.eps + u @ u) if isinstance(filter, gs.NLMS) else e[k]
        w = w + gain * c * u
    return e, w


@pytest.mark.parametrize("gain", GAINS, ids=repr)
@pytest.mark.parametrize("filter", FILTERS, ids=repr)
def test_every_phase_of_a_block_can_be_left_and_taken_up(filter, gain, tmp_path):
    x, d = signals(filter)
    whole = gs.Loop(filter, gain=gain).run(x, d, record=gs.Record(weights=1))
    for cut in range(1, 10):
        loop = gs.Loop(filter, gain=gain)
        loop.run(x[:cut], d[:cut])
        assert np.array_equal(loop.w, whole.weights[cut - 1])
        loop.save(tmp_path / "loop.npz")
        again = gs.Loop.load(tmp_path / "loop.npz")
        again.step(x[cut] if x.ndim == 2 else float(x[cut]), float(d[cut]))
        assert np.array_equal(again.run(x[cut + 1:], d[cut + 1:]).e, whole.e[cut + 1:])
        assert np.array_equal(again.w, whole.w)


@pytest.mark.parametrize("gain", [0.02, gs.Exponential(0.03, 0.5, every=50), gs.KwongJohnston(high=0.03)], ids=repr)
@pytest.mark.parametrize("filter", [gs.LMS(5), gs.LMS(8), gs.NLMS(9), gs.NLMS(gs.FIR(3, channels=2))], ids=repr)
@pytest.mark.parametrize("policy", ["raise", "skip", "hold"])
def test_complex_blocks_can_be_left_and_taken_up_in_every_phase(filter, gain, policy, tmp_path):
    x, d = turning(filter)
    if policy != "raise":
        x.reshape(T, -1)[[60, 61, 130], -1] = np.nan
        d[[20, 135, 200, 201]] = complex(1.0, np.nan)
    kept = gs.Record(gain=3, weights=1)
    whole = gs.Loop(filter, gain=gain, nonfinite=policy).run(x, d, record=kept)
    plain = gs.Loop(filter, gain=gain, nonfinite=policy).run(x, d)
    assert np.array_equal(plain.e, whole.e, equal_nan=True)
    for cut in (*range(1, 10), 59, 60, 63, 134, 199, 203):
        loop = gs.Loop(filter, gain=gain, nonfinite=policy)
        loop.run(x[:cut], d[:cut])
        assert np.array_equal(loop.w, whole.weights[cut - 1])
        loop.save(tmp_path / "loop.npz")
        again = gs.Loop.load(tmp_path / "loop.npz")
        y = again.step(x[cut], d[cut])
        assert y == whole.y[cut]
        assert np.array_equal(again.run(x[cut + 1:], d[cut + 1:]).e, whole.e[cut + 1:], equal_nan=True)
        assert np.array_equal(again.w, whole.w)


@pytest.mark.parametrize("gain", [0.02, gs.KwongJohnston(high=0.03)], ids=repr)
@pytest.mark.parametrize("at", range(100, 104))
def test_the_complex_sample_that_stops_inside_a_block_is_kept(gain, at):
    x, d = turning(gs.LMS(4))
    x[at] = 1e120j
    run = gs.Loop(gs.LMS(4), gain=gain, on_divergence="stop").run(x, d, record=gs.Record(gain=1, weights=1))
    loop = gs.Loop(gs.LMS(4), gain=gain, on_divergence="stop")
    before = [loop.run(x[k:k + 1], d[k:k + 1]) for k in range(at + 1)]
    assert run.stopped_at == before[-1].stopped_at == at
    assert np.array_equal(run.weights[at], run.weights[at - 1])
    assert np.array_equal(loop.w, run.w)


@pytest.mark.parametrize("filter", [gs.LMS(8), gs.NLMS(8, eps=1e-12), gs.NLMS(33)], ids=repr)
@pytest.mark.parametrize("size", [1e6, 1e-6], ids=["burst", "fade"])
def test_complex_correlations_survive_a_change_of_power(filter, size):
    x, d = turning(filter, total=4000)
    x[1500:1530] *= size
    d[1500:1530] *= size
    gain = np.full(4000, 0.5) if isinstance(filter, gs.NLMS) else np.where(
        (np.arange(4000) > 1490) & (np.arange(4000) < 1560), 0.01 * min(1.0, size**-2), 0.01)
    run = gs.Loop(filter, gain=gain).run(x, d)
    e, w = np.zeros(4000, np.clongdouble), np.zeros(filter.model.n, np.clongdouble)
    for k, u in enumerate(filter.model.regressors(x).astype(np.clongdouble)):
        e[k] = d[k] - w @ u
        power = (u.real**2 + u.imag**2).sum()
        w = w + gain[k] * e[k] * u.conj() / (filter.eps + power if isinstance(filter, gs.NLMS) else 1)
    assert np.abs(run.e - e).max() <= 1e-12 * max(np.abs(x).max(), 1.0)
    assert np.abs(run.e - e)[1600:].max() <= 1e-11
    assert np.abs(run.w - w).max() <= 1e-11


@pytest.mark.parametrize("policy", ["skip", "hold"])
def test_missing_samples_break_a_block_alike_in_every_path(policy):
    filter = gs.NLMS(4)
    x, d = signals(filter)
    rng = np.random.default_rng(1)
    x[rng.random(T) < 0.03] = np.nan
    d[rng.random(T) < 0.05] = np.nan
    whole = gs.Loop(filter, nonfinite=policy).run(x, d)
    loop, e = gs.Loop(filter, nonfinite=policy), []
    for k in range(T):
        e.append(loop.run(x[k:k + 1], d[k:k + 1]).e[0])
    assert np.array_equal(e, whole.e, equal_nan=True)
    assert np.array_equal(loop.w, whole.w)


@pytest.mark.filterwarnings("ignore:.*non-finite input")
@pytest.mark.parametrize("every", [(1, 1), (2, 3), (4, 4), (7, 5), (0, 50)], ids=str)
@pytest.mark.parametrize("policy", ["raise", "skip", "hold", "propagate"])
@pytest.mark.parametrize("gain", GAINS, ids=repr)
def test_what_is_kept_of_blocks_and_gaps_is_what_single_samples_keep(gain, policy, every):
    filter = gs.LeakyLMS(5, leak=0.1) if every == (2, 3) else gs.NLMS(4)
    x, d = signals(filter)
    if policy != "raise":
        x[[60, 61, 130, 300]] = np.nan
        d[[20, 135, 200, 201, 350]] = np.inf
    record = gs.Record(gain=every[0], weights=every[1])
    whole = gs.Loop(filter, gain=gain, nonfinite=policy).run(x, d, record=record)
    loop, one = gs.Loop(filter, gain=gain, nonfinite=policy), gs.Record(gain=1, weights=1)
    runs = [loop.run(x[k:k + 1], d[k:k + 1], record=one) for k in range(T)]
    assert np.array_equal(loop.w, whole.w, equal_nan=True)
    for name in ("y", "e", "skipped", "gain", "weights"):
        kept, step = getattr(whole, name), {"gain": every[0], "weights": every[1]}.get(name, 1)
        if kept is not None:
            singly = np.concatenate([getattr(run, name) for run in runs])
            assert np.array_equal(kept, singly[step - 1::step], equal_nan=name != "skipped")


@pytest.mark.parametrize("at", range(100, 108))
@pytest.mark.parametrize("gain", [0.02, gs.KwongJohnston(high=0.03)], ids=repr)
def test_the_sample_that_stops_inside_a_block_is_kept(gain, at):
    filter = gs.LMS(4)
    x, d = signals(filter)
    d[:at - 1] *= 1e-3
    x[at] = 1e120
    record = gs.Record(gain=1, weights=1)
    run = gs.Loop(filter, gain=gain, on_divergence="stop").run(x, d, record=record)
    assert run.stopped_at == at
    assert len(run.gain) == len(run.weights) == at + 1
    assert np.array_equal(run.weights[at], run.weights[at - 1])
    assert np.array_equal(run.weights[at], run.w)


@pytest.mark.parametrize("cut", range(12, 17))
def test_weights_set_from_outside_begin_a_new_block(cut):
    filter = gs.LMS(4)
    x, d = signals(filter)
    loop = gs.Loop(filter, gain=0.02)
    loop.run(x[:cut], d[:cut])
    state = loop.state
    state["w"] = np.arange(4.0)
    loop.state = state
    assert np.array_equal(loop.w, np.arange(4.0))
    regressors = filter.model.regressors(x)
    assert loop.run(x[cut:cut + 1], d[cut:cut + 1]).y[0] == pytest.approx(regressors[cut] @ np.arange(4.0), rel=1e-14)


def test_signals_set_from_outside_are_seen():
    x, d = signals(gs.NLMS(6))
    loop, other = gs.Loop(gs.NLMS(6)), gs.Loop(gs.NLMS(6))
    loop.run(x[:101], d[:101])
    state = loop.state
    state["line"] = 3.0
    loop.state = other.state = state
    u, w = np.full(6, 3.0), loop.w
    u[0] = x[101]
    run = loop.run(x[101:102], d[101:102])
    assert run.y[0] == pytest.approx(w @ u, rel=1e-14)
    assert loop.w == pytest.approx(w + 0.5 * run.e[0] * u / (1e-6 + u @ u), rel=1e-13)


@pytest.mark.parametrize("cut", range(12, 17))
def test_a_swap_takes_the_waiting_steps_along(cut):
    filter = gs.LMS(4)
    x, d = signals(filter)
    loop, plain = gs.Loop(filter, gain=0.02), gs.Loop(filter, gain=0.02)
    loop.run(x[:cut], d[:cut])
    before = loop.w
    loop.swap(gain=np.full((4, 1), 0.02))                 # one gain per weight: no block
    assert np.array_equal(loop.w, before)
    loop.run(x[cut:200], d[cut:200])
    loop.swap(gain=0.02)
    loop.run(x[200:], d[200:])
    plain.run(x, d)
    assert loop.w == pytest.approx(plain.w, rel=1e-12)


@pytest.mark.parametrize("at", range(100, 108))
def test_a_stop_inside_a_block_leaves_sound_weights(at):
    x, d = signals(gs.LMS(4))
    plain = gs.Loop(gs.LMS(4), gain=0.02)
    plain.run(x[:at], d[:at])
    loop = gs.Loop(gs.LMS(4), gain=np.where(np.arange(T) == at, 1e200, 0.02), on_divergence="stop")
    run = loop.run(x, d)
    assert (run.status, run.stopped_at) == ("diverged", at)
    assert np.array_equal(loop.w, plain.w)


@pytest.mark.parametrize("filter", [gs.LMS(8), gs.NLMS(8, eps=1e-12), gs.NLMS(33)], ids=repr)
@pytest.mark.parametrize("size", [1e6, 1e-6], ids=["burst", "fade"])
def test_correlations_survive_a_change_of_power(filter, size):
    x, d = signals(filter, total=4000)
    x[1500:1530] *= size
    d[1500:1530] *= size
    gain = 0.5 if isinstance(filter, gs.NLMS) else np.where((np.arange(4000) > 1490) & (np.arange(4000) < 1560),
                                                            0.01 * min(1.0, size**-2), 0.01)
    run = gs.Loop(filter, gain=gain).run(x, d)
    e, w = slow(filter, x, d, 0.5) if np.isscalar(gain) else varying(filter, x, d, gain)
    quiet = np.abs(run.e - e)[1600:]
    assert np.abs(run.e - e).max() <= 1e-12 * max(np.abs(x).max(), 1.0)
    assert quiet.max() <= 1e-11                                # after the burst the signal's own size counts
    assert np.abs(run.w - w.reshape(run.w.shape)).max() <= 1e-11


def varying(filter, x, d, gain):
    w, e = None, []
    for k in range(len(x)):
        window = x[max(k - filter.model.n + 1, 0):k + 1]
        u = np.zeros(filter.model.n, np.longdouble)
        u[:len(window)] = window[::-1]
        w = np.zeros(filter.model.n, np.longdouble) if w is None else w
        e.append(d[k] - w @ u)
        w = w + gain[k] * e[-1] * u
    return np.array(e), w


def test_silence_leaves_no_correlation_behind():
    x, d = signals(gs.NLMS(6))
    x[100:200] = 0.0
    loop = gs.Loop(gs.NLMS(6, eps=0.0))
    loop.run(x[:150], d[:150])
    w = loop.w
    run = loop.run(x[150:190], d[150:190])
    assert np.array_equal(run.y, np.zeros(40))
    assert np.array_equal(loop.w, w)


@pytest.mark.slow
def test_ten_million_samples_stay_with_the_textbook_recursion():
    """Neither the correlations' own drift nor a burst of 120 dB is felt."""
    total, piece = 10_000_000, 200_000
    rng = np.random.default_rng(2)
    loop, past = gs.Loop(gs.NLMS(4)), np.zeros(3)
    for i in range(total // piece):
        x = np.r_[past, rng.standard_normal(piece)]
        if i == 20:
            x[1000:1200] *= 1e6
        d = np.convolve(x, [1.0, -0.5, 0.25, 0.1], "valid") + 0.1 * rng.standard_normal(piece)
        w = loop.w
        run = loop.run(x[3:], d)
        past = x[-3:]
        if i in (0, 20, 21, 49):
            worst = 0.0
            for k in range(piece):
                u = x[k:k + 4][::-1]
                e = d[k] - w @ u
                w = w + 0.5 * e / (loop.filter.eps + u @ u) * u
                worst = max(worst, abs(e - run.e[k]))
            assert worst <= 1e-12 * np.abs(x).max()


@pytest.mark.parametrize("gain", [0.4, gs.Exponential(0.5, 0.7, 100), np.linspace(0.6, 0.1, 700)])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 11, 33])
def test_a_step_straight_through_leaves_the_state_of_a_run(n, gain):
    """Single samples have a way of their own: the whole state agrees, across bursts, runs between, and the stop."""
    rng = np.random.default_rng(n)
    x = rng.standard_normal(700)
    x[200:210] *= 1e6
    d = np.convolve(x, rng.standard_normal(n))[:700] + 0.1 * rng.standard_normal(700)
    for filter, limit in ((gs.NLMS(n), 1e8), (gs.NLMS(n, eps=0.0), 1e8), (gs.LMS(n), 1e3)):
        whole, singly = (gs.Loop(filter, gain=gain, on_divergence="stop", limit=limit) for _ in "ab")
        for begin in range(0, 700, 7):
            run = whole.run(x[begin : begin + 7], d[begin : begin + 7])
            if begin % 2:
                for k in range(begin, begin + run.n):
                    assert singly.step(x[k], d[k]) == run.y[k - begin]
            else:
                singly.run(x[begin : begin + 7], d[begin : begin + 7])
            assert singly.status == whole.status and singly.n == whole.n
            for name in whole.state.dtype.names:
                assert np.array_equal(singly.state[name], whole.state[name], equal_nan=True), name
            if run.status == "diverged":
                break
        assert (run.status == "diverged") == (filter == gs.LMS(n))
