"""MATLAB's names: its documented example, its formulas, and prediction against simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import toeplitz
from scipy.signal import firwin, lfilter

import gainsched as gs

TAPS = 32


def colored(rng, shape=(2000, 50)):
    """AR(1) of unit power driven by +-1: the input of MATLAB's examples."""
    return lfilter([math.sqrt(0.75)], [1, -0.5], np.sign(rng.standard_normal(shape)), axis=0)


@pytest.fixture
def example(rng):
    """MATLAB's msepred example: x, d of a 32-tap low-pass."""
    x = colored(rng, (2000, 25))
    return x, lfilter(firwin(TAPS, 0.5), 1, x, axis=0) + 0.1 * rng.standard_normal(x.shape)


# -- maxstep ------------------------------------------------------------------------------------------------------

def test_the_documented_example(rng):
    mumax, mumaxmse = gs.matlab.maxstep(gs.LMS(TAPS), colored(rng))
    assert mumax == pytest.approx(0.0625, rel=5e-3)                     # of the mean of 1e5 correlated squares
    assert mumaxmse == pytest.approx(0.0536, abs=1e-3)


def test_against_the_formula_in_closed_form(rng):
    """Kurt of a filtered binary sequence: -2 sum h^4/(sum h^2)^2 for the whole impulse response h."""
    modes, vectors = np.linalg.eigh(toeplitz(0.5 ** np.arange(TAPS)))
    h = [np.convolve(v, math.sqrt(0.75) * 0.5 ** np.arange(80)) for v in vectors.T]
    kurtosis = np.mean([-2 * np.sum(r**4) / np.sum(r**2) ** 2 for r in h])
    exact = 2 / (modes.sum() + modes[-1] * (kurtosis + 2))
    assert (modes[-1], kurtosis, exact) == (pytest.approx(2.952, abs=5e-4), pytest.approx(-0.0908, abs=5e-5), pytest.approx(0.05314, abs=5e-6))
    assert gs.matlab.maxstep(gs.LMS(TAPS), colored(rng, (200_000, 4))).mumaxmse == pytest.approx(exact, rel=5e-3)


def test_where_matlabs_last_digits_come_from(rng):
    """Kurtosis over the 50 realizations, sample by sample, gives the -0.2 that its 0.0536 takes."""
    x = colored(rng)
    modes, vectors = np.linalg.eigh(toeplitz(0.5 ** np.arange(TAPS)))
    through = [lfilter(v, 1, x, axis=0)[TAPS:] for v in vectors.T]
    kurtosis = np.mean([np.mean(np.mean(u**4, axis=1) / np.mean(u**2, axis=1) ** 2) - 3 for u in through])
    assert kurtosis == pytest.approx(-0.2, abs=0.03)
    assert 2 / (modes.sum() + modes[-1] * (kurtosis + 2)) == pytest.approx(0.0536, abs=1e-4)


def test_realizations_do_not_change_the_bound(rng):
    x = colored(rng, 100_000)
    one, many = (gs.matlab.maxstep(gs.LMS(8), s) for s in (x, x.reshape(50, 2000).T))
    assert many == pytest.approx(one, rel=5e-3)                         # 50 starts of the filters, of 2000 samples each


def test_white_gaussian_is_exact_and_complex_has_one_fourth_moment_less(rng):
    x = rng.standard_normal((100_000, 2))
    assert gs.matlab.maxstep(gs.LMS(8), x) == (pytest.approx(2 / 8, rel=0.01), pytest.approx(2 / 10, rel=0.02))
    z = (x + 1j * rng.standard_normal(x.shape)) / math.sqrt(2)
    assert gs.matlab.maxstep(gs.LMS(8), z) == (pytest.approx(2 / 8, rel=0.01), pytest.approx(2 / 9, rel=0.02))


def test_complex_eigenvectors_fit_their_signal(rng):
    """A rotated spectrum has the same eigenvalues: neither bound may move."""
    x = lfilter([0.6], [1, -0.8], (rng.standard_normal((20_000, 2)) @ [1, 1j]) / math.sqrt(2))
    turned = x * np.exp(0.9j * np.arange(len(x)))
    assert gs.matlab.maxstep(gs.LMS(6), turned) == pytest.approx(gs.matlab.maxstep(gs.LMS(6), x), rel=1e-9)


def test_never_above_the_exact_bound_of_gaussian_input():
    for pole in (0.0, 0.5, 0.9, 0.99):
        R = toeplitz(pole ** np.arange(8))
        exact = gs.analyze(gs.Loop(gs.LMS(8), gain=0.01), gs.Excitation(R)).range[1]
        formula = 2 / (np.trace(R) + 2 * np.linalg.eigvalsh(R)[-1])
        assert formula <= exact * (1 + 1e-12)


def test_other_filters():
    x = np.ones(10)
    assert gs.matlab.maxstep(gs.NLMS(4), x) == (2, 2)
    for filter in (gs.SignErrorLMS(4), gs.SignDataLMS(4), gs.SignSignLMS(4)):
        assert gs.matlab.maxstep(filter, x) == (math.inf, math.inf)
    with pytest.raises(gs.NoTheory, match="RLS"):
        gs.matlab.maxstep(gs.RLS(4), x)


def test_scalars_and_silence():
    assert gs.matlab.maxstep(gs.LMS(4), 2.0).mumax == pytest.approx(2 / 16)
    assert gs.matlab.maxstep(gs.LMS(4), np.zeros(10)) == (math.inf, math.inf)
    assert all(math.isfinite(v) for v in gs.matlab.maxstep(gs.LMS(4), np.exp(0.3j * np.arange(50))))    # one mode only


# -- msepred and msesim -------------------------------------------------------------------------------------------

def test_prediction_against_simulation(example):
    """MATLAB's example: 32 taps, step size .008, decimation 5, 25 realizations."""
    loop = gs.Loop(gs.LMS(TAPS), gain=0.008)
    pred, sim = gs.matlab.msepred(loop, *example, 5), gs.matlab.msesim(loop, *example, 5)
    assert pred._fields == ("mmse", "emse", "meanw", "mse", "tracek")
    assert sim._fields == ("mse", "meanw", "w", "tracek")
    assert pred.mse.shape == pred.tracek.shape == sim.mse.shape == sim.tracek.shape == (400,)
    assert pred.meanw.shape == sim.meanw.shape == (400, TAPS)
    assert sim.w.shape == (TAPS,)
    assert pred.mmse == pytest.approx(0.01, rel=0.02)
    tail = slice(200, None)                                             # 200 rows, 25 realizations: 1.4 % of a mean square
    assert sim.mse[tail].mean() == pytest.approx(pred.mse[tail].mean(), rel=0.05)
    assert sim.tracek[tail].mean() == pytest.approx(pred.tracek[tail].mean(), rel=0.15)
    np.testing.assert_allclose(sim.meanw[tail].mean(axis=0), pred.meanw[-1], atol=4e-3)
    np.testing.assert_allclose(sim.w, pred.meanw[-1], atol=0.02)


def test_rows_belong_together(example):
    """mse = mmse + tr(R K): for white input K is tracek, row by row; at the first sample nothing is learned yet."""
    x = np.sign(example[0])
    loop = gs.Loop(gs.LMS(4), gain=0.02, w0=[0.0, 1.0, 0.0, 0.0])
    pred = gs.matlab.msepred(loop, x, example[1])
    np.testing.assert_allclose(pred.meanw[0], [0, 1, 0, 0], atol=1e-12)
    white = gs.analyze(loop, gs.Excitation(1.0, noise=pred.mmse, kurtosis=-2.0))
    goal = gs.Excitation.from_data(x[:, 0], example[1][:, 0], model=gs.FIR(4)).w_opt
    assert pred.mse[0] == pytest.approx(white.learning_curve(1, w_opt=goal)[0], rel=0.1)
    assert pred.emse == pytest.approx(pred.mse[-1] - pred.mmse, rel=1e-6)
    decimated = gs.matlab.msepred(loop, x, example[1], m=7)
    for full, part in zip(pred[2:], decimated[2:], strict=True):
        np.testing.assert_array_equal(part, full[6::7])


def test_decimation_of_the_simulation_picks_rows(example):
    loop = gs.Loop(gs.NLMS(4), gain=gs.Exponential(0.5, rate=0.5, every=500))
    loop.run(example[0][:333, 0], example[1][:333, 0])                  # any clock
    full, part = (gs.matlab.msesim(loop, *example, m) for m in (1, 6))
    np.testing.assert_array_equal(part.mse, full.mse[5::6])
    np.testing.assert_array_equal(part.meanw, full.meanw[5::6])
    np.testing.assert_array_equal(part.tracek, full.tracek[5::6])
    np.testing.assert_array_equal(part.w, full.w)
    assert loop.n == 333


def test_the_simulation_is_that_of_run_many(example):
    x, d = example[0][:, :3], example[1][:, :3]
    loop = gs.Loop(gs.NLMS(8), gain=0.5)
    sim, runs = gs.matlab.msesim(loop, x, d), loop.run_many(x.T, d.T)
    np.testing.assert_allclose(sim.mse, np.mean([run.e**2 for run in runs], axis=0), rtol=1e-13)
    np.testing.assert_allclose(sim.w, np.mean([run.w for run in runs], axis=0), rtol=1e-13)


@pytest.mark.parametrize(("filter", "gain"), [
    (gs.LMS(4), gs.Exponential(0.05, rate=0.5, every=200)), (gs.NLMS(4), 0.3), (gs.DelayedLMS(4, delay=5), 0.03),
    (gs.BlockLMS(4, block=10), 0.2), (gs.LMS(4), np.linspace(0.05, 0.0, 1000))])
def test_mean_weights_follow_any_schedule_and_delay(rng, filter, gain):
    x = rng.standard_normal((1000, 200))
    d = lfilter([1.0, -0.5, 0.25], 1, x, axis=0) + 0.1 * rng.standard_normal(x.shape)
    loop = gs.Loop(filter, gain=gain)
    pred, sim = gs.matlab.msepred(loop, x, d, 20), gs.matlab.msesim(loop, x, d, 20)
    sigma = np.sqrt(pred.tracek / 200)                                  # of the mean of 200 weight vectors
    assert np.all(np.linalg.norm(sim.meanw - pred.meanw, axis=1) < 4 * sigma + 0.01)
    np.testing.assert_allclose(sim.tracek[-10:].mean(), pred.tracek[-10:].mean(), rtol=0.1)
    np.testing.assert_allclose(10 * np.log10(sim.mse[1:] / pred.mse[1:]), 0, atol=4.34 * 4 * math.sqrt(2 / 200))


def test_complex_signals(rng):
    z = rng.standard_normal((2, 1000, 40)) + 1j * rng.standard_normal((2, 1000, 40))
    x, v = z / math.sqrt(2)
    d = lfilter([1.0, 0.5j], 1, x, axis=0) + 0.1 * v
    loop = gs.Loop(gs.LMS(2), gain=0.05)
    pred, sim = gs.matlab.msepred(loop, x, d), gs.matlab.msesim(loop, x, d)
    np.testing.assert_allclose(pred.meanw[-1], [1.0, 0.5j], atol=0.01)
    np.testing.assert_allclose(sim.w, [1.0, 0.5j], atol=0.02)
    assert pred.mmse == pytest.approx(0.01, rel=0.02)
    assert sim.mse[500:].mean() == pytest.approx(pred.mse[500:].mean(), rel=0.03)
    assert sim.tracek[500:].mean() == pytest.approx(pred.tracek[-1], rel=0.06)


def test_divergence_is_data_where_the_loop_says_so(rng):
    x = rng.standard_normal((500, 2))
    sim = gs.matlab.msesim(gs.Loop(gs.LMS(4), gain=3.0, on_divergence="stop"), x, x)
    assert sim.mse[-1] == sim.tracek[-1] == math.inf
    assert np.isfinite(sim.mse[0])
    assert np.isnan(sim.w).all()
    with pytest.raises(gs.DivergedError):
        gs.matlab.msesim(gs.Loop(gs.LMS(4), gain=3.0), x, x)
    assert gs.matlab.msepred(gs.Loop(gs.LMS(4), gain=0.5), x, x).emse == math.inf


def test_refusals(rng):
    x = rng.standard_normal((200, 2))
    loop = gs.Loop(gs.LMS(4), gain=0.01)
    for call, error, message in (
            (lambda: gs.matlab.maxstep(3, x), TypeError, "filter must be a filter"),
            (lambda: gs.matlab.maxstep(gs.LMS(4), "x"), TypeError, "must be numeric"),
            (lambda: gs.matlab.maxstep(gs.LMS(4), x[None]), ValueError, r"must have shape \(N,\) or \(N, M\)"),
            (lambda: gs.matlab.maxstep(gs.LMS(4), [1.0, math.nan]), ValueError, "must be finite"),
            (lambda: gs.matlab.maxstep(gs.LMS(gs.FIR(4, 2)), x), ValueError, "one channel"),
            (lambda: gs.matlab.msepred(gs.LMS(4), x, x), TypeError, "loop must be a Loop"),
            (lambda: gs.matlab.msepred(loop, x, x, 0), ValueError, "m must be an integer >= 1"),
            (lambda: gs.matlab.msepred(loop, x, x[:, :1]), ValueError, "must have the shape of x"),
            (lambda: gs.matlab.msepred(gs.Loop(gs.RLS(4)), x, x), gs.NoTheory, "RLS"),
            (lambda: gs.matlab.msepred(gs.Loop(gs.SignErrorLMS(4), gain=0.01), x, x), gs.NoTheory, "SignErrorLMS"),
            (lambda: gs.matlab.msepred(gs.Loop(gs.LMS(4), gain=gs.KwongJohnston()), x, x), gs.NoTheory, "KwongJohnston"),
            (lambda: gs.matlab.msepred(gs.Loop(gs.LMS(4), gain=0.1, compensator=gs.HeavyBall(0.9)), x, x), gs.NoTheory, "HeavyBall"),
            (lambda: gs.matlab.msesim(gs.Loop(gs.FxLMS(4, secondary=[0.0, 1.0]), gain=0.1), x, x), ValueError, "plant")):
        with pytest.raises(error, match=message):
            call()
