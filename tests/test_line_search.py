"""Line searches in closed form: what each accepts, and what it equals."""

from __future__ import annotations

import numpy as np
import pytest

import gainsched as gs


def signals(T=2000):
    x = np.random.default_rng(0).standard_normal(T)
    return x, np.convolve(x, [0.8, -0.4, 0.2])[:T] + 0.1 * np.random.default_rng(1).standard_normal(T)


def test_exact_search_on_lms_is_nlms_at_gain_one():
    x, d = signals()
    search, nlms = gs.LMS(5).run(x, d, gain=gs.LineSearch()), gs.NLMS(5, eps=0).run(x, d, gain=1.0)
    assert np.allclose(search.w, nlms.w, rtol=1e-10) and np.allclose(search.e, nlms.e, rtol=0, atol=1e-11)


def test_exact_search_on_a_block_is_steepest_descent():
    """Whole blocks of 200 samples, the record repeated: convergence to the least-squares solution of the block."""
    x, d = signals(200)
    U = gs.FIR(3).regressors(x)
    w = np.zeros(3)
    for _ in range(8):
        g = U.T @ (d - U @ w)
        w = w + g * (g @ g) / np.sum((U @ g) ** 2)
    loop = gs.Loop(gs.BlockLMS(gs.FIR(1, channels=3), block=200), gain=gs.LineSearch())
    for _ in range(8):
        loop.run(U, d)
    assert np.allclose(loop.w.ravel(), w, rtol=1e-11)
    assert np.allclose(w, np.linalg.lstsq(U, d, rcond=None)[0], rtol=1e-3)


@pytest.mark.parametrize("start", [1e-6, 0.3, 50.0])
@pytest.mark.parametrize("kind", ["armijo", "wolfe"])
def test_every_accepted_gain_meets_its_condition(kind, start):
    """f(mu) <= f(0) - c1 mu slope iff mu <= 2 (1 - c1) mu*; |f'(mu)| <= c2 slope iff |mu / mu* - 1| <= c2."""
    x, d = signals()
    law = gs.LineSearch(kind, start=start, c1=0.2, c2=0.4, saturate=False)
    run = gs.LMS(5).run(x, d, gain=law, record=gs.Record(gain=1))
    best = 1.0 / np.sum(gs.FIR(5).regressors(x) ** 2, axis=1)
    ratio = run.gain / best
    assert (ratio <= 2 * (1 - 0.2) * (1 + 1e-12)).all()
    if kind == "armijo":
        assert (run.gain <= start).all()
        exponents = np.log(run.gain / start) / np.log(0.5)
        assert np.allclose(exponents, exponents.round(), atol=1e-9)
        longer = run.gain < start                                   # the trial before was refused
        assert (2 * ratio[longer] > 2 * (1 - 0.2)).all()
    else:
        assert (np.abs(ratio - 1) <= 0.4 * (1 + 1e-12)).all()


@pytest.mark.parametrize("kind", ["exact", "armijo", "wolfe"])
def test_silence_leaves_the_gain_where_it_was(kind):
    x, d = signals(500)
    x[200:300], d[200:300] = 0.0, 0.0
    run = gs.LMS(2).run(x, d, gain=gs.LineSearch(kind), record=gs.Record(gain=1))
    assert np.isfinite(run.gain).all()
    assert np.ptp(run.gain[203:300]) == 0.0


def test_a_falling_schedule_tames_the_noise():
    x, d = signals(20_000)
    plain = gs.LMS(3).run(x, d, gain=gs.LineSearch())
    tamed = gs.LMS(3).run(x, d, gain=gs.InverseTime(1.0, 0.01) * gs.LineSearch())
    truth = [0.8, -0.4, 0.2]
    assert np.linalg.norm(tamed.w - truth) < 0.2 * np.linalg.norm(plain.w - truth)


def test_c2_must_exceed_c1():
    with pytest.raises(ValueError, match=r"LineSearch: c2 must be > c1 = 0.3"):
        gs.LineSearch("wolfe", c1=0.3, c2=0.2)
