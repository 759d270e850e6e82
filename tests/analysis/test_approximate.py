"""APA and LMF: small-gain steady states against Monte Carlo, within the validity that they print."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

import gainsched as gs


def report(filter, gain, exc):
    return gs.analyze(gs.Loop(filter, gain=gain), exc)


def ar(samples, pole, rng):
    return lfilter([np.sqrt(1 - pole**2)], [1, -pole], rng.standard_normal(samples))


@pytest.mark.parametrize(("order", "mu", "share"), [(2, 0.1, 1.10), (2, 0.5, 1.21), (4, 0.1, 1.02), (4, 0.5, 1.31)])
def test_apa_small_gain(order, mu, share, rng):
    """Theory over simulation of 16 taps, AR(1) .7, as recorded with the formula; 5 % belong to the record."""
    R = 0.7 ** np.abs(np.subtract.outer(np.arange(16), np.arange(16)))
    rep = report(gs.APA(16, order=order), mu, gs.Excitation(R, noise=1e-2))
    x, v = ar(200_000, 0.7, rng), 0.1 * rng.standard_normal(200_000)
    w = rng.standard_normal(16)
    run = gs.APA(16, order=order).run(x, lfilter(w, 1, x) + v, gain=mu, w0=w)
    assert rep.emse / np.mean((run.e - v)[2000:] ** 2) == pytest.approx(share, rel=0.05)
    assert (rep.verdict, rep.range, rep.msd) == ("stable", (0.0, 2.0), None)
    assert "small gains only" in " ".join(rep.assumptions)


def test_apa_claims_no_more():
    rep = report(gs.APA(16), 1.0, gs.Excitation(1.0))
    assert (rep.verdict, rep.emse) == ("stable", None)
    assert any("beyond the small-gain theory" in line for line in rep.warnings)
    assert report(gs.APA(16), gs.Exponential(3.0, rate=0.5, every=10, floor=0.1), gs.Excitation(1.0)).emse > 0
    assert report(gs.APA(2), 0.1, gs.Excitation(1.0)).emse is None                  # E 1/|u|^2 does not exist
    with pytest.raises(gs.NoTheory, match="APA"):
        rep.learning_curve(10)


def test_apa_of_order_one_is_nlms_for_small_gains():
    exc, mu = gs.Excitation(1.0, noise=0.1), 0.01
    assert report(gs.APA(32, order=1), mu, exc).emse == pytest.approx(report(gs.NLMS(32), mu, exc).emse, rel=1e-3)


@pytest.mark.parametrize("load", [0.004, 0.008, 0.015])
def test_lmf_from_the_optimum(load, rng):
    n, samples = 8, 400_000
    model, mu = gs.FIR(1, channels=n), load / n
    rep = report(gs.LMF(model), mu, gs.Excitation(1.0, noise=1.0))
    assert rep.emse == pytest.approx(5 * mu * n / (2 - 15 * mu * n))                  # Gaussian noise, unit power
    x, v = rng.standard_normal((samples, n)), rng.standard_normal(samples)
    run = gs.LMF(model).run(x, v, gain=mu)
    assert np.mean((run.e - v)[samples // 10:] ** 2) == pytest.approx(rep.emse, rel=0.05)


def test_lmf_is_never_certified():
    for gain in (1e-6, 0.1, gs.InverseTime(0.01, 0.1), np.full(10, 0.01), gs.KwongJohnston(high=1e-3)):
        rep = report(gs.LMF(8), gain, gs.Excitation(1.0))
        assert (rep.verdict, rep.range, rep.growth, rep.bounds) == ("not certified", None, None, {})
    assert "no gain is mean-square stable for unbounded input" in report(gs.LMF(8), 1e-6, gs.Excitation(1.0)).sentence
    assert report(gs.LMF(8), 0.1, gs.Excitation(1.0)).emse is None
    white, mu = np.random.default_rng(0).standard_normal(2000), 0.015 / 8
    assert report(gs.LMF(8), mu, gs.Excitation(1.0)).emse > 0
    far = gs.LMF(8).run(white, np.zeros(2000), gain=mu, w0=np.full(8, 10.0), on_divergence="stop")
    assert far.status == "diverged"                                                    # from elsewhere it is lost
