"""What every compensator must hold, over filters and gains of every kind: bit for bit, whatever the path."""

from __future__ import annotations

import math
import pickle
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.checks import values
from gainsched.checks.equalities import same
from gainsched.checks.signals import record_for
from gainsched.filters import LMS, NLMS, RLS, LeakyLMS
from gainsched.gains import Compensator, Constant, Cosine, KwongJohnston, RMSProp
from gainsched.loop import Loop
from gainsched.models import ARX, FIR
from gainsched.run import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Signals = tuple[NDArray[Any], NDArray[Any]]

KEPT = Record(gain=3, weights=7)


def cases(compensator: Compensator) -> Iterator[tuple[str, Callable[..., Loop], Callable[[int], Signals]]]:
    """(name, loop with this compensator, record by seed) for each kind of filter and gain."""
    small, moving = 0.01, Cosine(0.01, 0.002, 700)
    each = np.linspace(0.5, 1.0, 4)[:, None] * small
    for name, filter, gain in (
            ("LMS", LMS(4), moving), ("NLMS", NLMS(5), 0.05), ("RLS", RLS(3), 0.2),
            ("leak", LeakyLMS(4, leak=0.01), each), ("array per weight", LMS(4), each),
            ("scalar law", LMS(4), KwongJohnston(low=1e-3, high=0.02)),
            ("law per weight", NLMS(FIR(2, channels=2)), RMSProp(rate=1e-3)), ("feedback", LMS(ARX(1, 2)), small)):
        yield name, _maker(filter, gain, compensator), _records(filter)
    yield "complex", _maker(NLMS(3), 0.05, compensator), _records(NLMS(3), turning=True)
    yield "complex, per weight", _maker(LMS(4), each, compensator), _records(LMS(4), turning=True)


def _maker(filter: Any, gain: Any, compensator: Compensator) -> Callable[..., Loop]:
    return lambda **options: Loop(filter, gain=gain, compensator=compensator, **options)


def _records(filter: Any, turning: bool = False) -> Callable[[int], Signals]:
    def make(seed: int) -> Signals:
        x, d = record_for(filter, 1200, seed=seed)
        turn = np.exp(1j * np.arange(len(d)) ** 2 / 50.0) if turning else 1.0
        return x * turn, d * turn * (1 + 0.5j if turning else 1.0)
    return make


def _memory(loop: Loop) -> bytes:
    state = loop.state
    return b"".join(state[name].tobytes() for name in state.dtype.names or () if name.startswith("compensator_"))


def chunked_is_whole(compensator: Compensator) -> None:
    """Any chunking gives the same run, average and memory."""
    for name, make, record in cases(compensator):
        x, d = record(0)
        whole, loop = make(), make()
        one = whole.run(x, d, record=KEPT)
        cuts = np.sort(np.random.default_rng(1).integers(0, len(d), 15))
        pieces = list(loop.stream(zip(np.split(x, cuts), np.split(d, cuts), strict=True), record=KEPT))
        joined = pieces[0]
        for piece in pieces[1:]:
            joined = joined + piece
        same(one, joined, f"{compensator!r}, {name}: chunked against whole")
        assert _memory(whole) == _memory(loop), f"{compensator!r}, {name}: chunks leave another memory"
        assert np.array_equal(whole.average, loop.average), f"{compensator!r}, {name}: chunks leave another average"


def step_is_run(compensator: Compensator) -> None:
    """Sample by sample as in one run."""
    for name, make, record in cases(compensator):
        x, d = (signal[:300] for signal in record(0))
        whole, loop = make(), make()
        run = whole.run(x, d)
        y = np.array([loop.step(x[k], d[k]) for k in range(len(d))])
        assert np.array_equal(y, run.y) and np.array_equal(loop.w, run.w), f"{compensator!r}, {name}: step is not run"
        assert _memory(whole) == _memory(loop), f"{compensator!r}, {name}: steps leave another memory"


def saved_and_pickled_are_uninterrupted(compensator: Compensator) -> None:
    """A reloaded loop goes on as if nothing had happened, and so does a pickled one."""
    for name, make, record in cases(compensator):
        loop = make()
        loop.run(*record(0))
        with tempfile.TemporaryDirectory() as folder:
            loop.save(Path(folder) / "loop.npz")
            saved = Loop.load(Path(folder) / "loop.npz")
        pickled = pickle.loads(pickle.dumps(loop))
        after = loop.run(*record(5))
        for other in (saved, pickled):
            same(after, other.run(*record(5)), f"{compensator!r}, {name}: reloaded against uninterrupted")
            assert _memory(other) == _memory(loop), f"{compensator!r}, {name}: the reloaded memory differs"


def ensemble_row_is_single(compensator: Compensator) -> None:
    """A row of run_many is a run of its own, from the loop's present memory."""
    for name, make, record in cases(compensator):
        loop, records = make(), [record(seed) for seed in range(3)]
        loop.run(*record(9))
        before = loop.state
        X, D = (np.stack(signals) for signals in zip(*records, strict=True))
        for row, (x, d) in zip(loop.run_many(X, D, workers=2), records, strict=True):
            single = make()
            single.state = before
            run = single.run(x, d)
            same(row, run, f"{compensator!r}, {name}: ensemble row against single run")
            means = [one.average for one in (row, run) if one.average is not None]
            assert len(means) == (2 if compensator.averages else 0), f"{compensator!r}, {name}: no average"
            assert not means or np.array_equal(means[0], means[1]), f"{compensator!r}, {name}: averages differ"
        assert loop.state == before, f"{compensator!r}, {name}: run_many moved the loop"


def rests_where_samples_are_missing(compensator: Compensator) -> None:
    """A skipped sample touches neither weights nor memory: momentum does not coast through a gap."""
    for name, make, record in cases(compensator):
        x, d = record(0)
        loop = make(nonfinite="skip")
        loop.run(x[:500], d[:500])
        w, memory, average = loop.w, _memory(loop), loop.average
        gap = loop.run(x[500:520], np.full(20, np.nan))
        assert gap.skipped is not None and gap.skipped.all()
        assert np.array_equal(loop.w, w), f"{compensator!r}, {name}: the weights moved through a gap"
        assert _memory(loop) == memory, f"{compensator!r}, {name}: the memory changed through a gap"
        assert np.array_equal(loop.average, average), f"{compensator!r}, {name}: the average moved through a gap"
        after = loop.run(x[520:], d[520:])
        assert np.isfinite(after.w).all() and not np.array_equal(after.w, w), f"{compensator!r}, {name}: did not go on"


def swap_keeps_its_memory(compensator: Compensator) -> None:
    """Another gain, number, schedule or law, leaves weights and memory as they were."""
    for name, make, record in cases(compensator):
        loop = make()
        loop.run(*record(0))
        laws = (KwongJohnston(high=0.02),) + (() if name.startswith("complex") else (RMSProp(),))
        for gain in (0.005, Constant(0.002), *laws):
            w, memory = loop.w, _memory(loop)
            loop.swap(gain=gain)
            assert np.array_equal(loop.w, w) and _memory(loop) == memory, f"{compensator!r}, {name}: {gain!r} bumps"


def prints_as_code(compensator: Compensator) -> None:
    """eval(repr(c)) == c, through JSON and pickle too."""
    values.round_trips(compensator)


def refuses_bad_parameters(compensator: Compensator) -> None:
    """Values out of range are refused with name, value and limit; so is a beta that is no memory."""
    values.refusals(compensator)
    if "beta" not in compensator.ports:
        return
    for wrong in (-0.1, 1.0, 1.5, math.nan, math.inf, "x", None, True, 1j, KwongJohnston()):
        try:
            type(compensator)(wrong)
        except (ValueError, TypeError) as error:
            clear = all(word in str(error) for word in ("beta", "< 1", type(compensator).__name__))
            assert clear, f"{compensator!r}: beta = {wrong!r}: unclear: {error}"
        else:
            raise AssertionError(f"{compensator!r} accepted beta = {wrong!r}")


def refuses_bad_values_of_a_schedule(compensator: Compensator) -> None:
    """A schedule of beta that leaves [0, 1] is refused in the run that meets it, by sample; the state is as before."""
    if "beta" not in compensator.ports:
        return
    x, d = record_for(LMS(2), 9000)
    rising = type(compensator)(Cosine(0.5, 1.5, 12_000))     # above 1 from sample 6001 on
    loop = Loop(LMS(2), gain=0.001, compensator=rising)
    loop.run(x[:100], d[:100])
    before = loop.state
    try:
        loop.run(x[100:], d[100:])
    except ValueError as error:
        clear = "beta at sample 6001" in str(error) and "<= 1" in str(error)
        assert clear, f"{compensator!r}: unclear: {error}"
    else:
        raise AssertionError(f"{compensator!r}: a schedule of beta above 1 was accepted")
    assert loop.state == before, f"{compensator!r}: a refused run moved the state"


def docstring_is_a_page(compensator: Compensator) -> None:
    """Equation, parameters, cost, stability, source, example."""
    values.page(type(compensator), values.SECTIONS)
    for word in ("Cost:", "Stability"):
        assert word in (type(compensator).__doc__ or ""), f"{type(compensator).__name__}: the notes lack {word!r}"
