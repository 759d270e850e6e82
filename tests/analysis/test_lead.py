"""What shrinks over a period, or over an array, may have diverged before: followed exactly up to there."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gainsched as gs
from tests.analysis.exact import Exact

EXC = gs.Excitation(1.0, noise=0.1)
RUN_UP = gs.Constant(2.0).then(gs.Cyclic(0.1, 0.3, 5), at=60)              # far outside for 60 samples, then within


@pytest.mark.parametrize(("filter", "compensator", "exact"), [
    (gs.LMS(2), None, {}), (gs.LMS(2), gs.HeavyBall(0.3), {"momentum": "HeavyBall"}), (gs.DelayedLMS(2, delay=1), None, {"delay": 1})],
    ids=["LMS", "HeavyBall", "delay"])
def test_a_run_up_that_diverges_is_no_stable_period(filter, compensator, exact):
    """The largest error of the exact recursion is the figure of the sentence."""
    rep = gs.analyze(gs.Loop(filter, gain=RUN_UP, compensator=compensator), EXC)
    moments = Exact(np.eye(2), **exact)
    late = exact.get("delay", 0)
    gains = np.where(np.arange(80) < late, 0.0, RUN_UP(np.arange(80)))
    largest = moments.largest(gains, 0.3 if compensator else 0.0)
    assert rep.verdict == "unstable" and "diverges before it shrinks" in rep.sentence
    assert math.log(float(rep.sentence.split("grows ")[1].split(" times")[0])) == pytest.approx(largest, abs=0.02)
    assert rep.growth > 1


def test_from_behind_the_run_up_on_the_same_schedule_is_stable():
    loop = gs.Loop(gs.LMS(2), gain=RUN_UP, on_divergence="stop")
    loop.run(np.zeros(60), np.zeros(60))                                    # nothing comes in: nothing grows
    assert gs.analyze(loop, EXC).verdict == "stable"


def test_a_period_or_an_array_may_diverge_within():
    period = gs.PiecewiseConstant([20, 1000], [2.0, 0.2, 0.2]).repeat(1000)   # shrinks over a period, by far
    array = np.concatenate([np.full(50, 2.0), np.full(2000, 0.2)])
    for gain in (period, array):
        rep = gs.analyze(gs.Loop(gs.LMS(2), gain=gain), EXC)
        assert rep.verdict == "unstable" and "diverges before it shrinks" in rep.sentence


def test_a_short_excursion_stays_stable():
    rep = gs.analyze(gs.Loop(gs.LMS(gs.FIR(1, channels=2)), gain=gs.PiecewiseConstant([3, 1000], [1.0, 0.2, 0.2]).repeat(1000)), EXC)
    assert rep.verdict == "stable"
