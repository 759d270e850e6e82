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
        gs.LMS(37), gs.NLMS(1), gs.RLS(9), gs.APA(5, order=1), gs.DelayedLMS(3, delay=0)]
SCHEDULES = [gs.Constant(0.3), gs.InverseTime(0.5, 0.01), gs.InverseTime(0.5, 0.01, 10, True), gs.Step(0.5, 0.9, 100),
             gs.Exponential(0.5, 0.5, 2000, 0.05), gs.Exponential(0.5, 0.9, 100, 0.0, True), gs.Cosine(0.5, 0.1, 3000),
             gs.Cosine(0.5, 0.1, 3000).warmup(100), gs.Constant(0.3).warmup(50, start=0.1)]
LAWS = [registry.find("law", name)() for name in registry.names("law")]
LAWS += [gs.KwongJohnston(low=1e-4, high=0.05, rate_limit=1e-3), gs.RMSProp(rate=1e-3, high=0.1)]
LAWS += [*(gs.Hypergradient(form=form) for form in ("additive", "cosine")), gs.BarzilaiBorwein(30, form="short", high=0.1),
         gs.Relay("power", rate_limit=1e-3), gs.NPVSS(noise=1e-4, high=0.5), gs.MathewsXie(1e-4, high=0.05, rate_limit=1e-3)]


@pytest.mark.parametrize("check", checks.FILTER_CHECKS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("filter", FILTERS + ON_ARX + WIDE, ids=repr)
def test_filter(filter, check):
    reason = filter.exemptions.get(check.__name__)
    if reason is None:
        check(filter)
    else:
        assert len(reason) > 20          # an exemption explains itself


@pytest.mark.parametrize("check", checks.GAIN_CHECKS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("gain", SCHEDULES + LAWS, ids=repr)
def test_gain(gain, check):
    check(gain)


def test_every_registered_schedule_is_in_the_grid():
    assert {type(s).__name__ for s in SCHEDULES} >= set(registry.names("schedule"))
