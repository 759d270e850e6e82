"""A thousand random operating points: no verdict, bound, curve or steady state differs from the exact second moments."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gainsched as gs
from gainsched import registry
from tests.analysis.exact import Exact, gaussian, radius, signs

KINDS = ["LMS", "NLMS", "DelayedLMS", "LeakyLMS", "BlockLMS", "HeavyBall", "Nesterov", "GradientEMA", "kurtosis",
         "SignDataLMS", "NLMS with HeavyBall", "BlockLMS with Nesterov"]
SHAPES = ["constant", "exponential", "inverse", "cosine", "warmup", "cyclic", "repeated", "array"]
PERIODIC = ("cyclic", "repeated")
DIVERGED = math.log(1e16)           # of power: where `analyze` takes a passing stretch for divergence
MOMENTA = ("HeavyBall", "Nesterov", "GradientEMA")
SPENT = 400                         # updates after which the drawn schedules are within 1e-9 of what follows
ROUNDING = 1e-9                     # of an eigenvalue of a 64 x 64 map: nearer to 1 neither answer is wrong


def covariance(rng, n):
    """Random directions, eigenvalues over up to two decades, any power."""
    V = np.linalg.qr(rng.standard_normal((n, n)))[0]
    lam = 10.0 ** rng.uniform(0.0, rng.choice([0.0, 1.0, 2.0]), n)
    R = V @ np.diag(lam * 10.0 ** rng.uniform(-2, 2)) @ V.T
    return (R + R.T) / 2


def draw(rng, kind):
    """(filter, compensator, beta, excitation, exact moments) of a random operating point."""
    if kind in MOMENTA:
        kind = f"LMS with {kind}"
    name, _, between = kind.partition(" with ")
    n = 2 if name == "NLMS" else int(rng.integers(1, 3 if between or name == "DelayedLMS" else 4))
    R, noise = covariance(rng, n), 10.0 ** rng.uniform(-4, 1)
    power, kurtosis, options, moments = np.trace(R), 0.0, {}, None
    if name == "NLMS":
        options = {"eps": float(power * 10.0 ** rng.uniform(-3, 0))}
    elif name == "DelayedLMS":
        options = {"delay": int(rng.integers(1, 4))}
    elif name == "LeakyLMS":
        options = {"leak": float(power * 10.0 ** rng.uniform(-3, 0))}
    elif name == "BlockLMS":
        options = {"block": int(rng.integers(2, 6))}
    elif name == "kurtosis":
        name, kurtosis = "LMS", float(rng.uniform(-2.0, 6.0))
        moments = gaussian(R, kurtosis)
    elif name == "SignDataLMS":                       # all weights see the same power; a third of the inputs is white
        R = R[0, 0] * (np.eye(n) if rng.random() < 0.3 else rng.uniform(0.1, 0.9) ** np.abs(np.subtract.outer(range(n), range(n))))
        moments = signs(R)
    beta = float(rng.uniform(0.0, 0.95)) if between else 0.0
    return (getattr(gs, name)(n, **options), getattr(gs, between)(beta) if between else None, beta,
            gs.Excitation(R, noise=noise, kurtosis=kurtosis),
            Exact(R, noise=noise, momentum=between or None, moments=moments, **options))


def drive(rng, shape, peak, low):
    """A gain whose largest value is about `peak`; drawn to end, or turn back, at `low`."""
    if shape == "constant":
        return peak
    if shape == "exponential":
        return gs.Exponential(peak, float(rng.uniform(0.5, 0.9)), every=int(rng.integers(1, 4)), floor=low)
    if shape == "inverse":
        return gs.InverseTime(peak, float(rng.uniform(0.05, 1.0)))
    if shape == "cosine":
        return gs.Cosine(peak, low, int(rng.integers(5, 100)))
    if shape == "warmup":
        return gs.Step(peak, float(rng.uniform(0.1, 0.9)), int(rng.integers(5, 20))).clip(low, peak).warmup(int(rng.integers(2, 30)))
    if shape == "cyclic":
        return gs.Cyclic(low, peak, int(rng.integers(1, 15)))
    if shape == "repeated":
        steps = int(rng.integers(2, 25))
        return gs.Polynomial(peak, low, steps, power=float(rng.uniform(0.5, 3.0))).repeat(steps)
    return rng.uniform(min(low, peak), peak, int(rng.integers(5, 40)))


def gains_of(gain, every, count):
    """Those of the updates, as the loop meets them."""
    ks = np.arange(every - 1, count * every, every)
    if isinstance(gain, float):
        return np.full(count, gain)
    return np.asarray(gain, dtype=float)[ks[ks < len(gain)]] if isinstance(gain, np.ndarray) else gain(ks)


def mistake(verdict, shape, gain, filter, beta, exact):
    """What is false in a verdict, or None."""
    every = filter.every

    def grows(mu):
        return exact.growth(mu, beta) - 1.0

    if shape == "constant":
        rate = grows(gain)
    elif shape in PERIODIC:
        period = gain.cycle[1]
        rate = exact.over(gains_of(gain, every, math.lcm(period, every) // every), beta)
    elif shape == "array":
        updates = gains_of(gain, every, len(gain) // every)
        if not len(updates):
            return None
        rate = exact.over(updates, beta)
        if exact.momentum or exact.delay:             # the sentence says: its last value held on
            last = grows(updates[-1])
            passed = exact.largest(updates, beta) > DIVERGED
            rate = last if not passed else max(last, 1.0)
    else:
        updates = gains_of(gain, every, SPENT)
        rate = -1.0 if shape == "inverse" else grows(float(updates[-1]))
        if (largest := exact.largest(updates, beta)) > DIVERGED - 1.0:
            rate = max(rate, 1.0 if largest > DIVERGED + 1.0 else 0.0)
    if verdict == "stable" and rate > ROUNDING:
        return f"false stable: exact rate {rate:.3g}"
    if verdict == "unstable" and rate < -ROUNDING:
        return f"false unstable: exact rate {rate:.3g}"
    if verdict == "not certified" and shape == "constant" and abs(rate) > 1e-3:
        return f"undecided: exact rate {rate:.3g}"
    return None


def cases(seed, count):
    rng = np.random.default_rng(seed)
    for i in range(count):
        kind, shape = KINDS[i % len(KINDS)], SHAPES[int(rng.integers(len(SHAPES)))]
        filter, compensator, beta, exc, exact = draw(rng, kind)
        bound = gs.analyze(gs.Loop(filter, gain=1e-9, compensator=compensator), exc).range[1]
        peak, low = (float(bound * (10.0 ** rng.uniform(-2, np.log10(3.0)) if rng.random() < 0.4 else
                                    rng.uniform(0.3, 3.0))) for _ in range(2))
        if kind.startswith("NLMS"):                  # beyond 2 the loop refuses a gain
            peak, low = min(peak, 1.99), min(low, 1.99)
        low = min(low, 0.9 * peak)
        yield kind, shape, filter, compensator, beta, exc, exact, drive(rng, shape, peak, low)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
def test_no_verdict_is_false(seed):
    """100 operating points each."""
    wrong, said = [], []
    for kind, shape, filter, compensator, beta, exc, exact, gain in cases(seed, 100):
        rep = gs.analyze(gs.Loop(filter, gain=gain, compensator=compensator), exc)
        said.append(rep.verdict)
        if (found := mistake(rep.verdict, shape, gain, filter, beta, exact)) is not None:
            wrong.append((kind, shape, gain, filter, compensator, exc, rep.sentence, found))
    assert not wrong
    assert said.count("stable") > 30 and said.count("unstable") > 10


def points(seed, count):
    """Random operating points, each with the generator that drew it."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        kind = KINDS[i % len(KINDS)]
        filter, compensator, beta, exc, exact = draw(rng, kind)
        yield rng, kind, filter, compensator, beta, exc, exact


def silent_on_curves(filter, exc):
    """Colored signs: bound and EMSE are known, by a balance; no recursion closes."""
    return isinstance(filter, gs.SignDataLMS) and np.ptp(exc.modes) > 1e-9 * exc.modes.max()


def test_the_exact_recursion_turns_at_every_bound():
    """From 5 % below to 5 % above; and from 1e-6 below to 1e-6 above as well."""
    for _, _, filter, compensator, beta, exc, exact in points(101, 120):
        bound = gs.analyze(gs.Loop(filter, gain=1e-9, compensator=compensator), exc).bounds["mean_square"].value
        for far in (0.05, 1e-6):
            below, above = exact.growth((1 - far) * bound, beta), exact.growth((1 + far) * bound, beta)
            assert below < 1 < above, (filter, compensator, exc, far, below, above)


@pytest.mark.parametrize("name", ["LMS", "LeakyLMS", "BlockLMS"])
def test_circular_complex_recursions_turn_at_their_bound(name):
    """E uu'Xuu' = RXR + tr(RX) R of circular Gaussian regressors, applied to every matrix of a basis."""
    rng = np.random.default_rng(104)
    for _ in range(10):
        n = int(rng.integers(1, 4))
        V = np.linalg.qr(rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n)))[0]
        R = V @ np.diag(10.0 ** rng.uniform(-1.5, 0.5, n)) @ V.conj().T
        R = (R + R.conj().T) / 2
        leak, block = (0.1 if name == "LeakyLMS" else 0.0), (3 if name == "BlockLMS" else 1)
        filter = {"LMS": gs.LMS(n), "LeakyLMS": gs.LeakyLMS(n, leak=leak), "BlockLMS": gs.BlockLMS(n, block=block)}[name]
        bound = gs.analyze(gs.Loop(filter, gain=1e-9), gs.Excitation(R)).bounds["mean_square"].value

        def growth(mu, R=R, leak=leak, block=block, n=n):
            A, images = (1 - mu * leak) * np.eye(n) - mu * R, []
            for unit in np.eye(n * n).reshape(-1, n, n):
                images.append((A @ unit @ A + mu**2 * np.trace(R @ unit) * R / block).ravel())
            return radius(np.array(images).T)
        for far in (0.05, 1e-6):
            assert growth((1 - far) * bound) < 1 < growth((1 + far) * bound), (name, R, far)


@pytest.mark.parametrize(("filter", "compensator"), [
    (gs.LMS, None), (gs.LeakyLMS, None), (gs.DelayedLMS, None), (gs.BlockLMS, None), (gs.SignDataLMS, None), (gs.NLMS, None),
    (gs.LMS, gs.HeavyBall(0.5)), (gs.LMS, gs.Nesterov(0.5)), (gs.LMS, gs.GradientEMA(0.5))], ids=repr)
def test_typical_paths_at_some_distance_of_the_bound(filter, compensator, rng):
    """Without noise, eight independent channels: at .7 x the bound the median error falls, at 2 x it grows without end."""
    n, T, trials = 8, 3000, 24
    made = filter(gs.FIR(1, channels=n))
    bound = gs.analyze(gs.Loop(made, gain=1e-9, compensator=compensator), gs.Excitation(1.0)).range[1]
    X = rng.standard_normal((trials, T, n))
    for times, grows in ((0.7, False), (2.0, True)):
        loop = gs.Loop(made, gain=np.full(T, times * bound), compensator=compensator, on_divergence="stop", w0=np.ones((1, n)))
        runs = loop.run_many(X, np.zeros((trials, T)))
        assert np.mean([run.status == "diverged" for run in runs]) == (1.0 if grows else 0.0), times
        if not grows:
            assert np.median([np.sum(np.abs(run.w) ** 2) for run in runs]) < 1e-3 * n


def test_learning_curves_are_the_exact_recursion():
    """Under random schedules, biased by a leak, before the delay line is full, with the memory of momentum."""
    for rng, kind, filter, compensator, beta, exc, exact in points(102, 60):
        if silent_on_curves(filter, exc):
            continue
        bound = gs.analyze(gs.Loop(filter, gain=1e-9, compensator=compensator), exc).range[1]
        every, w_opt = filter.every, rng.standard_normal(exact.n)
        gains = np.repeat(rng.uniform(0.0, min(1.2 * bound, 1.99 if kind.startswith("NLMS") else np.inf), 60), every)
        rep = gs.analyze(gs.Loop(filter, gain=gains, compensator=compensator), exc)
        betas = np.full(60, beta)
        expected = exact.curve(gains[::every], w_opt, betas, biased=kind == "LeakyLMS")
        for name, wanted in zip(("emse", "msd"), expected, strict=True):
            found = rep.learning_curve(60 * every, name, w_opt=w_opt, every=every)
            np.testing.assert_allclose(found, wanted, rtol=1e-9, err_msg=f"{filter!r} {compensator!r} {exc!r}")


def test_steady_states_are_the_limit_of_the_exact_recursion():
    """LeakyLMS needs w_opt: its limit is in test_leaky."""
    for rng, kind, filter, compensator, beta, exc, exact in points(103, 60):
        if kind == "LeakyLMS" or silent_on_curves(filter, exc):
            continue
        bound = gs.analyze(gs.Loop(filter, gain=1e-9, compensator=compensator), exc).range[1]
        gain = float(bound * 10.0 ** rng.uniform(-2, -0.05))
        rep = gs.analyze(gs.Loop(filter, gain=gain, compensator=compensator), exc)
        assert (rep.emse, rep.msd) == pytest.approx(exact.limit(gain, beta), rel=1e-6), (filter, compensator, exc)


MEAN_GAIN = {"KwongJohnston", "AboulnasrMayyas", "MathewsXie"}


def silent(rep):
    """No number is claimed."""
    assert rep.verdict == "not certified"
    quiet(rep)


def quiet(rep):
    """No error power is claimed."""
    assert rep.emse is rep.msd is rep.misadjustment is None
    with pytest.raises(gs.NoTheory, match="no theory for"):
        rep.learning_curve(10)
    assert "no theory for" in str(rep)


def test_of_the_filtered_regressor_only_the_mean_is_known():
    rep = gs.analyze(gs.Loop(registry.find("filter", "FxLMS").specimen(), gain=0.1), gs.Excitation(1.0, noise=0.1))
    quiet(rep)
    assert rep.range is None and set(rep.bounds) == {"mean"}


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.DelayedLMS(4, delay=2), gs.LeakyLMS(4), gs.SignErrorLMS(4)], ids=repr)
@pytest.mark.parametrize("name", registry.names("law"))
def test_a_law_without_theory_claims_no_error_power(name, filter):
    try:
        loop = gs.Loop(filter, gain=registry.find("law", name)())
    except (TypeError, ValueError):                             # not a law of gains, or not over this filter
        pytest.skip("refused")
    rep = gs.analyze(loop, gs.Excitation(1.0, noise=0.1))
    with pytest.raises(gs.NoTheory, match="no theory for"):
        rep.learning_curve(10)
    if not (name in MEAN_GAIN and type(filter) is gs.LMS):
        assert rep.emse is rep.msd is rep.misadjustment is rep.time_constants is None
        assert f"no theory for {name} with {type(filter).__name__}" in str(rep)


def test_gains_per_weight_have_no_theory():
    rep = gs.analyze(gs.Loop(gs.LMS(4), gain=np.full((4, 1), 0.01)), gs.Excitation(1.0, noise=0.1))
    silent(rep)


@pytest.mark.parametrize("name", registry.names("compensator"))
@pytest.mark.parametrize("filter", [gs.APA(4), gs.SignErrorLMS(4), gs.LeakyLMS(4), gs.RLS(4)], ids=repr)
def test_a_compensator_without_theory_says_so(name, filter):
    """Over filters without moments all of them, but for an average that stands beside the loop."""
    kind = registry.find("compensator", name)
    if kind.averages and kind is gs.PolyakRuppert:
        pytest.skip("beside the loop")
    compensator = kind(0.9) if "beta" in kind.ports else kind()
    rep = gs.analyze(gs.Loop(filter, gain=0.5, compensator=compensator), gs.Excitation(1.0, noise=0.1))
    if isinstance(filter, gs.LeakyLMS) and not kind.averages:      # its stability is known, its bias is not
        quiet(rep)
    else:
        silent(rep)


@pytest.mark.parametrize(("filter", "gain", "compensator"), [
    (gs.LMS, 0.05, None), (gs.NLMS, 0.5, None), (gs.DelayedLMS, 0.05, None), (gs.BlockLMS, 0.3, None),
    (gs.LMS, 0.01, gs.HeavyBall(0.8)), (gs.LMS, 0.01, gs.Nesterov(0.8)), (gs.LMS, 0.05, gs.GradientEMA(0.8)),
    (gs.NLMS, 0.1, gs.HeavyBall(0.6)), (gs.BlockLMS, 0.05, gs.Nesterov(0.6)), (gs.SignErrorLMS, 0.01, None),
], ids=repr)
def test_steady_states_of_long_runs(filter, gain, compensator, rng):
    """Channels that are independent in fact; 200 runs of 5000 settled samples: standard error below 1 %."""
    lam, n, noise, T = np.array([0.3, 0.8, 1.0, 1.9]), 4, 0.1, 6000
    made = filter(gs.FIR(1, channels=n), **({"block": 8} if filter is gs.BlockLMS else {}))
    rep = gs.analyze(gs.Loop(made, gain=gain, compensator=compensator), gs.Excitation(np.diag(lam), noise=noise))
    X = rng.standard_normal((200, T, n)) * np.sqrt(lam)
    runs = gs.Loop(made, gain=gain, compensator=compensator).run_many(
        X, np.sqrt(noise) * rng.standard_normal((200, T)), record=gs.Record(weights=8))
    w = np.stack([run.weights[125:, 0] for run in runs])
    assert np.mean(w**2 @ lam) == pytest.approx(rep.emse, rel=0.03)
