"""Exact equalities: the same recursion whatever the path through the code, bit for bit."""

from __future__ import annotations

import pickle
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gainsched.checks.signals import gain_for, record_for
from gainsched.gains import Cosine
from gainsched.loop import Loop
from gainsched.run import Record

if TYPE_CHECKING:
    from gainsched.filters import Filter
    from gainsched.run import Run


def same(a: Run, b: Run, what: str) -> None:
    """Assert that two runs agree bit for bit."""
    for name in ("y", "e", "w", "gain", "weights"):
        one, other = getattr(a, name), getattr(b, name)
        if one is None and other is None:
            continue
        equal = np.array_equal(one, other, equal_nan=True)
        assert equal, f"{a.filter!r}: {what}: {name} differs, first at {np.argwhere(one != other)[:1].tolist()}"


def schedule_for(filter: Filter) -> Cosine:
    """A gain that moves at every sample, so that a slip of the clock shows."""
    return Cosine(gain_for(filter), 0.5 * gain_for(filter), 700)


def zero_gain_freezes_weights(filter: Filter) -> None:
    """With gain 0 the weights stay what they were, bit for bit."""
    x, d = record_for(filter, 300)
    w0 = np.linspace(0.1, 0.2, filter.model.n).reshape(filter.model.shape)
    run = Loop(filter, gain=0.0, w0=w0).run(x, d)
    assert np.array_equal(run.w, w0), f"{filter!r}: gain 0 moved the weights by {np.abs(run.w - w0).max():g}"


def chunked_is_whole(filter: Filter) -> None:
    """Any chunking gives the same y, e, w, gains and weights as one run."""
    x, d = record_for(filter, 9000)
    record = Record(gain=3, weights=7)
    gain = schedule_for(filter)
    whole = Loop(filter, gain=gain).run(x, d, record=record)
    cuts = np.sort(np.random.default_rng(1).integers(0, len(d), 25))
    loop = Loop(filter, gain=gain)
    pieces = list(loop.stream(zip(np.split(x, cuts), np.split(d, cuts), strict=True), record=record))
    joined = pieces[0]
    for piece in pieces[1:]:
        joined = joined + piece
    same(whole, joined, "chunked against whole")


def step_is_run(filter: Filter) -> None:
    """Sample by sample as in one run."""
    x, d = record_for(filter, 300)
    gain = schedule_for(filter)
    whole = Loop(filter, gain=gain).run(x, d)
    loop = Loop(filter, gain=gain)
    y = np.array([loop.step(x[k], d[k]) for k in range(len(d))])
    assert np.array_equal(y, whole.y), f"{filter!r}: step and run differ at {np.argwhere(y != whole.y)[:1].tolist()}"
    assert np.array_equal(loop.w, whole.w), f"{filter!r}: step and run end at different weights"


def halves_are_step(filter: Filter) -> None:
    """predict and correct are the two halves of step, to the rounding of d = y + e."""
    if not filter.needs_d or type(filter).kernel.name == "fxlms":
        return                                 # there the halves meet a real plant in place of the simulated one
    x, d = record_for(filter, 200)
    whole, loop = Loop(filter, gain=gain_for(filter)), Loop(filter, gain=gain_for(filter))
    for k in range(len(d)):
        y = loop.predict(x[k])
        loop.correct(d[k] - y)
        assert np.isclose(y, whole.step(x[k], d[k]), rtol=1e-9, atol=1e-12), f"{filter!r}: halves differ at {k}"


def ensemble_row_is_single(filter: Filter) -> None:
    """A row of run_many is a run of its own, whatever the number of threads; the loop stays as it was."""
    records = [record_for(filter, 500, seed=seed) for seed in range(3)]
    X, D = (np.stack(signals) for signals in zip(*records, strict=True))
    loop = Loop(filter, gain=schedule_for(filter))
    loop.run(*record_for(filter, 100, seed=9))
    before = loop.state
    for workers in (1, 2):
        runs = loop.run_many(X, D, workers=workers)
        assert loop.state == before, f"{filter!r}: run_many moved the loop"
        for row, (x, d) in zip(runs, records, strict=True):
            single = Loop(filter, gain=schedule_for(filter))
            single.state = before
            same(row, single.run(x, d), f"ensemble row ({workers} threads) against single run")


def _continued(filter: Filter, reloaded: Loop, uninterrupted: Loop, what: str) -> None:
    x, d = record_for(filter, 400, seed=5)
    same(reloaded.run(x, d), uninterrupted.run(x, d), what)


def saved_is_uninterrupted(filter: Filter) -> None:
    """A saved and reloaded loop goes on as if nothing had happened."""
    loop = Loop(filter, gain=schedule_for(filter))
    loop.run(*record_for(filter, 333))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loop.npz"
        loop.save(path)
        _continued(filter, Loop.load(path), loop, "saved against uninterrupted")


def pickled_is_uninterrupted(filter: Filter) -> None:
    """So does a pickled one."""
    loop = Loop(filter, gain=schedule_for(filter))
    loop.run(*record_for(filter, 333))
    _continued(filter, pickle.loads(pickle.dumps(loop)), loop, "pickled against uninterrupted")


def equal_gains_are_constant(filter: Filter) -> None:
    """An array of equal gains, per sample or per weight, is the constant gain: bitwise, or to rounding per weight."""
    x, d = record_for(filter, 300)
    mu, n = gain_for(filter), filter.model.n
    constant = Loop(filter, gain=mu).run(x, d)
    same(constant, Loop(filter, gain=np.full(300, mu)).run(x, d), "array of equal gains")
    each = Loop(filter, gain=np.full((n, 1), mu)).run(x, d)
    assert np.allclose(each.w, constant.w, rtol=1e-9, atol=1e-12), f"{filter!r}: equal per-weight gains differ"
