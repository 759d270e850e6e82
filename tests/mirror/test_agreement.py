"""The package against its mirrors: every registered algorithm, on plain records, a 120 dB burst and missing cells.

Two writings of one equation differ by rounding. The limit is 1e-12 of the largest value; where the recursion itself
amplifies rounding (P of RLS spans twelve decades in a burst) the mirror is run once more in extended precision, and
the package may be as far from the mirror as a few times the mirror is from that.
"""

from __future__ import annotations

import functools
from importlib import import_module

import numpy as np
import pytest

import gainsched as gs
from gainsched import registry

LONG, SHORT = 10_000, 1_500
LIMIT, TIMES = 1e-12, 30
BURST, TAIL = 1e6, 120                    # amplitude; samples until delays and plants have forgotten the burst
# what the gain must be multiplied by while the signals are BURST times larger, to keep the loop where it was
IN_BURST = {"NLMS": 1, "APA": 1, "RLS": 1, "SignSignLMS": 1, "SignErrorLMS": 1 / BURST, "SignDataLMS": 1 / BURST,
            "LMF": BURST**-4}
PLANT, REFERENCE = ((0.1, 0.05), (1.0, -0.9)), ((0.2,), (1.0, -0.7))

SPECIMENS = [registry.find("filter", name).specimen() for name in registry.names("filter")]
WIDER = [
    gs.LMS(17), gs.NLMS(gs.FIR(5, channels=3)), gs.DelayedLMS(gs.FIR(3, channels=2), delay=4), gs.APA(9, order=3, eps=1e-3),
    gs.RLS(gs.FIR(1, channels=4)), gs.RLS(7, delta=0.5), gs.FxLMS(gs.FIR(3, channels=2), secondary=((0.5, 0.1), (1.0, -0.4))),
    gs.FxLMS(8, secondary=(0.0, 0.8, 0.3), estimate=(0.0, 0.7)), gs.DelayedLMS(6, delay=0),
    gs.BlockLMS(3, block=1), gs.BlockLMS(gs.FIR(2, channels=2), block=64), gs.BlockLMS(gs.ARX(2, 1, 1), block=3),
    gs.RLS(gs.ARX(2, 2, 1)), gs.RLS(gs.ARX(1, 2, 3, channels=3)), gs.NLMS(gs.ARX(3, 1, 0)), gs.APA(gs.ARX(2, 3, 2), eps=1e-3),
    gs.MITRule(2, plant=PLANT, reference=REFERENCE, normalized=True, alpha=0.1),
]


def record(filter, T, burst, gaps, seed=0):
    """White input, a response of six taps and noise; gain and forgetting that suit the filter."""
    rng = np.random.default_rng(seed)
    channels, name = filter.model.channels, type(filter).__name__
    x = rng.standard_normal((T, channels))
    h = rng.standard_normal((6, channels))
    d = sum(np.convolve(x[:, c], h[:, c])[:T] for c in range(channels)) + 0.1 * rng.standard_normal(T)
    gain = np.full(T, filter.default_gain or (1e-3 if name == "LMF" else 0.02) / filter.model.n)
    if burst:
        a, b = T // 2, T // 2 + T // 50
        x[a:b] *= BURST
        d[a:b] *= BURST
        gain[a:b + TAIL] *= IN_BURST.get(name, BURST**-2)
    if gaps:
        x[rng.random(x.shape) < 0.005] = np.nan
        d[rng.random(T) < 0.01] = np.nan
    forgetting = np.full(T, 0.99) if name == "RLS" else None
    return x[:, 0] if channels == 1 else x, d, gain, forgetting


def distance(a, b):
    """The largest difference as a part of the largest value; a NaN must stand where its twin stands."""
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    assert np.array_equal(np.isnan(a), np.isnan(b))
    return float(np.nanmax(np.abs(a - b)) / np.nanmax(np.abs(b)))


def agree(run, mirror, *arrays):
    """Run, and mirror(*arrays), agree in y, e, w (and gain, where the mirror gives one) as far as rounding lets them."""
    theirs = (run.y, run.e, run.w) if run.gain is None else (run.y, run.e, run.w, run.gain)
    ours = mirror(*arrays)
    apart = [distance(a, b) for a, b in zip(theirs, ours, strict=True)]
    if max(apart) <= LIMIT:
        return
    if np.finfo(np.longdouble).eps == np.finfo(float).eps:
        pytest.skip("this platform has no extended precision to judge an ill-conditioned case by")
    exact = mirror(*(a if a is None else a.astype(np.longdouble) for a in arrays))
    conditioning = max(distance(a, b) for a, b in zip(ours, exact, strict=True))
    assert max(apart) <= LIMIT + TIMES * conditioning, (apart, conditioning)


def second_writing(spec):
    """mirror(...) of the file named after the class; a new algorithm fails here until that file exists."""
    return import_module(f"{__package__}.{type(spec).__name__.lower()}").mirror


def compare(filter, x, d, gain, forgetting, **options):
    ports = {"gain": gain} if forgetting is None else {"gain": gain, "forgetting": forgetting}
    loop = gs.Loop(filter, **ports, **options)
    ones = np.ones(len(x))
    mirror = functools.partial(second_writing(filter), filter, w0=options.get("w0"))
    flat = gain.T if gain.ndim == 2 else gain
    agree(loop.run(x, d), mirror, x, d, flat, ones if forgetting is None else forgetting)


@pytest.mark.parametrize("burst", [False, True], ids=["plain", "burst"])
@pytest.mark.parametrize("filter", SPECIMENS, ids=repr)
def test_every_filter(filter, burst):
    compare(filter, *record(filter, LONG, burst, gaps=False))


@pytest.mark.parametrize("filter", WIDER, ids=repr)
@pytest.mark.parametrize("burst", [False, True], ids=["plain", "burst"])
def test_wider_structures(filter, burst):
    compare(filter, *record(filter, SHORT, burst, gaps=False))


@pytest.mark.parametrize("filter", SPECIMENS + WIDER, ids=repr)
def test_missing_cells_are_skipped_alike(filter):
    compare(filter, *record(filter, SHORT, burst=False, gaps=True), nonfinite="skip")


@pytest.mark.parametrize("filter", SPECIMENS, ids=repr)
def test_one_gain_per_weight_from_given_weights(filter):
    x, d, gain, forgetting = record(filter, SHORT, burst=False, gaps=False)
    n = filter.model.n
    gains = np.geomspace(1.0, 0.2, n)[:, None] * gain
    compare(filter, x, d, gains, forgetting, w0=np.linspace(-0.1, 0.1, n))


@pytest.mark.parametrize("filter", [gs.LMS(5), gs.NLMS(5), gs.NLMS(gs.FIR(2, channels=2))], ids=repr)
@pytest.mark.parametrize("burst", [False, True], ids=["plain", "burst"])
def test_complex_signals(filter, burst):
    x, d, gain, _ = record(filter, SHORT, burst, gaps=False)
    rotation = np.exp(1j * np.arange(SHORT) ** 2 / 50.0)
    x = (x.T * rotation).T
    compare(filter, x, d * rotation * (1 + 2j), gain, None)


@pytest.mark.parametrize("normalized", [False, True])
def test_mit_rule_makes_its_own_desired_output(normalized):
    filter = gs.MITRule(2, plant=PLANT, reference=REFERENCE, normalized=normalized)
    x, _, gain, _ = record(filter, SHORT, burst=False, gaps=False)
    agree(gs.Loop(filter, gain=gain).run(x), functools.partial(second_writing(filter), filter), x, None, gain, gain)


@pytest.mark.parametrize("amplitude", [0.0, 1e-6, 9e-6, 1e-4])
def test_rls_guard_acts_alike_in_silence(amplitude):
    filter = gs.RLS(4)
    x, d, gain, forgetting = record(filter, SHORT, burst=False, gaps=False)
    x[500:1000] *= amplitude
    d[500:1000] *= amplitude
    compare(filter, x, d, gain, forgetting - 0.04)


def test_rls_guard_acts_alike_when_excitation_is_lost():
    filter = gs.RLS(4)
    x, d, gain, forgetting = record(filter, SHORT, burst=False, gaps=False)
    x[500:1000] = 1.0
    compare(filter, x, d, gain, forgetting - 0.09)


LAWS = [registry.find("law", name)() for name in registry.names("law")]
LAWS += [gs.KwongJohnston(alpha=0.97, gamma=4.8e-4, low=1e-4, high=0.05), gs.KwongJohnston(start=0.02, rate_limit=1e-4),
         gs.KwongJohnston(gamma=1e-5, high=0.02, saturate=False),
         gs.LineSearch("armijo"), gs.LineSearch("wolfe", start=1e-3), gs.LineSearch("wolfe", start=10.0, c2=0.1),
         gs.LineSearch("armijo", start=0.3, shrink=0.8, c1=0.3, high=0.1, rate_limit=0.01),
         gs.RMSProp(rate=0.01, beta=0.9, eps=1e-4, low=1e-5, high=0.1), gs.RMSProp(rate=0.01, rate_limit=1e-3)]
LAWS += [gs.IDBD(meta=0.02, start=0.05, low=1e-3, high=0.06), gs.IDBD(meta=0.05, rate_limit=1e-4), gs.IDBD(saturate=False),
         gs.Autostep(meta=0.3, tau=50.0, low=1e-3, high=0.1), gs.Autostep(rate_limit=1e-4), gs.SMD(meta=0.02, decay=1.0, high=0.05),
         gs.SMD(rate_limit=1e-4, start=0.02), gs.DeltaBarDelta(kappa=0.01, phi=0.3, theta=0.0),
         gs.DeltaBarDelta(kappa=1e-3, high=0.02, rate_limit=2e-4), gs.K1(noise=0.01, meta=0.02), gs.K1(high=0.05, low=0.02, rate_limit=1e-3),
         gs.K2(noise=0.01, meta=0.1), gs.K2(high=0.05, low=0.02, rate_limit=1e-3), gs.AdaGrad(rate=0.1, eps=1e-2, high=0.1),
         gs.AdaDelta(beta=0.9, eps=1e-4, high=0.05), gs.Adam(rate=0.01, beta1=0.5, beta2=0.9, eps=1e-3, high=0.1),
         gs.Adam(saturate=False), gs.AMSGrad(rate=0.01, beta1=0.0, beta2=0.9, rate_limit=1e-3), gs.NAdam(rate=0.01, beta1=0.6, beta2=0.9),
         gs.Adamax(rate=0.01, beta1=0.2, beta2=0.5, low=1e-3), gs.Lion(rate=0.01, beta1=0.5, beta2=0.5), gs.Lion(rate_limit=1e-5)]
LAWS += [gs.KalmanGain(q=1e-3, r=0.1, start=0.2), gs.KalmanGain(q=1e-3, low=1e-3, high=0.02, rate_limit=1e-3)]
LAWS += [gs.OnlineBFGS(rate=0.5, damping=0.1, scaling=0.3, reset=0.0), gs.OnlineBFGS(low=1e-3, high=0.05, rate_limit=1e-2),
         gs.LimitedBFGS(rate=0.5, memory=2, damping=0.1), gs.LimitedBFGS(memory=1, scaling=2.0, high=0.05)]
LAWS += [gs.AboulnasrMayyas(beta=0.9, gamma=0.01, high=0.1), gs.MathewsXie(meta=1e-4, high=0.1, rate_limit=0.01),
         gs.Benveniste(meta=1e-5, low=1e-3, high=0.1), gs.Benveniste(meta=1e-5, high=0.1, saturate=False),
         gs.AngFarhang(meta=1e-5, alpha=0.8, high=0.1),
         *(gs.Hypergradient(meta=m, form=f, high=0.1) for m, f in ((0.01, "log"), (1e-4, "additive"), (0.1, "cosine"))),
         gs.Hypergradient(meta=5.0, form="cosine", high=0.1), gs.Polyak(scale=0.5, floor=0.005, high=1.0),
         gs.NPVSS(noise=0.01, alpha=0.95, eps=0.01), gs.ValinCollings(rate=0.8, alpha=0.9, beta=0.02, warmup=10),
         gs.AdaGradNorm(rate=0.3, start=0.02), gs.DoG(distance=0.01, high=0.1),
         gs.BarzilaiBorwein(every=25, beta=0.4, high=0.1), gs.BarzilaiBorwein(every=25, form="short", high=0.1),
         gs.Relay(band=0.02, dwell=20, high=0.1), gs.Relay("power", band=0.5, factor=2.0, dwell=20, high=0.1),
         gs.Relay("power", rate_limit=1e-4), gs.Plateau(factor=0.8, patience=2, window=30, cooldown=1, threshold=0.1),
         gs.Harris(factor=1.3, agree=2, disagree=2, low=1e-3, high=0.1)]


LAWS += [gs.Fortescue(information=0.5, low=0.95, start=0.97), gs.Fortescue(information=20.0, rate_limit=1e-3),
         gs.VariableForgetting(window=2, noise_window=20, margin=1.1, low=0.8, high=0.99),
         gs.VariableForgetting(eps=0.1, rate_limit=1e-2), gs.DirectionalForgetting(0.9), gs.DirectionalForgetting(0.7, low=0.8),
         gs.ExponentialResetting(0.9, 0.9, 0.02, 1e-3), gs.ConstantTrace(0.95, 0.1, 0.01), gs.ConstantTrace(ratio=0.0)]


def driven(law, model, burst):
    """A law's run, through the gain of LMS or the forgetting of RLS, and its mirror without what no run records."""
    filter = gs.LMS(model) if "gain" in law.ports else gs.RLS(model)
    x, d, _, _ = record(gs.LMS(model), SHORT, burst=burst, gaps=False)
    mirror = functools.partial(second_writing(law), law, filter)
    if "gain" in law.ports:
        return gs.Loop(filter, gain=law).run(x, d, record=gs.Record(gain=1)), mirror, x, d
    return gs.Loop(filter, forgetting=law).run(x, d), lambda *signals: mirror(*signals)[:3], x, d


@pytest.mark.parametrize("model", [gs.FIR(6), gs.FIR(2, channels=2)], ids=repr)
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_every_law(law, model):
    agree(*driven(law, model, burst=False))


@pytest.mark.parametrize("law", [law for law in LAWS if law.saturate], ids=repr)
def test_every_law_through_a_burst(law):
    agree(*driven(law, gs.FIR(6), burst=True))


@pytest.mark.parametrize("burst", [False, True], ids=["plain", "burst"])
@pytest.mark.parametrize("law", [law for law in LAWS if isinstance(law, gs.LineSearch)], ids=repr)
@pytest.mark.parametrize("filter", [gs.BlockLMS(6, block=20), gs.BlockLMS(gs.FIR(2, channels=2), block=7)], ids=repr)
def test_line_search_over_blocks(filter, law, burst):
    x, d, _, _ = record(filter, SHORT, burst, gaps=False)
    run = gs.Loop(filter, gain=law).run(x, d, record=gs.Record(gain=1))
    agree(run, functools.partial(second_writing(law), law, filter), x, d)
