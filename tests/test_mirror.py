"""Every compiled algorithm against its independent second writing in plain NumPy; fails until that exists."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import gainsched as gs
from gainsched import checks, registry

SAMPLES = 10_000


def mirror_of(thing):
    """The second writing of an algorithm: tests/mirror/<name>.py."""
    return importlib.import_module(f"tests.mirror.{type(thing).__name__.lower()}").mirror


SPECIMENS = [registry.find("filter", name).specimen() for name in registry.names("filter")]
MORE = [gs.LMS(33), gs.NLMS(gs.FIR(3, channels=2)), gs.NLMS(gs.ARX(2, 2, 1)), gs.RLS(gs.ARX(1, 2, 2, channels=2)),
        gs.RLS(17), gs.APA(6, order=4), gs.APA(gs.ARX(2, 1, 0), order=2), gs.DelayedLMS(5, delay=7),
        gs.DelayedLMS(gs.ARX(1, 1), delay=3), gs.LeakyLMS(gs.FIR(2, channels=3), leak=0.1), gs.LMF(gs.ARX(1, 1, 1)),
        gs.SignSignLMS(gs.ARX(1, 2)), gs.SignDataLMS(19), gs.SignErrorLMS(gs.FIR(4, channels=2)),
        gs.FxLMS(gs.FIR(3, channels=2), secondary=((0.5, 0.1), (1.0, -0.3)), estimate=(0.4, 0.2)),
        gs.MITRule(3, plant=((0.5, 0.1), (1.0, -0.5)), reference=(0.0, 0.5, 0.2), normalized=True)]


def agree(run, mirrored, what, rtol=1e-12):
    """Within rtol of each signal's peak; the same samples missing."""
    for name, ours, theirs in zip(("y", "e", "w"), (run.y, run.e, run.w), mirrored, strict=True):
        assert np.array_equal(np.isnan(ours), np.isnan(theirs)), f"{what}: {name} is missing elsewhere"
        peak = np.nanmax(np.abs(theirs), initial=1e-300)
        off = np.nanmax(np.abs(ours - theirs), initial=0.0) / peak
        assert off <= rtol, f"{what}: {name} differs by {off:.1e} of its peak"


def forgetting_for(filter):
    return np.full(SAMPLES, 0.99 if "forgetting" in filter.ports else 1.0)


def ports(filter, gain, forgetting):
    return {"gain": gain} | ({"forgetting": forgetting} if "forgetting" in filter.ports else {})


@pytest.mark.parametrize("filter", SPECIMENS + MORE, ids=repr)
def test_mirror(filter):
    x, d = checks.record_for(filter, SAMPLES)
    gain = checks.gain_for(filter) * (1.0 - 0.5 * np.arange(SAMPLES) / SAMPLES)
    forgetting = forgetting_for(filter)
    run = gs.Loop(filter, **ports(filter, gain, forgetting)).run(x, d)
    agree(run, mirror_of(filter)(filter, x, d, gain, forgetting), repr(filter))


@pytest.mark.parametrize("filter", SPECIMENS, ids=repr)
def test_mirror_through_a_burst_of_120_db(filter):
    """With the gain turned down by what the burst's power asks of filters that do not normalize."""
    x, d = checks.record_for(filter, 3000)
    x[1000:1020] *= 1e6
    d = filter.sensed(filter.model.regressors(x) @ np.full(filter.model.n, 0.3)) + d
    bounded = filter.default_gain is not None or getattr(filter, "normalized", False)
    gain = np.full(3000, filter.default_gain or (0.02 if bounded else 1e-14))
    if type(filter).__name__ == "LMF":
        gain[:] = 1e-27
    forgetting = forgetting_for(filter)[:3000]
    run = gs.Loop(filter, **ports(filter, gain, forgetting)).run(x, d)
    agree(run, mirror_of(filter)(filter, x, d, gain, forgetting), repr(filter), rtol=1e-12)


@pytest.mark.parametrize("filter", SPECIMENS + MORE, ids=repr)
def test_mirror_with_missing_values(filter):
    x, d = checks.record_for(filter, 1500)
    rng = np.random.default_rng(7)
    missing_x, missing_d = rng.random(x.shape) < 0.01, rng.random(len(d)) < 0.02
    x[missing_x], d[missing_d] = np.nan, np.nan
    gain, forgetting = np.full(1500, checks.gain_for(filter)), forgetting_for(filter)[:1500]
    run = gs.Loop(filter, **ports(filter, gain, forgetting), nonfinite="skip").run(x, d)
    agree(run, mirror_of(filter)(filter, x, d, gain, forgetting, missing_x, missing_d), repr(filter))


@pytest.mark.parametrize("filter", [f for f in SPECIMENS + MORE if f.model.n > 1], ids=repr)
def test_mirror_with_a_gain_per_weight_and_sample(filter):
    x, d = checks.record_for(filter, 800)
    n = filter.model.n
    rows = checks.gain_for(filter) * np.random.default_rng(2).uniform(0.2, 1.0, (800, n))
    forgetting = forgetting_for(filter)[:800]
    run = gs.Loop(filter, **ports(filter, rows.T, forgetting)).run(x, d)
    agree(run, mirror_of(filter)(filter, x, d, rows, forgetting), repr(filter))


@pytest.mark.parametrize("filter", [f for f in SPECIMENS if f.takes_complex], ids=repr)
def test_mirror_of_complex_signals(filter):
    rng = np.random.default_rng(5)
    x = rng.standard_normal(2000) + 1j * rng.standard_normal(2000)
    d = np.convolve(x, [1j, 0.5 - 0.2j, 0.1])[:2000] + 0.01 * rng.standard_normal(2000)
    gain = np.full(2000, checks.gain_for(filter))
    run = gs.Loop(filter, gain=gain).run(x, d)
    agree(run, mirror_of(filter)(filter, x, d, gain, np.ones(2000)), repr(filter))


@pytest.mark.parametrize("law", [registry.find("law", name)() for name in registry.names("law")] + [
    gs.KwongJohnston(alpha=0.9, gamma=0.01, low=1e-3, high=0.05, rate_limit=1e-3), gs.KwongJohnston(saturate=False),
    gs.RMSProp(rate=0.01, beta=0.9, high=0.2), gs.RMSProp(eps=1e-4, saturate=False)]   # eps 1e-8 turns 1e-16 into 1e-8 where a gradient vanishes
   , ids=repr)
def test_mirror_of_laws(law):
    filter = gs.LMS(4)
    x, d = checks.record_for(filter, SAMPLES)
    if law.saturate:                           # what saturation is for; without it a burst amplifies rounding too
        x[5000:5010] *= 100
    d = np.convolve(x, [0.5, -0.3, 0.2, 0.1])[:SAMPLES] + 0.01 * d
    run = gs.Loop(filter, gain=law).run(x, d, record=gs.Record(gain=1))
    y, e, w, gain = mirror_of(law)(law, filter, x, d)
    agree(run, (y, e, w), repr(law), rtol=1e-10)
    assert run.gain == pytest.approx(gain, rel=1e-9, abs=1e-14)


def test_every_algorithm_has_a_mirror():
    for family in ("filter", "law"):
        for name in registry.names(family):
            assert importlib.util.find_spec(f"tests.mirror.{name.lower()}") is not None, f"write tests/mirror/{name.lower()}.py"
