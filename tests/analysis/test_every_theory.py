"""No filter with any gain makes the analysis fail, or say a number that it cannot print, store or order."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import gainsched as gs

N = 4
FILTERS = [gs.LMS(N), gs.NLMS(N), gs.LeakyLMS(N), gs.LeakyLMS(N, leak=0.0), gs.SignErrorLMS(N), gs.SignDataLMS(N),
           gs.SignSignLMS(N), gs.LMF(N), gs.DelayedLMS(N, delay=2), gs.APA(N), gs.FxLMS(N, secondary=[0.5, 1.0]),
           gs.BlockLMS(N)]
GAINS = [0.0, 1e-6, 0.05, 1.9, gs.InverseTime(0.1, 0.01), gs.InversePower(0.1, 2.0), gs.Cosine(0.1, 0.0, 50),
         gs.Exponential(3.0, 0.5, every=10, floor=0.01), gs.Exponential(1e-3, 1.01), gs.Cyclic(0.01, 0.1, 8),
         gs.Cyclic(0.01, 3.0, 8), gs.Silver(20.0), gs.Function(lambda k: 0.05 + 0.01 * np.sin(k)), np.linspace(0.1, 0.01, 30),
         np.linspace(3.0, 0.0, 30), np.full((N, 1), 0.01), np.full((N, 30), 0.01), gs.KwongJohnston(), gs.MathewsXie(),
         gs.AboulnasrMayyas(high=0.01), gs.Adam(), gs.RMSProp(), gs.KwongJohnston(saturate=False), gs.Hypergradient(),
         gs.Cosine(1.0, 0.1, 50) * gs.KwongJohnston()]
COLORED = 0.8 ** np.abs(np.subtract.outer(np.arange(N), np.arange(N)))
EXCITATIONS = [gs.Excitation(1.0, noise=0.01), gs.Excitation(COLORED, noise=0.01, drift=1e-6),
               gs.Excitation(np.diag([0.0, 1.0, 2.0, 3.0]), noise=0.0, w_opt=np.ones(N)), gs.Excitation(0.0),
               gs.Excitation(1.0, kurtosis=-2.0, w_opt=np.ones(N), burst=30.0)]


def loops(filter):
    for gain in GAINS:
        try:
            yield gs.Loop(filter, gain=gain)
        except (ValueError, TypeError):                         # refused as such: a gain beyond 2, a law on blocks
            continue
    for compensator in (gs.HeavyBall(0.9), gs.PolyakRuppert()):
        yield gs.Loop(filter, gain=0.01, compensator=compensator)


@pytest.mark.parametrize("filter", FILTERS, ids=repr)
def test_analysis_stands(filter):
    for loop in loops(filter):
        for exc in EXCITATIONS:
            rep = gs.analyze(loop, exc)
            assert rep.verdict in ("stable", "unstable", "not certified")
            json.dumps(rep.to_dict(), allow_nan=False)
            assert str(rep)
            for value in (rep.emse, rep.msd):
                assert value is None or value >= 0
            assert rep.verdict != "unstable" or rep.growth > 1                          # a witness
            if rep.emse is not None and math.isfinite(rep.emse) and rep.noise and not isinstance(loop.gain, np.ndarray):
                assert rep.misadjustment == pytest.approx(rep.emse / rep.noise)
            try:
                curve = rep.learning_curve(20, "emse", every=3)
            except (gs.NoTheory, ValueError):
                continue
            assert len(curve) == 7
            assert np.all((curve >= 0) | np.isnan(curve))
