"""Every gain law on the jobs that a default must survive, at its limits, and where it takes over; a law joins by existing."""

from __future__ import annotations

import dataclasses
import importlib.resources

import numpy as np
import pytest

import gainsched as gs
from gainsched import registry

TAPS, SAMPLES = 32, 20_000
ULP = 1 + 4 * np.finfo(float).eps        # the limits of a matrix of gains are one factor on all of it, which rounds
ALL = [registry.find("law", name)() for name in registry.names("law")]
ALL = [law for law in ALL if "gain" in law.ports]
FORMS = [gs.Hypergradient(form="additive"), gs.Hypergradient(form="cosine"), gs.Relay("power"),
         gs.BarzilaiBorwein(form="short"), gs.NPVSS(noise=1e-4)]
LAWS = ALL + FORMS
SCALAR = [law for law in LAWS if not law.per_weight]
# laws that weigh the sample itself: they have no gain of their own to hand over, only a rate limit makes them smooth
AT_ONCE = (gs.Polyak, gs.NPVSS, gs.ValinCollings, gs.LineSearch)


@pytest.fixture(scope="module")
def jobs():
    """32 taps: white input, AR(1) .9, silence and whispering, a burst of 120 dB."""
    from scipy.signal import lfilter

    rng = np.random.default_rng(2026)
    h = rng.standard_normal(TAPS)
    white = rng.standard_normal(SAMPLES)
    quiet, burst = white.copy(), white.copy()
    quiet[6000:9000], quiet[9000:12_000] = 0.0, 1e-6 * white[9000:12_000]
    burst[8000:8100] *= 1e6
    inputs = {"white": white, "colored": lfilter([np.sqrt(1 - 0.81)], [1, -0.9], white), "quiet": quiet, "burst": burst}
    noise = 0.01 * np.linalg.norm(h) * rng.standard_normal(SAMPLES)
    noise[6000:9000] = 0.0
    return {name: (x, np.convolve(x, h)[:SAMPLES] + noise) for name, x in inputs.items()}


@pytest.fixture(scope="module")
def glucose():
    pytest.importorskip("bokeh_sampledata")
    path = importlib.resources.files("bokeh_sampledata") / "_data" / "CGM.csv.gz"
    signals = gs.read(str(path), input="isig,1", output="glucose")
    return signals.x / [20, 1], signals.d


def bounded(law, high):
    """The law with `high`, its first gain and its smallest below that."""
    changes = {"high": high, "low": min(law.low, high)}
    if hasattr(law, "start"):
        changes["start"] = min(law.start, high)
    return dataclasses.replace(law, **changes)


def safe(x, taps):
    """2/(3 tr R): mean-square stable for one gain, and for one per weight, of independent Gaussian regressors.

    With the gains G, tr(G R) <= 2/3 is what makes the squared error contract; per weight that is so if each is below
    2/(3 tr R). A delay line with colored input bears a third of it only, so that is taken where neighbors correlate.
    """
    correlated = abs(np.corrcoef(x[1:], x[:-1])[0, 1]) > 0.2
    return (0.2 if correlated else 2 / 3) / (taps * np.mean(x**2))


@pytest.mark.parametrize("kind", ["white", "colored", "quiet", "burst"])
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_defaults_stay_finite(law, kind, jobs):
    run = gs.Loop(gs.LMS(TAPS), gain=law, on_divergence="stop").run(*jobs[kind], record=gs.Record(gain=1))
    assert run.status == "done", run
    for values in (run.y, run.e, run.w, run.gain):
        assert np.isfinite(values).all()


@pytest.mark.parametrize("filter", [gs.LMS(gs.FIR(1, channels=2)), gs.NLMS(gs.FIR(1, channels=2))], ids=repr)
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_defaults_stay_finite_on_the_glucose_recording(law, filter, glucose):
    run = gs.Loop(filter, gain=law, nonfinite="skip", on_divergence="stop").run(*glucose, record=gs.Record(gain=1))
    assert run.status == "done", run
    assert np.isfinite(run.w).all() and np.isfinite(run.gain).all()
    assert np.isfinite(run.e[~run.skipped]).all()


@pytest.mark.parametrize("kind", ["white", "colored", "quiet", "burst"])
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_no_law_diverges_below_the_stable_bound(law, kind, jobs):
    """In the burst the bound is that of the signal without it: saturation is what bears it."""
    x, d = jobs[kind]
    high = safe(jobs["white" if kind in ("quiet", "burst") else kind][0], TAPS)
    loop = gs.Loop(gs.LMS(TAPS), gain=bounded(law, high), on_divergence="stop")
    run = loop.run(x, d, record=gs.Record(gain=1))
    assert run.status == "done", run
    assert run.gain.max() <= high * ULP
    assert np.mean(run.e[-2000:] ** 2) < np.mean(d[-2000:] ** 2)        # better than weights of zero


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_no_law_diverges_over_a_normalized_filter(law, jobs):
    """NLMS is stable for gains below 2, whatever the signal."""
    for x, d in jobs.values():
        run = gs.Loop(gs.NLMS(TAPS), gain=bounded(law, 1.0), on_divergence="stop").run(x, d)
        assert run.status == "done", run
        assert np.mean(run.e[-2000:] ** 2) <= 1.1 * np.mean(d[-2000:] ** 2)


# -- limits ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_rate_limit_bounds_every_rise(law, jobs):
    x, d = jobs["white"]
    law = dataclasses.replace(bounded(law, 0.02), rate_limit=1e-5)
    run = gs.Loop(gs.LMS(TAPS), gain=law).run(x[:5000], d[:5000], record=gs.Record(gain=1))
    gain = run.gain.max(axis=1) if law.kernel.whole else run.gain       # of a matrix the largest gain is limited
    assert np.diff(gain, axis=0).max() <= 1e-5 * (1 + 1e-9)
    assert (gain >= law.low).all() and (gain <= law.high * ULP).all()


@pytest.mark.parametrize("law", SCALAR, ids=repr)
def test_nothing_winds_up_behind_a_limit(law, jobs):
    """The state holds the gain that was applied: at a limit for long, it leaves as fast as a gain just arrived there."""
    x, d = jobs["white"]
    loop = gs.Loop(gs.LMS(TAPS), gain=bounded(law, 1e-4))
    run = loop.run(x[:3000], d[:3000], record=gs.Record(gain=1))
    assert loop.state["gain_now"][0] == run.gain[-1] <= 1e-4


@pytest.mark.parametrize("law", [gs.MathewsXie(1e-4, high=1e-3), gs.Hypergradient(0.01, high=1e-3),
                                 gs.Hypergradient(0.1, form="cosine", high=1e-3), gs.Benveniste(1e-6, high=1e-3),
                                 gs.AngFarhang(1e-5, high=1e-3)], ids=repr)
def test_an_integrator_leaves_its_limit_at_once(law):
    """Held at `high` by gradients that agree for 1000 samples, it falls within a few samples of disagreement.

    An integrator that wound up behind the limit would take as long to leave it as it was held there.
    """
    k = np.arange(1100)
    d = np.where(k < 1000, 1.0, 20.0 * (-1.0) ** k)
    run = gs.LMS(1).run(np.ones(1100), d, gain=law, record=gs.Record(gain=1))
    assert run.gain[999] == 1e-3
    assert run.gain[1003] < 1e-3


@pytest.mark.parametrize("law", SCALAR, ids=repr)
def test_swapping_in_a_law_is_bumpless(law, jobs):
    """From a settled loop the law begins near the gain in force; where it cannot, its rate limit spreads the change."""
    x, d = jobs["white"]
    loop = gs.Loop(gs.LMS(TAPS), gain=0.004)
    loop.run(x[:8000], d[:8000])
    assert loop.n == 8000
    w = loop.w.copy()
    limit = 1e-5 if isinstance(law, AT_ONCE) else np.inf
    loop.swap(gain=dataclasses.replace(law, rate_limit=limit))
    assert np.array_equal(loop.w, w) and loop.n == 8000
    assert loop.state["gain_now"][0] == pytest.approx(0.004, rel=1e-12)
    gain = loop.run(x[8000:8001], d[8000:8001], record=gs.Record(gain=1)).gain[0]
    assert gain == pytest.approx(0.004, abs=2e-5, rel=0.05)


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.NLMS(4), gs.APA(4), gs.BlockLMS(4, block=4)], ids=repr)
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_signals_that_fade_through_the_smallest_numbers(law, filter):
    """Products of signals round to 0 long before the signals do; afterwards they are as loud as before."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal(2500)
    x[500:1500] *= 0.4 ** np.arange(1000)
    loop = gs.Loop(filter, law)
    run = loop.run(x, 0.5 * x, record=gs.Record(gain=1))
    assert run.status == "done" and np.isfinite(run.gain).all()


@pytest.mark.parametrize("last", [0.0, 1e-320, 1e-200])
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_a_law_wakes_up_behind_a_gain_that_has_vanished(law, last, jobs):
    x, d = jobs["white"]
    loop = gs.Loop(gs.LMS(TAPS), gain=last)
    loop.run(x[:100], d[:100])
    loop.swap(gain=dataclasses.replace(law, high=0.02))
    assert np.max(loop.run(x[100:5000], d[100:5000], record=gs.Record(gain=1)).gain) > 1e-12


# -- what single laws promise -----------------------------------------------------------------------------------------

def test_polyak_is_nlms_at_half_gain(jobs):
    x, d = jobs["white"]
    a = gs.LMS(TAPS).run(x, d, gain=gs.Polyak())
    b = gs.NLMS(TAPS, eps=0.0).run(x, d, gain=0.5)
    np.testing.assert_allclose(a.e, b.e, rtol=0, atol=1e-11 * np.abs(b.e).max())
    c = gs.LMS(TAPS).run(x, d, gain=gs.Polyak(scale=0.5))
    np.testing.assert_allclose(c.e, gs.NLMS(TAPS, eps=0.0).run(x, d, gain=1.0).e, rtol=0, atol=1e-11 * np.abs(b.e).max())


@pytest.mark.parametrize("law", [gs.Polyak(), gs.NPVSS(noise=0.01, eps=0.0), gs.ValinCollings(eps=0.0)], ids=repr)
def test_laws_by_loop_gain_mean_the_same_to_lms_and_nlms(law, jobs):
    x, d = jobs["white"]
    a, b = (f.run(x[:4000], d[:4000], gain=law) for f in (gs.LMS(TAPS), gs.NLMS(TAPS, eps=0.0)))
    np.testing.assert_allclose(a.e, b.e, rtol=0, atol=1e-10 * np.abs(b.e).max())


def test_additive_hypergradient_is_mathews_xie(jobs):
    x, d = jobs["white"]
    a, b = (gs.LMS(TAPS).run(x, d, gain=law) for law in (
        gs.Hypergradient(1e-6, form="additive"), gs.MathewsXie(1e-6)))
    assert np.array_equal(a.e, b.e)


def test_ang_farhang_without_memory_is_mathews_xie(jobs):
    x, d = jobs["white"]
    a, b = (gs.LMS(TAPS).run(x, d, gain=law) for law in (gs.AngFarhang(1e-6, alpha=0.0), gs.MathewsXie(1e-6)))
    np.testing.assert_allclose(a.e, b.e, rtol=0, atol=1e-9 * np.abs(b.e).max())


def test_benveniste_sensitivity_is_the_derivative_of_the_weights(jobs):
    """At a gain that does not move (meta 0), psi is the difference quotient of two runs."""
    x, d = (s[:500] for s in jobs["white"])
    loop, step = gs.Loop(gs.LMS(TAPS), gain=gs.Benveniste(meta=0.0, start=0.005)), 1e-7
    loop.run(x, d)
    up, down = (gs.LMS(TAPS).run(x, d, gain=0.005 + s).w for s in (step, -step))
    np.testing.assert_allclose(loop.state["gain_sensitivity"], (up - down) / (2 * step), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("filter", [gs.LMS(3), gs.NLMS(3), gs.RLS(3), gs.APA(3), gs.SignErrorLMS(3), gs.DelayedLMS(3, delay=2)], ids=repr)
@pytest.mark.parametrize("law", SCALAR, ids=repr)
def test_every_filter_takes_every_scalar_law(filter, law, jobs):
    x, d = (s[:2000] for s in jobs["white"])
    run = gs.Loop(filter, gain=bounded(law, 0.05), on_divergence="stop").run(x, d)
    assert np.isfinite(run.w).all()


def test_plateau_acts_at_the_patience_th_bad_reading():
    """Constant error, window 10, patience 3: the first reading is the best, so the gain falls with the fourth."""
    run = gs.LMS(1).run(np.zeros(100), np.ones(100), gain=gs.Plateau(window=10, patience=3, start=0.08), record=gs.Record(gain=1))
    assert list(np.flatnonzero(np.diff(run.gain)) + 1) == [39, 69, 99]
    assert list(run.gain[[0, 38, 39, 69, 99]]) == [0.08, 0.08, 0.04, 0.02, 0.01]


def test_plateau_waits_in_its_cooldown():
    gain = gs.Plateau(window=10, patience=3, cooldown=2, start=0.08)
    run = gs.LMS(1).run(np.zeros(120), np.ones(120), gain=gain, record=gs.Record(gain=1))
    assert list(np.flatnonzero(np.diff(run.gain)) + 1) == [39, 89]


def test_adagrad_norm_falls_as_the_root_of_time():
    """Gradients of constant length 1 (the weight hardly moves): mu_k = rate / sqrt(b0^2 + k + 1), b0 = rate / start."""
    run = gs.LMS(1).run(np.ones(50), np.ones(50), gain=gs.AdaGradNorm(1e-12, start=5e-13), record=gs.Record(gain=1))
    assert np.allclose(run.gain, 1e-12 / np.sqrt(4.0 + np.arange(1, 51)), rtol=1e-9)


def test_npvss_leaves_the_noise_alone(jobs):
    """With the noise known the error keeps its power; without, the projection amplifies it."""
    x, d = jobs["white"]
    noise = 1e-4 * np.var(d)                              # of the job: -40 dB of the output
    known, unknown = (gs.NLMS(TAPS).run(x, d, gain=gs.NPVSS(noise=v)) for v in (noise, 0.0))
    assert np.mean(known.e[-3000:] ** 2) < 1.1 * noise
    assert np.mean(unknown.e[-3000:] ** 2) > 1.8 * noise


def test_valin_collings_needs_no_error_power():
    """An error of 1e-170 has a power of 0; the output's is not."""
    loop = gs.Loop(gs.LMS(1), gain=gs.ValinCollings(warmup=0.0))
    run = loop.run(np.full(3, 1e-10), [1e-170, 1e-170, 2e-170], record=gs.Record(gain=1))
    assert np.isfinite(run.gain).all() and run.gain[-1] > 0


def test_valin_collings_stops_for_double_talk():
    """Input of varying power; a second talker ten times louder for 2000 samples hardly moves the weights."""
    rng = np.random.default_rng(5)
    h = rng.standard_normal(TAPS)
    x = rng.standard_normal(20_000) * (1.1 + np.sin(np.arange(20_000) / 150))
    d = np.convolve(x, h)[:20_000] + 0.01 * rng.standard_normal(20_000)
    d[12_000:14_000] += 50 * rng.standard_normal(2000)
    left = {}
    for name, gain in (("law", gs.ValinCollings()), ("constant", 0.5)):
        loop = gs.Loop(gs.NLMS(TAPS), gain=gain)
        left[name] = [np.sum((loop.run(x[a:b], d[a:b]).w - h) ** 2) / (h @ h) for a, b in ((0, 12_000), (12_000, 14_000))]
    assert left["law"][0] < 1e-4
    assert left["law"][1] < 0.01 * left["constant"][1]
