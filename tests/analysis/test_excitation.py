"""Excitation: a validated value, and an honest estimate from records."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import toeplitz
from scipy.signal import lfilter

import gainsched as gs
from gainsched import Excitation
from gainsched.excitation import linear_moments, normalized_moments

AR7 = toeplitz(0.7 ** np.arange(8))


def walk(rng, T, taps, step=0.0, a=0.0, noise=0.01):
    """A record of a system whose weights walk randomly: (x, d)."""
    x = lfilter([np.sqrt(1 - a * a)], [1, -a], rng.standard_normal(T))
    w = 1 + np.cumsum(np.sqrt(step) * rng.standard_normal((T, taps)), axis=0)
    return x, (gs.FIR(taps).regressors(x) * w).sum(axis=1) + np.sqrt(noise) * rng.standard_normal(T)


# -- a value ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("exc", [
    Excitation(1.0), Excitation([[1, 0.7], [0.7, 1]], noise=0.01, drift=1e-4, kurtosis=-1.2),
    Excitation(np.diag([1.0, 2.0]), drift=np.diag([0.0, 1e-3]), w_opt=[1, 2], peak=3.0, burst=9.5),
    Excitation([[1, 0.5j], [-0.5j, 1]], noise=0)], ids=["white", "real", "full", "complex"])
def test_is_a_value(exc):
    assert eval(repr(exc)) == exc
    assert pickle.loads(pickle.dumps(exc)) == exc
    assert hash(pickle.loads(pickle.dumps(exc))) == hash(exc)
    assert exc != Excitation(3.0)
    with pytest.raises(AttributeError, match="frozen"):
        exc.noise = 2.0


def test_arrays_inside_are_read_only_copies():
    R = np.eye(2)
    exc = Excitation(R)
    R[0, 0] = 7
    assert exc.R[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        exc.R[0, 0] = 7


def test_modes_sizes_amplitude():
    exc = Excitation(4.0, drift=1e-3)
    assert (exc.n, exc.amplitude, exc.sized(3).n) == (None, 2.0, 3)
    assert_allclose(exc.sized(3).drift, 1e-3 * np.eye(3))
    assert_allclose(Excitation(AR7).modes, np.linalg.eigvalsh(AR7))
    assert np.sum(Excitation(np.ones((4, 4))).modes > 0) == 1              # rounding is not a mode
    assert Excitation(np.eye(2), peak=3.0).amplitude == 3.0


@pytest.mark.parametrize(("arguments", "message"), [
    ({"R": [[1, 2], [2, 1]]}, "positive semidefinite, got -1"), ({"R": [[1, 0.2], [0.1, 1]]}, "symmetric"),
    ({"R": np.nan}, "finite"), ({"R": np.ones((2, 3))}, "square"), ({"R": -1.0}, ">= 0"),
    ({"R": 1.0, "noise": -1}, "noise must be finite"), ({"R": 1.0, "kurtosis": -2.1}, ">= -2"),
    ({"R": np.eye(2), "drift": np.eye(3)}, "must agree"), ({"R": 1.0, "drift": -1e-3}, "drift")])
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        Excitation(**arguments)


def test_refuses_another_size():
    with pytest.raises(ValueError, match="must be 3"):
        Excitation(np.eye(2)).sized(3)


# -- from data ----------------------------------------------------------------------------------------------------

def test_estimates_a_colored_record(rng):
    x, d = walk(rng, 40_000, 8, a=0.7, noise=0.01)
    exc = Excitation.from_data(x, d, model=gs.FIR(8))
    assert_allclose(exc.R, AR7, atol=0.06)
    assert_allclose(exc.w_opt, 1.0, atol=0.01)
    assert exc.noise == pytest.approx(0.01, rel=0.04)
    assert exc.kurtosis == pytest.approx(0, abs=0.15)
    assert exc.drift is None
    assert exc.amplitude == np.abs(x).max()


@pytest.mark.parametrize(("step", "a", "taps"), [(1e-6, 0.0, 8), (1e-6, 0.7, 8), (1e-4, 0.5, 2), (1e-4, 0.0, 8)])
def test_finds_the_drift_and_the_noise_beneath_it(rng, step, a, taps):
    exc = Excitation.from_data(*walk(rng, 20_000, taps, step, a), model=taps)
    assert exc.drift is not None
    assert 0.6 < np.trace(exc.drift) / (taps * step) < 1.6
    assert exc.noise == pytest.approx(0.01, rel=0.2)


def test_drift_predicts_what_each_gain_does_on_the_record(rng):
    x, d = walk(rng, 20_000, 4, 1e-3, a=0.5)
    for gain in (0.1, 0.5, 1.2):
        run = gs.NLMS(4).run(x, d, gain=gain)
        rep = gs.analyze(gs.Loop(gs.NLMS(4), gain=gain), x=x, d=d)
        assert np.mean(run.e[500:] ** 2) == pytest.approx(rep.emse + rep.noise, rel=0.2)


def test_drift_follows_the_units_of_each_input(rng):
    x = rng.standard_normal((20_000, 2))
    w = 1 + np.cumsum(1e-2 * rng.standard_normal((20_000, 2)), axis=0)
    d = np.sum(w * x, axis=1) + 0.1 * rng.standard_normal(20_000)
    drift = Excitation.from_data(x * [10, 1], d, model=gs.FIR(1, channels=2)).drift
    assert drift[1, 1] / drift[0, 0] == pytest.approx(100, rel=0.05)


def test_finds_no_drift_where_there_is_none(rng):
    found = [Excitation.from_data(*walk(rng, 4000, 4, a=0.7), model=4).drift for _ in range(20)]
    assert sum(drift is not None for drift in found) <= 1


def test_degrees_of_freedom_are_counted(rng):
    noise = [Excitation.from_data(rng.standard_normal(60), rng.standard_normal(60), model=16).noise for _ in range(80)]
    assert np.mean(noise) == pytest.approx(1.0, abs=0.1)


def test_missing_rows_are_left_out(rng):
    x, d = walk(rng, 4000, 4)
    x[100] = np.nan
    d[300:350] = np.nan
    keep = np.isfinite(gs.FIR(4).regressors(x)).all(axis=1) & np.isfinite(d)
    keep[:3] = False                                                       # their regressors reach before the record
    u = gs.FIR(4).regressors(x)[keep]
    exc = Excitation.from_data(x, d, model=4)
    assert_allclose(exc.R, u.T @ u / len(u), rtol=1e-12)
    assert_allclose(exc.w_opt, np.linalg.lstsq(u, d[keep], rcond=None)[0], rtol=1e-8)


def test_several_channels_and_past_outputs(rng):
    x = rng.standard_normal((5000, 2))
    d = x @ [1.0, -2.0] + 0.1 * rng.standard_normal(5000)
    assert_allclose(Excitation.from_data(x, d, model=gs.FIR(1, channels=2)).w_opt, [1, -2], atol=0.01)
    u = rng.standard_normal(20_000)
    y = lfilter([0, 0.5], [1, -0.9], u) + lfilter([0.1], [1, -0.9], rng.standard_normal(20_000))
    exc = Excitation.from_data(u, y, model=gs.ARX(na=1, nb=1))
    assert_allclose(exc.w_opt, [-0.9, 0.5], atol=0.01)
    assert exc.noise == pytest.approx(0.01, rel=0.05)
    assert exc.R[0, 0] == pytest.approx(np.var(y), rel=0.02)


def test_complex_records_are_circular(rng):
    z = rng.standard_normal((2, 20_000)) + 1j * rng.standard_normal((2, 20_000))
    x, v = z / np.sqrt(2)
    w = np.array([1 + 1j, 0.5j])
    exc = Excitation.from_data(x, gs.FIR(2).regressors(x) @ w + 0.1 * v, model=2)
    assert exc.circular
    assert_allclose(exc.w_opt, w, atol=0.01)
    assert exc.noise == pytest.approx(0.01, rel=0.05)
    assert exc.kurtosis == pytest.approx(0, abs=0.1)


def test_binary_input_has_kurtosis_minus_two(rng):
    x = np.sign(rng.standard_normal(5000))
    assert Excitation.from_data(x, x, model=1).kurtosis == pytest.approx(-2)


def test_refuses_records_that_are_too_short_or_do_not_fit(rng):
    with pytest.raises(ValueError, match="must be >= 10 for 4 weights"):
        Excitation.from_data(np.ones(9), np.ones(9), model=4)
    with pytest.raises(ValueError, match="must be >= 4 for 1 weights"):
        Excitation.from_data([], [], model=1)
    with pytest.raises(ValueError, match="from_data: d"):
        Excitation.from_data(np.ones(9), np.ones(8), model=1)
    with pytest.raises(TypeError, match="from_data: model"):
        Excitation.from_data(np.ones(9), np.ones(9), model="fir")


# -- moments ------------------------------------------------------------------------------------------------------

def test_linear_moments():
    lam = np.array([1.0, 2.0, 5.0])
    m = linear_moments(lam, kurtosis=-0.5)
    assert_allclose(m.B, np.diag(1.5 * lam**2) + np.outer(lam, lam))
    assert_allclose(linear_moments(lam, circular=True).B, np.diag(lam**2) + np.outer(lam, lam))
    assert_allclose(m.a, lam)
    assert_allclose(m.G, lam)


@pytest.mark.parametrize("n", [1, 2, 8, 64, 512])
@pytest.mark.parametrize("circular", [False, True])
@pytest.mark.parametrize("spread", [1.0, 1e3, 1e8])
def test_without_regularization_the_coupling_conserves(n, circular, spread):
    m = normalized_moments(np.geomspace(1, spread, n), 0.0, circular)
    assert m.a.sum() == pytest.approx(1, rel=1e-12)
    assert_allclose(m.B.sum(axis=0), m.a, rtol=1e-11)                      # 1'B = a'
    assert_allclose(m.B, m.B.T, rtol=1e-12)


def test_white_closed_forms():
    for n in (3, 8, 100):
        m = normalized_moments(np.full(n, 2.0), 0.0)
        assert_allclose(m.a, 1 / n, rtol=1e-12)
        assert_allclose(m.G, 1 / (2.0 * n * (n - 2)), rtol=1e-11)          # E[1/|u|^2] / N
        assert m.B[0, 0] == pytest.approx(3 / (n * (n + 2)), rel=1e-12)
        assert m.B[0, 1] == pytest.approx(1 / (n * (n + 2)), rel=1e-12)
    assert np.isinf(normalized_moments([1.0, 1.0], 0.0).G).all()
    assert np.isinf(normalized_moments([1.0], 0.0, circular=True).G).all()


def test_modes_without_power_stay_silent():
    m = normalized_moments([0.0, 1.0, 1.0, 1.0], 1e-6)
    assert (m.a[0], m.G[0], m.B[0].sum()) == (0, 0, 0)
    assert_allclose(m.a[1:], normalized_moments([1.0] * 3, 1e-6).a)


@pytest.mark.parametrize(("n", "eps", "circular"), [(2, 0.05, False), (4, 0.0, False), (4, 0.5, True), (8, 1e-6, True)])
def test_moments_against_monte_carlo(rng, n, eps, circular):
    lam = np.geomspace(0.05, 1, n)
    power = lam * rng.standard_normal((400_000, n)) ** 2
    if circular:
        power = (power + lam * rng.standard_normal((400_000, n)) ** 2) / 2
    total = eps + power.sum(axis=1)
    m = normalized_moments(lam, eps, circular)
    for value, sample in ((m.a[0], power[:, 0] / total), (m.a[-1], power[:, -1] / total),
                          (m.G[-1], power[:, -1] / total**2), (m.B[0, -1], power[:, 0] * power[:, -1] / total**2),
                          (m.B[-1, -1], power[:, -1] ** 2 / total**2)):
        assert abs(sample.mean() - value) < 5 * sample.std() / np.sqrt(len(sample))


def test_integrals_against_quadrature():
    from scipy.integrate import quad

    lam, eps = np.array([0.01, 1.0, 30.0]), 0.2
    m = normalized_moments(lam, eps)

    def density(s, weight):
        t = np.exp(s)
        return t * weight(t) * np.exp(-t * eps) * np.prod(1 + 2 * t * lam) ** -0.5

    for i in range(3):
        a = quad(density, -60, 8, (lambda t, i=i: lam[i] / (1 + 2 * t * lam[i]),), epsabs=1e-16, epsrel=1e-13, limit=400)[0]
        G = quad(density, -60, 8, (lambda t, i=i: t * lam[i] / (1 + 2 * t * lam[i]),), epsabs=1e-16, epsrel=1e-13, limit=400)[0]
        assert m.a[i] == pytest.approx(a, rel=1e-10)
        assert m.G[i] == pytest.approx(G, rel=1e-10)


@pytest.mark.parametrize("scale", [1e59, 1e-59])
def test_from_data_takes_any_unit(rng, scale):
    x = rng.standard_normal(2000)
    d = x + 0.1 * rng.standard_normal(2000)
    exc = gs.Excitation.from_data(x * scale, d, model=2)
    assert exc.noise == pytest.approx(gs.Excitation.from_data(x, d, model=2).noise)
    assert exc.kurtosis == pytest.approx(gs.Excitation.from_data(x, d, model=2).kurtosis, rel=1e-6)


@pytest.mark.parametrize("scale", [1e120, 1e-120, 1e160, 1e-160])
def test_from_data_refuses_what_its_powers_cannot_hold(rng, scale):
    x, d = rng.standard_normal((2, 500))
    with np.errstate(all="raise"):
        with pytest.raises(ValueError, match=r"largest abs\(x\) must be 0 or in \[1e-60, 1e\+60\].*Scale x"):
            gs.Excitation.from_data(x * scale, d, model=2)
        with pytest.raises(ValueError, match=r"largest abs\(d\)"):
            gs.Excitation.from_data(x, d * scale, model=gs.ARX(1, 1))


def test_from_data_names_the_model_that_cannot_be_complex(rng):
    x, d = rng.standard_normal((2, 500))
    for pair in ((x * 1j, d), (x, d * 1j)):
        with pytest.raises(ValueError, match=r"from_data: model must be FIR .* complex"):
            gs.Excitation.from_data(*pair, model=gs.ARX(2, 2))


@pytest.mark.parametrize("taps", [1, 4, 32])
def test_noise_below_rounding_is_no_noise(rng, taps):
    x, w = rng.standard_normal(4000), rng.standard_normal(taps)
    d = np.convolve(x, w)[:4000]
    exc = gs.Excitation.from_data(x, d, model=taps)
    assert (exc.noise, exc.drift) == (0.0, None)
    assert gs.analyze(gs.Loop(gs.NLMS(taps), gain=0.5), exc).misadjustment is None
    faint = gs.Excitation.from_data(x, d + 1e-6 * rng.standard_normal(4000), model=taps)
    assert faint.noise == pytest.approx(1e-12, rel=0.1)
