"""The grid: every check on every registered filter, schedule and law; a new algorithm is tested by existing."""

from __future__ import annotations

import pytest

import gainsched as gs
from gainsched import checks, registry

FILTERS = [registry.find("filter", name).specimen() for name in registry.names("filter")]
ON_ARX = [cls(gs.ARX(na=2, nb=2, nk=1)) for cls in (registry.find("filter", name) for name in registry.names("filter"))
          if cls.takes_feedback]
WIDE = [gs.NLMS(gs.FIR(3, channels=2)), gs.RLS(gs.ARX(1, 2, 2, channels=2)), gs.APA(gs.FIR(3, channels=2), order=3),
        gs.DelayedLMS(gs.FIR(2, channels=2), delay=4), gs.FxLMS(gs.FIR(2, channels=2), secondary=((0.5,), (1.0, -0.2))),
        gs.LMS(37), gs.NLMS(1), gs.RLS(9), gs.APA(5, order=1), gs.DelayedLMS(3, delay=0),
        gs.BlockLMS(3, block=1), gs.BlockLMS(gs.FIR(2, channels=3), block=64)]
SCHEDULES = [
    gs.Constant(0.3), gs.InverseTime(0.5, 0.01), gs.InverseTime(0.5, 0.01, 10, True), gs.TimeBased(0.5, 1e-6),
    gs.InversePower(0.5, 0.6, 10), gs.InverseSqrt(0.5, 400), gs.Step(0.5, 0.9, 100), gs.Exponential(0.5, 0.5, 2000, 0.05),
    gs.Exponential(0.5, 0.9, 100, 0.0, True), gs.PiecewiseConstant([1000, 4096], [0.5, 0.2, 0.1]),
    gs.PiecewiseLinear([0, 4097, 5000], [0.5, 0.2, 0.1]), gs.PiecewiseCosine([10, 4095], [0.1, 0.5]),
    gs.Polynomial(0.5, 0.1, 3000, 2), gs.Cosine(0.5, 0.1, 3000), gs.CosineRestarts(0.5, 0.1, 300, 1.5, 0.9),
    gs.CosineRestarts(0.5, 0.1, 300), gs.Cyclic(0.1, 0.5, 77), gs.Cyclic(0.1, 0.5, 77, "exp_range", 0.999),
    gs.OneCycle(0.5, 4000), gs.WarmupStableDecay(0.5, 100, 3000, 1500, "sqrt"), gs.Tanh(0.5, 0.1, 4000),
    gs.Chebyshev(2.0, 9.0, 11), gs.Silver(30.0), gs.Warmup(700), gs.Function(lambda k: 0.5 if k < 4000 else 0.1)]
COMPOSED = [
    gs.Cosine(0.5, 0.1, 3000).warmup(100), gs.Constant(0.3).warmup(50, start=0.1), 0.5 * gs.Step(0.5, 0.9, 100),
    gs.Step(0.5, 0.9, 100) * gs.Cosine(1, 0.5, 700), gs.Step(0.5, 0.9, 100) + gs.Cosine(0.5, 0.1, 700),
    gs.Constant(0.3).then(gs.Step(0.2, 0.5, 500), at=4096), gs.Step(0.5, 0.9, 100).shift(30), gs.Silver(2.0).clip(0.1, 0.5),
    gs.Cosine(0.5, 0.1, 3000).hold(50), gs.Cosine(0.5, 0.1, 300).repeat(200), gs.Constant(0.3).noisy(0.1, seed=7),
    ((0.5 * gs.Step(0.5, 0.9, 100) + 0.1) * gs.Tanh(1, 0.5, 900)).hold(3).noisy(0.05, 1).warmup(10)]
LAWS = [registry.find("law", name)() for name in registry.names("law")]
LAWS += [gs.KwongJohnston(low=1e-4, high=0.05, rate_limit=1e-3), gs.RMSProp(rate=1e-3, high=0.1)]
LAWS += [*(gs.Hypergradient(form=form) for form in ("additive", "cosine")), gs.BarzilaiBorwein(30, form="short", high=0.1),
         gs.Relay("power", rate_limit=1e-3), gs.NPVSS(noise=1e-4, high=0.5), gs.MathewsXie(1e-4, high=0.05, rate_limit=1e-3)]
LAWS += [gs.IDBD(high=0.05, rate_limit=1e-3), gs.Autostep(tau=100.0, low=1e-4), gs.K1(high=0.1, rate_limit=1e-2), gs.SMD(rate_limit=1e-3),
         gs.Adam(beta1=0.5, high=0.05), gs.NAdam(rate_limit=1e-3), gs.Lion(rate_limit=1e-4)]


@pytest.mark.parametrize("check", checks.FILTER_CHECKS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("filter", FILTERS + ON_ARX + WIDE, ids=repr)
def test_filter(filter, check):
    reason = filter.exemptions.get(check.__name__)
    if reason is None:
        check(filter)
    else:
        assert len(reason) > 20          # an exemption explains itself


@pytest.mark.parametrize("check", checks.GAIN_CHECKS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("gain", SCHEDULES + COMPOSED + LAWS, ids=repr)
def test_gain(gain, check):
    reason = getattr(gain, "exemptions", {}).get(check.__name__)
    if reason is None:
        check(gain)
    else:
        assert len(reason) > 20


def test_every_registered_schedule_is_in_the_grid():
    assert {type(s).__name__ for s in SCHEDULES} >= set(registry.names("schedule"))
    assert {type(s).__name__ for s in COMPOSED} >= set(registry.names("composite")) - {"ScheduledLaw"}   # test_scaled_laws.py


COMPENSATORS = [gs.HeavyBall(0.9), gs.Nesterov(0.8), gs.GradientEMA(0.95), gs.PolyakRuppert(), gs.ScheduleFree(),
                gs.HeavyBall(gs.Cosine(0.9, 0.5, 900)), gs.Nesterov(gs.Cosine(0.5, 0.9, 900)),
                gs.GradientEMA(gs.Exponential(0.9, 0.5, 500)), gs.PolyakRuppert(start=300, memory=100.0),
                gs.ScheduleFree(gs.Constant(0.5).warmup(400))]


@pytest.mark.parametrize("check", checks.COMPENSATOR_CHECKS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("compensator", COMPENSATORS, ids=repr)
def test_compensator(compensator, check):
    check(compensator)


def test_every_registered_compensator_is_in_the_grid():
    assert {type(c).__name__ for c in COMPENSATORS} == set(registry.names("compensator"))
