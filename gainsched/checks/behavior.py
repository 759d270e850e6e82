"""What an adaptive filter must do on ordinary, silent, broken and hopeless signals."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from gainsched.checks.signals import gain_for, record_for, truth_for
from gainsched.errors import DivergedError
from gainsched.loop import Loop
from gainsched.run import Status

if TYPE_CHECKING:
    from gainsched.filters import Filter


def identifies_without_noise(filter: Filter) -> None:
    """On a noiseless record of its own structure a filter ends nearer to the truth than it began."""
    x, d = record_for(filter, 20_000, noise=0.0)
    truth = truth_for(filter).reshape(filter.model.shape)
    run = Loop(filter, gain=gain_for(filter)).run(x, d)
    left = np.linalg.norm(run.w - truth) / np.linalg.norm(truth)
    assert left < 0.3, f"{filter!r}: {left:.0%} of the weights' error is left after 20 000 noiseless samples"


def survives_silence(filter: Filter) -> None:
    """Silence, a whisper and the return of the signal give no NaN and no windup."""
    x, d = record_for(filter, 1000)
    loop = Loop(filter, gain=gain_for(filter))
    loop.run(x, d)
    loop.run(np.zeros_like(x), np.zeros_like(d))
    loop.run(1e-6 * x, 1e-6 * d)
    after = loop.run(x, d)
    assert np.isfinite(after.y).all(), f"{filter!r}: lost excitation left non-finite outputs"
    assert np.abs(after.w).max() < 3.0, f"{filter!r}: weights wound up to {np.abs(after.w).max():g}"


def skips_missing_values(filter: Filter) -> None:
    """Missing x or d: no update, the weights bitwise untouched, and the loop goes on."""
    x, d = record_for(filter, 400)
    for policy in ("skip", "hold"):
        loop = Loop(filter, gain=gain_for(filter), nonfinite=policy)
        loop.run(x[:200], d[:200])
        before = loop.w
        gap = loop.run(x[200:203], np.full(3, np.nan))
        assert np.array_equal(loop.w, before), f"{filter!r}: {policy}: a missing d moved the weights"
        assert gap.skipped is not None and gap.skipped.all(), f"{filter!r}: {policy}: a missing d was not skipped"
        hole = x[203:206].copy()
        hole[0] = np.nan
        kept = loop.run(hole, d[203:206])
        assert kept.skipped is not None and kept.skipped[0], f"{filter!r}: {policy}: a missing x was not skipped"
        last = loop.run(x[206:], d[206:])
        assert last.skipped is not None and not last.skipped[-1], f"{filter!r}: {policy}: updates did not resume"
        assert np.isfinite(last.y).all() and np.isfinite(last.w).all(), f"{filter!r}: {policy}: NaN has leaked"


def refuses_non_finite_input(filter: Filter) -> None:
    """Under the default policy a NaN is refused by index, and nothing has moved."""
    x, d = record_for(filter, 50)
    loop = Loop(filter, gain=gain_for(filter))
    loop.run(x, d)
    before = loop.state
    for signal in ("x", "d"):
        bad = {"x": x.copy(), "d": d.copy()}
        bad[signal][7] = np.nan
        try:
            loop.run(bad["x"], bad["d"])
        except ValueError as error:
            assert "index 7" in str(error) and signal in str(error), f"{filter!r}: unclear refusal: {error}"
        else:
            raise AssertionError(f"{filter!r}: NaN in {signal} was accepted")
        assert loop.state.tobytes() == before.tobytes(), f"{filter!r}: a refused record moved the state"


def stops_where_it_diverges(filter: Filter) -> None:
    """A hopeless gain ends in DivergedError, at the same sample whatever the chunks, with all up to it."""
    x, d = record_for(filter, 4000)
    hopeless = np.full(4000, 50.0)
    loop = Loop(filter, gain=hopeless)
    try:
        loop.run(x, d)
    except DivergedError as error:
        run = error.run
        assert run is not None and run.status is Status.DIVERGED and run.stopped_at == run.n - 1, f"{filter!r}: {run!r}"
        assert str(run.stopped_at) in str(error), f"{filter!r}: the message does not name the sample: {error}"
        assert np.isfinite(run.w).all(), f"{filter!r}: the weights at the stop are not finite"
    else:
        raise AssertionError(f"{filter!r}: gain 50 did not diverge in 4000 samples")
    other = Loop(filter, gain=hopeless, on_divergence="stop")
    pieces = [piece for piece in other.stream(zip(np.split(x, 80), np.split(d, 80), strict=True)) if piece.n]
    where = pieces[-1].stopped_at
    assert where == run.stopped_at, f"{filter!r}: chunks stop at {where}, not {run.stopped_at}"


def releases_the_lock(filter: Filter) -> None:
    """While one thread runs a long record, others go on."""
    x, d = record_for(filter, 2000)
    loop = Loop(filter, gain=gain_for(filter))
    long_x, long_d = np.concatenate([x] * 100), np.concatenate([d] * 100)
    ticks, done = 0, threading.Event()

    def work() -> None:
        for _ in range(20):
            loop.run(long_x, long_d)
            if ticks > 3:
                break
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.is_set():
        ticks += 1
        time.sleep(1e-4)
    thread.join()
    assert ticks > 3, f"{filter!r}: other threads stood still during a run"
