"""Where outputs go: memory that comes back, arrays of the user's own, files; and how signals come in."""

from __future__ import annotations

import gc
import subprocess
import sys
import textwrap
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import gainsched as gs
from gainsched.kernels.stock import Block, held
from gainsched.kernels.wiring import sound
from gainsched.room import SMALL, room


@pytest.fixture
def job():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(20_000)
    return x, np.convolve(x, [1.0, -0.5, 0.25])[:20_000] + 0.1 * rng.standard_normal(20_000)


def empty(shape, kind=float):
    return np.empty(shape, kind), np.empty(shape, kind)


# -- out= --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("filter", [gs.NLMS(8), gs.RLS(8), gs.FxLMS.specimen(), gs.APA(4)])
def test_outputs_go_where_they_are_asked_to(job, filter):
    x, d = job
    y, e = empty(len(x))
    plain, run = filter.run(x, d, gain=0.01), filter.run(x, d, gain=0.01, out=(y, e))
    assert run.y is y and run.e is e
    for name in ("y", "e", "w", "d"):
        assert np.array_equal(getattr(run, name), getattr(plain, name))


def test_complex_outputs_go_there_too(job):
    x, d = job
    out = empty(len(x), complex)
    run = gs.Loop(gs.LMS(4), gain=0.01).run(x * 1j, d, out=out)
    assert run.y is out[0] and np.array_equal(run.e, gs.Loop(gs.LMS(4), gain=0.01).run(x * 1j, d).e)


@pytest.mark.parametrize(("out", "words"), [
    (np.empty(20_000), "out must be a pair"),
    ((np.empty(20_000),), "out must be a pair"),
    ((np.empty(20_000), [0.0] * 20_000), "out: e must be a NumPy array, got 'list'"),
    (empty(19_999), r"out: y: shape must be \(20000,\)"),
    (empty((20_000, 1)), r"out: y: shape must be \(20000,\)"),
    (empty(20_000, np.float32), "out: y: dtype must be float64, got 'float32'"),
    (empty(20_000, complex), "out: y: dtype must be float64"),
    ((np.empty(20_000), np.empty(40_000)[::2]), "out: e must be writable and contiguous"),
    ((np.empty(20_000), np.broadcast_to(0.0, 20_000)), "out: e must be writable and contiguous"),
])
def test_bad_outputs_are_refused_and_leave_the_state(job, out, words):
    loop = gs.Loop(gs.NLMS(4))
    with pytest.raises((TypeError, ValueError), match=words):
        loop.run(*job, out=out)
    assert loop.n == 0 and not loop.w.any()


def test_outputs_share_no_memory_with_signals_or_each_other(job):
    x, d = job
    loop, y = gs.Loop(gs.NLMS(4)), np.empty(len(x))
    for out, words in (((x, y), "out: y shares memory with x or d"), ((y, d), "out: e shares memory with x or d"),
                       ((y, y), "out: y and e share memory")):
        with pytest.raises(ValueError, match=words):
            loop.run(x, d, out=out)
    both = np.zeros(2 * len(x))
    both[::2] = x
    with pytest.raises(ValueError, match="shares memory"):
        loop.run(both[::2], d, out=(y, both[: len(x)]))
    assert loop.n == 0


def test_a_refused_output_leaves_a_real_loop_real(job):
    x, d = job
    loop = gs.Loop(gs.NLMS(4))
    with pytest.raises(TypeError, match="complex128"):
        loop.run(x * 1j, d, out=empty(len(x)))
    assert loop.w.dtype == float


def test_what_follows_a_stop_stays_as_it_was(job):
    x, d = job
    y, e = np.full(len(x), 7.0), np.full(len(x), 7.0)
    run = gs.Loop(gs.LMS(4), gain=2.0, on_divergence="stop").run(x, d, out=(y, e))
    assert run.status == "diverged" and run.n < len(x)
    assert np.array_equal(run.y, y[: run.n]) and np.shares_memory(run.y, y)
    assert (y[run.n:] == 7.0).all() and (e[run.n:] == 7.0).all()


def test_a_stream_fills_outputs_one_chunk_after_the_other(job):
    x, d = job
    y, e = empty(len(x))
    cuts = [0, 1, 4, 5000, 5000, 13_333, len(x)]
    chunks = [(x[a:b], d[a:b]) for a, b in zip(cuts, cuts[1:], strict=False)]
    runs = list(gs.Loop(gs.NLMS(8)).stream(chunks, out=(y, e)))
    whole = gs.Loop(gs.NLMS(8)).run(x, d)
    assert np.array_equal(y, whole.y) and np.array_equal(e, whole.e)
    assert all(np.shares_memory(run.y, y) for run in runs if run.n)
    with pytest.raises(ValueError, match="stream: out must hold the 20000 samples of the chunks so far, got 19999"):
        list(gs.Loop(gs.NLMS(8)).stream(chunks, out=(y[1:], e)))
    with pytest.raises(TypeError, match="stream: out must be a pair"):
        list(gs.Loop(gs.NLMS(8)).stream(chunks, out=7))


# -- ensembles ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize(("filter", "gain"), [
    (gs.NLMS(8), 0.5), (gs.RLS(4), None), (gs.SignErrorLMS(5), gs.Exponential(0.01, 0.5, 1000)),
    (gs.LMS(8), gs.KwongJohnston()), (gs.NLMS(gs.FIR(4, channels=2)), 0.5), (gs.RLS(gs.ARX(na=1, nb=2)), None),
])
def test_rows_are_runs_whatever_the_clock_says(filter, gain, workers):
    rng = np.random.default_rng(1)
    shape = (7, 1500) if filter.model.channels == 1 else (7, 1500, 2)
    X, D = rng.standard_normal(shape), rng.standard_normal(shape[:2])
    loop = gs.Loop(filter, gain=gain)
    loop.run(np.concatenate([X[0]] * 5)[:7001], np.concatenate([D[0]] * 5)[:7001])      # rows cross the clock's block
    out = empty((7, 1500))
    runs = loop.run_many(X, D, workers=workers)
    into = loop.run_many(X, D, workers=workers, out=out)
    kept = loop.run_many(X, D, workers=workers, record=gs.Record(weights=500))           # goes row by row
    before = loop.state
    for m in range(7):
        loop.state = before
        single = loop.run(X[m], D[m])
        for run in (runs[m], into[m], kept[m]):
            assert run.start == single.start and run.status == "done"
            for name in ("y", "e", "w"):
                assert np.array_equal(getattr(run, name), getattr(single, name))
        assert np.array_equal(out[0][m], single.y) and np.array_equal(out[1][m], single.e)


def test_an_ensemble_is_a_sequence(job):
    x, d = job
    runs = gs.Loop(gs.LMS(4), gain=0.01).run_many(np.stack([x, 40 * x, x]), np.stack([d, d, d]))
    assert len(runs) == 3 and runs[0] is runs[-3] and [run.n for run in runs[::2]] == [20_000, 20_000]
    assert runs[1].status == "diverged" and runs[1].stopped_at == runs[1].n - 1 < 20_000
    assert repr(runs) == "<3 runs of LMS(FIR(4)), 20000 samples from 0, 1 diverged>"
    with pytest.raises(IndexError):
        runs[3]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bad_number_in_an_ensemble_is_found(workers):
    X, D = np.ones((6, 100)), np.ones((6, 100))
    D[5, 17] = np.inf
    with pytest.raises(ValueError, match="d of row 5 is inf at index 17"):
        gs.Loop(gs.NLMS(4)).run_many(X, D, workers=workers)
    with pytest.raises(ValueError, match=r"out: y: shape must be \(6, 100\)"):
        gs.Loop(gs.NLMS(4)).run_many(X, X, workers=workers, out=empty((100, 6)))


# -- memory that comes back --------------------------------------------------------------------------------------------

def test_arrays_are_ordinary_and_their_memory_comes_back():
    before = held()
    a = room((3, SMALL), float)
    a[:] = 1.0
    assert a.shape == (3, SMALL) and a.flags.writeable and a.flags.c_contiguous and a.ctypes.data % 4096 == 0
    where, view = a.ctypes.data, a[1, 5:]
    del a
    gc.collect()
    assert (view == 1.0).all()
    del view
    gc.collect()
    assert held() > 0
    assert room((3, SMALL), float).ctypes.data == where
    del where
    assert held() >= before - 3 * 8 * SMALL


def test_what_waits_is_bounded_and_large_blocks_do_not_wait():
    blocks = [Block(3 << 20) for _ in range(40)]
    del blocks
    assert held() <= 64 << 20
    waiting = held()
    big = Block(100 << 20)
    del big
    assert held() == waiting
    huge = 1 << 60
    with pytest.raises(MemoryError, match="stream the record in chunks, or pass out="):
        Block(huge)


def test_a_second_run_touches_no_fresh_memory(job):
    resource = pytest.importorskip("resource")
    x, d = (np.tile(signal, 50) for signal in job)
    loop = gs.Loop(gs.NLMS(8))
    run = loop.run(x, d)
    run = loop.run(x, d)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    run = loop.run(x, d)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    assert run.n == len(x) and faults < 200             # 2 x 8 MB are 3 900 pages


def test_two_live_runs_never_share(job):
    x, d = job
    loop = gs.Loop(gs.NLMS(8))
    runs = [loop.run(x, d) for _ in range(6)]
    arrays = [array for run in runs for array in run]
    copies = [array.copy() for array in arrays]
    loop.run(x, d)
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])
    assert all(np.array_equal(a, b) for a, b in zip(arrays, copies, strict=True))


# -- signals on their way in -------------------------------------------------------------------------------------------

def test_one_pass_finds_what_numpy_finds():
    rng = np.random.default_rng(2)
    for n in (0, 1, 3, 4, 15, 16, 17, 40):
        x = rng.standard_normal(n)
        assert sound(x, 10.0)
        for i in range(n):
            for bad in (np.nan, np.inf, -np.inf, 10.5, -10.5):
                broken = x.copy()
                broken[i] = bad
                assert not sound(broken, 10.0)
                assert sound(broken, 10.5) == np.isfinite(broken).all()


@pytest.mark.parametrize("T", [1, 2, 3, 5, 8, 13, 4099])
def test_samples_enter_newest_first(T):
    x = np.arange(1.0, T + 1)
    loop = gs.Loop(gs.LMS(4), gain=0.0)
    loop.run(x, x)
    line = loop.state["line"].ravel()
    assert np.array_equal(line, np.concatenate([x[::-1], np.zeros(len(line))])[: len(line)])


def test_complex_numbers_are_fit_by_their_modulus():
    z = np.full(10, 0.9e150 + 0j)
    loop = gs.Loop(gs.NLMS(2))
    with pytest.raises(ValueError, match="x is .* at index 3"):
        loop.run(np.where(np.arange(10) == 3, 0.9e150 * (1 + 1j), 0.0), np.zeros(10))
    gs.Loop(gs.NLMS(2), gain=0.0, limit=1e100).run(z, np.zeros(10))


@pytest.mark.parametrize("kind", [np.float32, np.int16, np.float64])
def test_other_types_and_strides_run_in_constant_memory(kind):
    x = np.ones((1 << 21, 2), kind)[:, 0]               # every other number
    loop, out = gs.Loop(gs.LMS(2), gain=0.1), empty(1 << 21)
    loop.run(x[:10], x[:10])
    tracemalloc.start()
    try:
        loop.run(x, x, out=out)
        assert tracemalloc.get_traced_memory()[1] < 1 << 22          # a converted copy would be 16 MB
    finally:
        tracemalloc.stop()


# -- files -------------------------------------------------------------------------------------------------------------

@pytest.mark.slow
def test_a_record_in_files_runs_in_constant_memory(tmp_path):
    """A sparse record of 2 GB through stream, and outputs of 512 MB: less than 200 MB of the process's own memory."""
    if not Path("/proc/self/status").exists():
        pytest.skip("asks Linux for the memory in use")
    code = """
        import numpy as np, gainsched as gs, sys, threading, time
        T, part, folder = 1 << 28, 1 << 25, sys.argv[1]
        x = np.memmap(f"{folder}/x", float, "w+", shape=(T,))
        y, e = (np.memmap(f"{folder}/{name}", float, "w+", shape=(part,)) for name in "ye")
        x[::1 << 20] = 1.0
        largest = [0]
        def watch():
            while True:
                with open("/proc/self/status") as lines:
                    own = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
                largest[0] = max(largest[0], own)
                time.sleep(0.005)
        threading.Thread(target=watch, daemon=True).start()
        loop, size = gs.Loop(gs.NLMS(4)), 1 << 20
        n = sum(run.n for run in loop.stream((x[i : i + size], x[i : i + size]) for i in range(0, T, size)))
        run = loop.run(x[:part], x[:part], out=(y, e))
        assert n == T and run.n == part and run.y is y
        print(largest[0] // 1024)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 0 < int(done.stdout) < 200
