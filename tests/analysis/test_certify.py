"""Certificates against the published and computed figures, against brute force, and against the clock."""

import itertools
import json
import math
from fractions import Fraction

import numpy as np
import pytest

import gainsched as gs
from gainsched.analysis.course import course
from gainsched.analysis.jointradius import best_product, common_norm
from gainsched.analysis.modal import Modal

HB = gs.HeavyBall(0.9)


def growth(gains, mode, compensator=None, betas=None, delay=0, leak=0.0):
    """Factor per sample of one mode, from its recursion written out, in plain steps."""
    n = 2 + delay
    z, log = np.eye(n), 0.0
    betas = [0.0 if compensator is None else compensator.beta] * len(gains) if betas is None else betas
    for mu, beta in zip(gains, betas, strict=True):
        a, b = (0.0, 1.0) if compensator is None else compensator.shares(beta)
        x, p = z[:1 + delay], z[-1]
        D = mu * (mode * x[delay] + leak * x[0])
        after = beta * p + a * D
        z = np.vstack([x[0] - b * D - after, x[:delay], after])
        size = np.abs(z).max() or 1.0
        z, log = z / size, log + math.log(size)
    radius = np.abs(np.linalg.eigvals(z)).max()
    return math.exp((math.log(max(radius, 1e-300)) + log) / len(gains))


# -- figures known to the digits ------------------------------------------------------------------------------------


def test_alternating_far_below_the_limit_diverges():
    found = gs.certify([0.2, 3.6], modes=(1.0, 1.0), compensator=HB)
    assert found.verdict == "unstable"
    assert found.growth == pytest.approx(2.12377, abs=5e-6)
    for gain in (0.2, 3.6):
        alone = gs.certify(gain, modes=(1.0, 1.0), compensator=HB)
        assert alone.verdict == "stable"
        assert alone.growth == pytest.approx(0.94868, abs=5e-6)


def test_ten_slow_and_six_faster_steps_grow():
    found = gs.certify([0.01] * 10 + [0.1] * 6, modes=(1.0, 1.0), compensator=HB)
    assert found.verdict == "unstable"
    assert found.growth == pytest.approx(1.01535, abs=1e-5)
    assert 0.0 < found.scale < 1.0
    witness = found.witness
    assert growth(witness["gains"], witness["mode"], HB) == pytest.approx(found.growth, abs=1e-12)


@pytest.mark.parametrize(("n", "rate"), [(2, 0.709299), (4, 0.616969), (8, 0.566510)])
def test_chebyshev_cycle_far_above_the_frozen_limit_converges(n, rate):
    found = gs.certify(gs.Chebyshev(1.0, 10.0, n), modes=(1.0, 10.0))
    assert found.verdict == "stable"
    assert found.growth == pytest.approx(math.cosh(n * math.acosh(11 / 9)) ** (-1 / n), rel=1e-12)
    assert found.growth == pytest.approx(rate, abs=5e-7)
    gains = gs.Chebyshev(1.0, 10.0, n)(np.arange(n))
    assert n != 4 or gains.max() * 10 == pytest.approx(7.45, abs=5e-3)


@pytest.mark.parametrize("b", [0.0, 0.3, 0.5, 0.9, 0.99])
def test_closed_form_limits(b):
    limits = {gs.HeavyBall: 2 * (1 + b), gs.Nesterov: (2 + 2 * b) / (1 + 2 * b), gs.GradientEMA: 2 * (1 + b) / (1 - b)}
    for kind, limit in limits.items():
        found = gs.certify(0.01, modes=(0.2, 1.0), compensator=kind(b))
        assert found.scale == pytest.approx(limit / 0.01, rel=1e-9)
        assert gs.certify(limit * 0.999, modes=(0.2, 1.0), compensator=kind(b)).verdict == "stable"
        assert gs.certify(limit * 1.001, modes=(0.2, 1.0), compensator=kind(b)).verdict == "unstable"
    assert gs.certify(0.01, modes=(0.2, 1.0)).scale == pytest.approx(200.0, rel=1e-9)


@pytest.mark.parametrize(("delay", "limit"), [(0, 2.0), (1, 1.0), (2, 0.61803399), (5, 0.28462968), (10, 0.14946019)])
def test_delay_limits(delay, limit):
    found = gs.certify(0.01, modes=(0.5, 1.0), delay=delay)
    assert found.scale * 0.01 == pytest.approx(limit, rel=1e-7)
    assert gs.certify(1.001 * limit, modes=(0.5, 1.0), delay=delay).verdict == "unstable"
    assert gs.certify(0.999 * limit, modes=(0.5, 1.0), delay=delay).verdict == "stable"


def test_momentum_and_delay_meet_the_gain_margin():
    L = gs.Loop(gs.DelayedLMS(1, delay=3), gain=0.1, compensator=gs.HeavyBall(0.5)).transfer(1.0)
    assert gs.certify(0.1, modes=(0.5, 1.0), compensator=gs.HeavyBall(0.5), delay=3).scale == pytest.approx(
        gs.margins(L).gain, rel=1e-6)


def test_joint_spectral_radius_of_known_pairs():
    golden = np.array([[[1.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]])
    log, word = best_product(golden)
    assert math.exp(log) == pytest.approx(1.6180340, abs=5e-8)
    assert math.exp(common_norm(golden, word, log, None, 1e-6)) == pytest.approx(1.6180340, abs=5e-6)
    nilpotent = np.array([[[0.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [2.0, 0.0]]])
    log, word = best_product(nilpotent)
    assert math.exp(log) == pytest.approx(2.0, abs=1e-12)
    assert math.exp(common_norm(nilpotent, word, log, None, 1e-6)) == pytest.approx(2.0, abs=1e-5)


def test_switching_between_two_stable_gains():
    found = gs.certify_switching([0.2, 3.6], modes=(1.0, 1.0), compensator=HB)
    assert found.verdict == "unstable"
    assert found.lower == pytest.approx(2.12377, abs=5e-6)
    assert found.upper <= 2.12394
    assert sorted(set(found.witness["gains"])) == [0.2, 3.6]
    assert growth(found.witness["gains"], 1.0, HB) == pytest.approx(found.lower, rel=1e-12)
    plain = gs.certify_switching([0.1, 1.5], modes=(0.5, 1.0))
    assert (plain.verdict, plain.lower, plain.upper) == ("stable", 0.95, 0.95)


def test_switching_over_an_interval():
    calm = gs.certify_switching([0.1, 0.12], modes=(0.5, 1.0), compensator=HB)
    assert calm.verdict == "stable"
    assert calm.lower <= calm.upper < 1
    wild = gs.certify_switching([0.2, 3.6], modes=(0.5, 1.0), compensator=HB)
    assert wild.verdict == "unstable"
    assert gs.certify_switching([0.1, 0.2], modes=(0.5, 1.0), delay=1).verdict == "stable"


def test_switching_bound_holds_for_every_word_and_mode():
    rng = np.random.default_rng(3)
    for _ in range(10):
        low, gains = rng.uniform(0.2, 0.9), rng.uniform(0.05, 0.5, 2)
        found = gs.certify_switching(gains, modes=(low, 1.0), compensator=gs.HeavyBall(0.6))
        for mode in rng.uniform(low, 1.0, 3):
            for word in itertools.product(gains.tolist(), repeat=4):
                assert growth(word, mode, gs.HeavyBall(0.6)) <= found.upper * (1 + 1e-9)


# -- against brute force --------------------------------------------------------------------------------------------


def cases(count, seed=0):
    rng = np.random.default_rng(seed)
    for i in range(count):
        P = int(rng.integers(1, 9))
        kind = (None, gs.HeavyBall, gs.Nesterov, gs.GradientEMA)[i % 4]
        beta = float(rng.uniform(0, 0.97))
        compensator = None if kind is None else kind(beta)
        delay = int(rng.choice([0, 0, 0, 1, 2]))
        leak = float(rng.choice([0.0, 0.0, 0.2]))
        limit = 2.0 if compensator is None else compensator.limit(beta)
        gains = rng.uniform(0, 1, P) * limit * 10 ** rng.uniform(-1.5, 0.5)
        low = float(10 ** rng.uniform(-3, 0)) if i % 5 else 1.0
        yield gains, (low, 1.0), compensator, delay, leak


def check(gains, modes, compensator, delay, leak):
    found = gs.certify(gains, modes=modes, compensator=compensator, delay=delay, leak=leak)
    over = np.geomspace(*modes, 60)
    modal = Modal.of(np.atleast_1d(gains), np.full(len(gains), 0.0 if compensator is None else compensator.beta),
                     compensator, delay, leak)
    brute = np.exp(modal.growth(over))
    if found.verdict == "stable":
        assert brute.max() < 1.0
        assert brute.max() <= found.upper * (1 + 1e-9)
    if found.verdict == "unstable":
        w = found.witness
        assert modes[0] * (1 - 1e-12) <= w["mode"] <= modes[1] * (1 + 1e-12)
        assert growth(w["gains"], w["mode"], compensator, delay=delay, leak=leak) > 1.0
    if found.scale > 0 and math.isfinite(found.scale):
        for part in (1.0, 0.999, 0.9, 0.5, 0.1, 1e-3):
            assert np.exp(modal.times(part * found.scale).growth(over)).max() < 1.0 + 1e-9, part
    return found.verdict, brute.max()


def test_no_false_verdict_in_a_thousand_cases():
    """Neither a false "stable" nor a false "unstable"; and an answer wherever the growth is 1e-4 away from 1."""
    verdicts = [check(*case) for case in cases(1000)]
    counts = {name: sum(v == name for v, _ in verdicts) for name in ("stable", "unstable", "not certified")}
    assert min(counts["stable"], counts["unstable"]) > 100, counts
    missed = [g for v, g in verdicts if v == "not certified" and abs(g - 1) > 1e-4]
    assert len(missed) <= 5, (counts, missed)


def jury(gains, beta):
    """Whether a heavy ball at mode 1 is stable, in rational numbers: abs(det) < 1 and abs(trace) < 1 + det."""
    a, b, c, d, beta = Fraction(1), Fraction(0), Fraction(0), Fraction(1), Fraction(beta)
    for mu in map(Fraction, gains):
        a, b, c, d = (1 - mu) * a - beta * c, (1 - mu) * b - beta * d, mu * a + beta * c, mu * b + beta * d
    trace, det = a + d, a * d - b * c
    return abs(det) < 1 and abs(trace) < 1 + det


def test_products_that_lose_their_digits_are_never_judged_wrongly():
    """Some steps far beyond the limit, in a row: partial products reach 1e40. The judge is exact arithmetic."""
    rng = np.random.default_rng(2)
    for i in range(15):
        P, beta = int(rng.integers(20, 60)), float(rng.uniform(0.3, 0.99))
        gains = np.where(np.arange(P) < 0.2 * P, rng.uniform(2, 20), rng.uniform(0.1, 1.5)) * 10 ** rng.uniform(-1, 0.5)
        gains = rng.permutation(gains) if i % 3 == 0 else gains
        verdict = gs.certify(gains, modes=(1.0, 1.0), compensator=gs.HeavyBall(beta)).verdict
        assert verdict != ("unstable" if jury(gains.tolist(), beta) else "stable")


def test_modal_matrices_are_the_recursion():
    for gains, modes, compensator, delay, leak in cases(40, seed=1):
        found = gs.certify(gains, modes=(modes[1], modes[1]), compensator=compensator, delay=delay, leak=leak)
        assert found.growth == pytest.approx(growth(gains, modes[1], compensator, delay=delay, leak=leak), rel=1e-7, abs=1e-9)


def test_growth_is_what_a_descent_does():
    """The simulated error on a quadratic grows or shrinks by the certified factor."""
    gains = np.array([0.01] * 10 + [0.1] * 6)
    descent = gs.Descent(lambda w: w, np.array([1.0]), gain=np.tile(gains, 60), compensator=HB)
    size = [abs(float(descent.run(480).w[0])) for _ in range(2)]
    assert (size[1] / size[0]) ** (1 / 480) == pytest.approx(1.01535, abs=2e-3)


# -- schedules, scale, refusals -------------------------------------------------------------------------------------


def test_scale_is_tight_where_it_is_exact():
    cycle = gs.Chebyshev(1.0, 10.0, 4)(np.arange(4))
    scale = gs.certify(cycle, modes=(1.0, 10.0)).scale
    assert gs.certify(cycle * scale * 0.999999, modes=(1.0, 10.0)).verdict == "stable"
    assert gs.certify(cycle * scale * 1.0001, modes=(1.0, 10.0)).verdict == "unstable"
    swing = gs.certify([0.01] * 10 + [0.1] * 6, modes=(1.0, 1.0), compensator=HB)
    assert gs.certify(np.array([0.01] * 10 + [0.1] * 6) * swing.scale * 1.001, (1.0, 1.0), HB).verdict == "unstable"


def test_schedules_are_judged_by_their_long_run():
    settling = gs.certify(gs.Exponential(3.0, rate=0.5, every=100, floor=0.1), modes=(0.1, 1.0))
    assert settling.verdict == "stable"
    assert settling.growth == pytest.approx(0.99)
    assert settling.transient > 1e6
    cyclic = gs.Cyclic(0.1, 0.5, half_period=5).warmup(20)
    assert gs.certify(cyclic, modes=(0.1, 1.0), compensator=HB).growth == pytest.approx(
        gs.certify(cyclic(20 + np.arange(10)), modes=(0.1, 1.0), compensator=HB).growth, rel=1e-9)
    moving = gs.certify(0.1, modes=(1.0, 1.0), compensator=gs.HeavyBall(gs.Cyclic(0.5, 0.9, half_period=2)))
    betas = gs.Cyclic(0.5, 0.9, half_period=2)(np.arange(4))
    assert moving.growth == pytest.approx(growth([0.1] * 4, 1.0, HB, betas=betas), rel=1e-9)
    assert gs.certify(gs.Exponential(0.1, rate=2.0), modes=(0.1, 1.0)).verdict == "unstable"
    assert gs.certify(gs.Function(np.cos), modes=(0.1, 1.0)).verdict == "not certified"
    assert gs.certify(gs.Function(lambda k: 0.1 + 0.05 * (k % 2)), modes=(0.1, 1.0), period=2).verdict == "stable"


@pytest.mark.parametrize(("schedule", "diverges"), [
    (gs.InverseTime(0.1, decay=0.1), True), (gs.InversePower(0.1, power=1.0), True), (gs.InversePower(0.1, 2.0), False),
    (0.5 * gs.InverseSqrt(0.1, warmup=10), True), (gs.Exponential(0.1, rate=0.9), False), (gs.Cosine(0.1, 0.0, 50), False),
    (gs.Exponential(0.1, rate=0.9) + gs.InverseTime(0.1, decay=1.0), True),
    (gs.Constant(0.1).then(gs.InversePower(0.1, power=0.6), at=20), True),
    (gs.InverseTime(0.1, decay=0.1) * gs.Cyclic(0.1, 0.2, 5), True), (gs.CosineRestarts(0.1, 0.0, 10, decay=0.5), False),
])
def test_gain_that_tends_to_zero(schedule, diverges):
    found = gs.certify(schedule, modes=(0.1, 1.0), compensator=HB)
    assert (found.verdict, found.growth, found.scale, found.sum_diverges) == ("stable", 1.0, math.inf, diverges)


def test_marginal_loops_are_not_certified():
    assert gs.certify(2.0, modes=(0.5, 1.0)).verdict == "not certified"
    assert gs.certify(3.8, modes=(1.0, 1.0), compensator=HB).verdict == "not certified"
    assert gs.certify_switching([0.1, 2.0], modes=(0.5, 1.0)).verdict == "not certified"


def test_modes_down_to_zero_and_a_gain_of_zero_are_neutral():
    for found in (gs.certify(0.5, modes=(0.0, 1.0)), gs.certify(0.0, modes=(0.1, 1.0)),
                  gs.certify([0.1, 0.2], modes=(0.0, 1.0), compensator=HB)):
        assert (found.verdict, found.growth) == ("stable", 1.0)
    assert gs.certify(0.5, modes=(0.0, 1.0), leak=0.5).growth == pytest.approx(0.75)


def test_course_repeats_gain_and_beta_together():
    found = course(np.array([0.1, 0.2]), gs.Cyclic(0.1, 0.4, half_period=3), None)
    assert len(found.gains) == len(found.betas) == 6


@pytest.mark.parametrize(("kwargs", "error"), [
    ({"gain": -0.1}, ValueError), ({"gain": [0.1, math.nan]}, ValueError), ({"gain": np.ones((2, 3))}, ValueError),
    ({"gain": gs.KwongJohnston()}, TypeError), ({"gain": None}, TypeError), ({"gain": 0.1, "modes": (2.0, 1.0)}, ValueError),
    ({"gain": 0.1, "modes": 1.0}, ValueError), ({"gain": 0.1, "delay": -1}, ValueError), ({"gain": 0.1, "delay": 0.5}, ValueError),
    ({"gain": 0.1, "leak": -1.0}, ValueError), ({"gain": 0.1, "compensator": 0.9}, TypeError),
    ({"gain": [0.1, 0.2], "period": 3}, ValueError), ({"gain": 0.1, "compensator": gs.ScheduleFree()}, gs.NoTheory),
])
def test_refusals(kwargs, error):
    with pytest.raises(error):
        gs.certify(**{"modes": (0.1, 1.0), **kwargs})


def test_certificate_is_data():
    found = gs.certify(gs.Function(np.sin), modes=(0.1, 1.0))
    assert found.to_dict()["growth"] is None
    assert "no limit" in str(found)
    for gain in (0.1, [0.1, 3.0], gs.Exponential(0.1, rate=2.0), gs.InverseTime(0.1, decay=1.0)):
        found = gs.certify(gain, modes=(0.1, 1.0), compensator=HB)
        assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["verdict"] == found.verdict


def test_thousand_steps_with_momentum_over_three_decades_of_modes():
    gains = np.random.default_rng(0).uniform(0.1, 1.0, 1000)
    assert gs.certify(gains, modes=(1e-3, 1.0), compensator=HB).verdict == "stable"
