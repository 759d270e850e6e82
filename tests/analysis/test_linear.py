"""Loops as python-control objects."""

from __future__ import annotations

import control as ct
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import toeplitz

import gainsched as gs

R = toeplitz(0.7 ** np.arange(4))


def same(L, num, den):
    w = np.linspace(0.1, 3, 20)
    return np.allclose(L(np.exp(1j * w)), np.polyval(num, np.exp(1j * w)) / np.polyval(den, np.exp(1j * w)))


def test_transfer_of_each_filter():
    assert same(gs.Loop(gs.LMS(4), gain=0.1).transfer(2.0), [0.2], [1, -1])
    assert same(gs.Loop(gs.NLMS(4), gain=0.5).transfer(0.9), [0.45], [1, -1])
    assert same(gs.Loop(gs.DelayedLMS(4, delay=3), gain=0.1).transfer(2.0), [0.2], [1, -1, 0, 0, 0])
    assert same(gs.Loop(gs.RLS(4), forgetting=0.98).transfer(1.0), [0.02], [1, -1])
    L = gs.Loop(gs.LMS(4), gain=0.1).transfer(2.0)
    assert isinstance(L, ct.TransferFunction) and L.dt is True


def test_transfer_of_the_mit_rule():
    plant, reference = ([0.1], [1, -0.9]), ([0.2], [1, -0.9])
    loop = gs.Loop(gs.MITRule(1, plant=plant, reference=reference), gain=0.3)
    assert same(loop.transfer(4.0), 0.3 * 2 * 4 * np.array([0.1]), np.polymul([1, -0.9], [1, -1]))
    loop = gs.Loop(gs.MITRule(1, plant=plant, reference=reference, normalized=True, alpha=1.0), gain=0.3)
    assert same(loop.transfer(4.0), 0.3 * 2 * 4 / (1 + 16) * np.array([0.1]), np.polymul([1, -0.9], [1, -1]))


def test_the_gain_of_the_present_sample_is_used(rng):
    loop = gs.Loop(gs.LMS(1), gain=gs.Step(0.4, 0.5, every=10))
    assert same(loop.transfer(1.0), [0.4], [1, -1])
    loop.run(rng.standard_normal(10), np.zeros(10))
    assert same(loop.transfer(1.0), [0.2], [1, -1])
    law = gs.Loop(gs.LMS(1), gain=gs.KwongJohnston(start=0.03))
    assert same(law.transfer(1.0), [0.03], [1, -1])


def test_no_theory_is_said():
    with pytest.raises(gs.NoTheory, match="SignErrorLMS"):
        gs.Loop(gs.SignErrorLMS(4), gain=0.1).transfer(1.0)
    with pytest.raises(gs.NoTheory, match="per weight"):
        gs.Loop(gs.LMS(2), gain=np.full((2, 1), 0.1)).transfer(1.0)
    with pytest.raises(ValueError, match="eigenvalue >= 0"):
        gs.Loop(gs.LMS(2), gain=0.1).transfer(-1.0)
    with pytest.raises(gs.NoTheory, match="APA"):
        gs.Loop(gs.APA(2)).linear(gs.Excitation(1.0))
    with pytest.raises(gs.NoTheory, match="complex"):
        gs.Loop(gs.LMS(2), gain=0.1).linear(gs.Excitation(np.eye(2) + 0j))


def test_linear_lms():
    sys = gs.Loop(gs.LMS(4), gain=0.2).linear(gs.Excitation(R))
    assert sys.dt is True
    assert sys.state_labels == ["w[0]", "w[1]", "w[2]", "w[3]"]
    assert_allclose(sys.A, np.eye(4) - 0.2 * R, atol=1e-12)
    assert_allclose(np.sort(sys.poles().real), np.sort(1 - 0.2 * np.linalg.eigvalsh(R)))


def test_linear_delayed_has_the_loop_poles():
    exc = gs.Excitation(R)
    loop = gs.Loop(gs.DelayedLMS(4, delay=3), gain=0.1)
    expected = np.concatenate([np.roots([1, -1, 0, 0, 0.1 * lam]) for lam in exc.modes])
    assert_allclose(np.sort(abs(loop.linear(exc).poles())), np.sort(abs(expected)), rtol=1e-8)
    assert loop.linear(exc).state_labels[4] == "w[0](k-1)"


def test_linear_of_the_others():
    exc = gs.Excitation(R)
    nlms = gs.Loop(gs.NLMS(4), gain=0.5).linear(exc)
    assert_allclose(np.trace(np.eye(4) - nlms.A), 0.5, rtol=1e-6)                 # E[u'u/(eps + u'u)] = 1
    assert_allclose(gs.Loop(gs.RLS(4), forgetting=0.9).linear(exc).A, 0.9 * np.eye(4))
    two = gs.Loop(gs.LMS(gs.FIR(2, channels=2)), gain=0.1).linear(gs.Excitation(1.0))
    assert two.state_labels == ["w[0,0]", "w[0,1]", "w[1,0]", "w[1,1]"]


def test_linear_mit_rule_closes_the_transfer():
    loop = gs.Loop(gs.MITRule(1, plant=([0.1], [1, -0.9]), reference=([0.2], [1, -0.9])), gain=0.05)
    sys = loop.linear(gs.Excitation(4.0))
    assert sys.state_labels == ["w[0]", "plant[0]"]
    assert_allclose(np.sort_complex(sys.poles()), np.sort_complex(ct.feedback(loop.transfer(4.0), 1).poles()))


def test_the_mean_follows_the_linear_system(rng):
    exc, gain = gs.Excitation(np.diag([0.5, 1.5])), 0.2
    sys = gs.Loop(gs.LMS(gs.FIR(1, channels=2)), gain=gain).linear(exc)
    error, mean = np.tile([1.0, -2.0], (20_000, 1)), np.array([1.0, -2.0])
    for _ in range(10):
        u = np.sqrt([0.5, 1.5]) * rng.standard_normal(error.shape)
        error = error - gain * u * np.sum(u * error, axis=1)[:, None]
        mean = sys.A @ mean
    assert_allclose(error.mean(axis=0), mean, atol=0.02)


def test_linear_names_what_it_needs():
    with pytest.raises(TypeError, match=r"linear: exc must be an Excitation, got 1\. "):
        gs.Loop(gs.LMS(4), gain=0.1).linear(1.0)
