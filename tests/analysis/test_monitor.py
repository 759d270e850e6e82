"""The monitor: silent on healthy runs, an event with its sample where something was put wrong, the same however cut."""

from __future__ import annotations

import json

import numpy as np
import pytest

import gainsched as gs

T = 40_000


def record(seed=0, T=T):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(T)
    return x, np.convolve(x, [1.0, -0.5])[:T] + 0.1 * rng.standard_normal(T)


def watched(loop, x, d, exc=None, size=1000, latency=32_768):
    monitor = gs.Monitor(loop, exc, block=256, latency=latency)
    for _ in monitor.stream((x[i : i + size], d[i : i + size]) for i in range(0, len(x), size)):
        pass
    return monitor


def kinds(monitor):
    return [event.kind for event in monitor.events]


@pytest.mark.parametrize("loop", [gs.Loop(gs.NLMS(8), gain=0.1), gs.Loop(gs.LMS(8), gain=0.01),
                                  gs.Loop(gs.RLS(8), forgetting=0.999), gs.Loop(gs.SignErrorLMS(4), gain=0.001)], ids=repr)
@pytest.mark.parametrize("seed", range(5))
def test_silent_on_health(loop, seed):
    monitor = watched(loop, *record(seed))
    assert monitor.events == ()
    assert str(monitor) == "nothing noticed"
    loop.reset()


def test_error_of_theory_is_not_exceeded():
    exc = gs.Excitation(1.0, noise=0.01)
    assert watched(gs.Loop(gs.LMS(8), gain=0.02), *record(), exc).events == ()


@pytest.mark.parametrize("exc", [None, gs.Excitation(1.0, noise=0.01)])
def test_new_noise_is_an_error_event(exc):
    x, d = record()
    d[20_000:] += np.random.default_rng(1).standard_normal(T - 20_000)
    events = [e for e in watched(gs.Loop(gs.LMS(8), gain=0.02), x, d, exc).events if e.kind == "error"]
    assert len(events) == 1                                    # once, while it goes on
    assert 20_000 <= events[0].k < 20_000 + 4 * 256
    assert events[0].value > events[0].limit


def test_lost_excitation_and_windup():
    x, d = record()
    x[10_000:20_000] = 1e-4 * x[10_000:20_000]
    loop = gs.Loop(gs.RLS(4), forgetting=0.998)
    monitor = watched(loop, x, d, latency=1000)
    lost = [e for e in monitor.events if e.kind == "excitation"]
    assert len(lost) == 1 and 10_000 <= lost[0].k < 10_000 + 512
    assert "covariance" in kinds(monitor)


def test_gain_beyond_its_bound():
    x, d = record()
    rising = gs.Loop(gs.NLMS(8), gain=gs.PiecewiseConstant([30_000], [0.5, 2.2]), on_divergence="stop", limit=1e300)
    event = next(e for e in watched(rising, x, d).events if e.kind == "gain")
    assert 30_000 <= event.k < 30_000 + 256
    assert (event.value, event.limit) == (2.2, 2.0)
    x[25_000:26_000] *= 10.0                                   # LMS: the same gain, more power
    event = next(e for e in watched(gs.Loop(gs.LMS(8), gain=0.002), x, d).events if e.kind == "gain")
    assert 25_000 <= event.k < 25_000 + 512


def test_divergence_is_told_and_raised():
    x, d = record()
    monitor = gs.Monitor(gs.Loop(gs.LMS(8), gain=1.0))
    with pytest.raises(gs.DivergedError) as caught:
        monitor.run(x, d)
    assert monitor.events[-1].kind == "diverged"
    assert monitor.events[-1].k == caught.value.run.stopped_at
    json.dumps(monitor.to_dict(), allow_nan=False)


def test_weights_that_jump():
    x, d = record()
    d[30_000:] = -d[30_000:]
    event = next(e for e in watched(gs.Loop(gs.NLMS(4), gain=0.05), x, d).events if e.kind == "weights")
    assert event.k == 30_999                                   # the end of the run in which they moved


def test_block_readings_do_not_depend_on_the_cut():
    x, d = record()
    d[20_000:] += np.random.default_rng(1).standard_normal(T - 20_000)
    found = [[e for e in watched(gs.Loop(gs.NLMS(4), gain=0.1), x, d, size=size, latency=latency).events
              if e.kind == "error"] for size, latency in ((T, 1), (777, 1), (777, 5000), (100, 32_768))]
    assert all([e.k for e in events] == [e.k for e in found[0]] for events in found)
    assert all(e.value == pytest.approx(found[0][0].value, rel=1e-12) for (e,) in found)   # sums of the same squares


def test_missing_values():
    x, d = record()
    d[::3] = np.nan
    d[5000:6000] = np.nan
    assert watched(gs.Loop(gs.NLMS(4), gain=0.1, nonfinite="skip"), x, d).events == ()


def test_refusals():
    x, d = record(T=1000)
    loop = gs.Loop(gs.NLMS(4))
    with pytest.raises(ValueError, match="block"):
        gs.Monitor(loop, block=0)
    with pytest.raises(TypeError, match="loop"):
        gs.Monitor(gs.NLMS(4))
    monitor = gs.Monitor(loop)
    run = loop.run(x, d)
    monitor.watch(run, x)
    with pytest.raises(ValueError, match="must be 1000"):
        monitor.watch(run, x)


@pytest.mark.parametrize("chunk", [100, 777, 20_000])
def test_a_direction_that_is_not_excited(chunk):
    """White noise, then a sine, then white noise again, in chunks shorter and longer than the window: checked every 4 looks."""
    rng = np.random.default_rng(0)
    k = np.arange(8000)
    x = np.concatenate([rng.standard_normal(8000), np.sin(0.3 * k), rng.standard_normal(4000)])
    monitor = gs.Monitor(gs.Loop(gs.NLMS(8)), latency=500)
    for run in monitor.stream((x[i:i + chunk], x[i:i + chunk]) for i in range(0, 20_000, chunk)):
        pass
    told = [event for event in monitor.events if event.message == "the input does not excite every weight"]
    assert [(event.kind, event.k) for event in told] == [("excitation", 9_999)]
    assert told[0].value < 1e-12
    assert monitor.readings["excited"] == 8 and 0.1 < monitor.readings["excitation_level"] < 1


@pytest.mark.parametrize(("filter", "channels", "directions"), [
    (gs.NLMS(gs.FIR(2, channels=3)), 3, 6), (gs.LMS(gs.FIR(1, channels=80)), 80, None), (gs.NLMS(200), 1, 64),
    (gs.RLS(gs.ARX(na=1, nb=1, nk=1)), 1, None)])
def test_how_many_directions_are_looked_at(filter, channels, directions):
    x = np.random.default_rng(0).standard_normal((2000, channels))
    monitor = gs.Monitor(gs.Loop(filter, gain=None if filter.default_gain or "forgetting" in filter.ports else 1e-3))
    monitor.run(x[:, 0] if channels == 1 else x, x[:, 0])
    assert not [event for event in monitor.events if "excite" in event.message]
    assert monitor.readings.get("excited") == directions


def test_missing_and_silent_samples_say_nothing_of_directions():
    monitor = gs.Monitor(gs.Loop(gs.NLMS(4), nonfinite="skip"))
    x = np.random.default_rng(0).standard_normal(1000)
    x[900] = np.nan
    monitor.run(x, x)
    assert monitor.events == () and "excited" not in monitor.readings
    monitor.run(np.zeros(1000), np.zeros(1000))
    assert not [event for event in monitor.events if "excite every" in event.message]
