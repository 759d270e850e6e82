"""Linear matrix inequalities: closer bounds under switching, and the rates of `convergence_rate` by another road."""

from __future__ import annotations

import itertools
import math
import sys
from fractions import Fraction

import numpy as np
import pytest

import gainsched as gs
from gainsched.analysis.ellipsoids import growth_below, least_growth
from gainsched.analysis.modal import Modal

pytest.importorskip("clarabel")
from gainsched.analysis.semidefinite import minimize

switching = gs.certify_switching


@pytest.mark.parametrize(("pair", "expected"), [
    ([[[1, 1], [0, 1]], [[1, 0], [1, 1]]], (1 + 5**0.5) / 2), ([[[0, 2], [0, 0]], [[0, 0], [2, 0]]], 2.0)])
def test_known_joint_spectral_radii(pair, expected):
    A = np.array(pair, float)[:, None]
    for memory in (0, 1, 3):
        assert expected * (1 - 1e-12) <= least_growth(A, memory, 0.9 * expected, 3.0) <= expected * (1 + 3e-6)


def test_memory_comes_closer():
    """A pair whose common ellipsoid is too coarse: Ando and Shih 1998, where its bound is sqrt(2) times the radius."""
    A = np.array([[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, -1.0]]])[:, None]
    bounds = [least_growth(A, memory, 0.9, 2.0) for memory in (0, 1, 3)]
    assert bounds[0] == pytest.approx(2**0.5, abs=1e-4)
    for memory, bound in zip((0, 1, 3), bounds):
        assert 1.0 <= bound <= 2 ** (0.5 / (memory + 1)) + 1e-4      # what Ahmadi and others prove
    assert bounds[1] < 1.01                                     # here one remembered gain is nearly enough


def test_nothing_is_proven_below_the_radius():
    A = np.array([[[1.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]])[:, None]
    for rho in (0.5, 1.2, 1.6, 1.618):
        assert growth_below(A, 1, rho) >= (1 + 5**0.5) / 2


def test_flagship_is_closer_by_matrix_inequalities():
    plain = switching([0.2, 3.6], modes=(1.0, 1.0), compensator=gs.HeavyBall(0.9))
    found = switching([0.2, 3.6], modes=(1.0, 1.0), compensator=gs.HeavyBall(0.9), method="lmi")
    assert (found.verdict, round(found.lower, 5)) == ("unstable", 2.12377)
    assert found.lower <= found.upper < plain.upper < 2.12394
    assert found.upper < 2.12378
    assert "linear matrix inequalities" in found.method
    assert "inequalities" not in plain.method


@pytest.mark.parametrize(("gains", "modes", "compensator", "delay"), [
    ([0.05, 0.3], (0.5, 1.0), None, 2), ([0.1, 0.5], (1.0, 1.0), None, 2),
    ([0.1, 0.25, 0.4], (0.7, 1.0), None, 2), ([0.02, 0.05], (1.0, 1.0), None, 6)])
def test_delays_that_need_a_solver(gains, modes, compensator, delay):
    assert switching(gains, modes, compensator, delay).verdict == "not certified"
    found = switching(gains, modes, compensator, delay, method="lmi")
    assert found.verdict == "stable" and found.lower <= found.upper < 1.0
    assert "linear matrix inequalities" in found.method
    rng = np.random.default_rng(2)
    for _ in range(20):                                           # what it forbids is not seen
        word = rng.choice(gains, 9)
        modal = Modal.of(word, np.zeros(9), compensator, delay)
        assert math.exp(modal.growth(np.linspace(*modes, 7)).max()) <= found.upper


def test_never_worse_than_without():
    for gains, modes, compensator, delay in (([0.1, 0.12], (0.5, 1.0), gs.HeavyBall(0.9), 0), ([0.05, 0.06], (0.5, 1.0), gs.HeavyBall(0.8), 1),
                                             ([0.2, 3.6], (0.5, 1.0), gs.HeavyBall(0.9), 0), ([0.1, 2.0], (0.5, 1.0), None, 0)):
        plain, found = (switching(gains, modes, compensator, delay, method=m) for m in ("auto", "lmi"))
        assert found.upper <= plain.upper
        assert (found.verdict, found.lower) == (plain.verdict, plain.lower)


def test_the_proof_holds_in_exact_arithmetic():
    """The inequality behind one bound, with the proposed matrix and the bound as fractions."""
    from gainsched.analysis import ellipsoids

    A = Modal.of(np.array([0.1, 0.5]), np.zeros(2), None, 1).matrices(np.array([0.6, 1.0]))
    rho = growth_below(A, 0, 0.95)
    P = ellipsoids._proposed(A, 0, 0.95 * (1 - 1e-7))[0]
    assert rho <= 0.95

    def exact(M):
        return [[Fraction(float(v)) for v in row] for row in M]
    def times(X, Y):
        return [[sum(a * b for a, b in zip(row, column)) for column in zip(*Y)] for row in X]
    P2, bound = exact(P), Fraction(rho) ** 2
    assert P2[0][0] > 0 and P2[0][0] * P2[1][1] > P2[0][1] ** 2
    for M in A.reshape(-1, 2, 2):
        M2 = exact(M)
        moved = times(times([list(c) for c in zip(*M2)], P2), M2)
        S = [[bound * p - q for p, q in zip(*rows)] for rows in zip(P2, moved)]
        assert S[0][0] >= 0 and S[0][0] * S[1][1] >= S[0][1] ** 2


def test_refusals(monkeypatch):
    with pytest.raises(ValueError, match='method must be "auto" or "lmi", got \'sos\''):
        switching([0.1, 0.2], (0.5, 1.0), delay=1, method="sos")
    with pytest.raises(ValueError, match=r'delay must leave at most 12 states .* got 12. Take method "auto"'):
        switching([0.1, 0.2], (0.5, 1.0), delay=12, method="lmi")
    monkeypatch.setitem(sys.modules, "clarabel", None)
    with pytest.raises(ImportError, match=r'certify_switching with method="lmi" needs clarabel'):
        switching([0.1, 0.5], (1.0, 1.0), delay=2, method="lmi")
    assert switching([0.1, 0.12], (0.5, 1.0), delay=1).verdict == "stable"            # without it, all else works


# ---- the matrix inequality of Lessard, Recht and Packard, with a solver: an oracle for the test in frequency

def plant(gain, compensator, m, multiplier, rho):
    """(A, B, C, D) of optimizer and multiplier together, gradient in; L = 1."""
    beta = 0.0 if compensator is None else compensator.beta
    look = beta if isinstance(compensator, gs.Nesterov) else 0.0
    A, B, C = np.array([[1 + beta, -beta], [1.0, 0.0]]), np.array([[-gain], [0.0]]), np.array([[1 + look, -look]])
    if compensator is None:
        A, B, C = np.eye(1), np.array([[-gain]]), np.eye(1)
    if multiplier == "sector":
        return A, B, np.vstack([C, -m * C]), np.array([[-1.0], [1.0]])
    n = len(A)
    A = np.block([[A, np.zeros((n, 1))], [-C, np.zeros((1, 1))]])
    B = np.vstack([B, [[1.0]]])
    top = np.hstack([C, [[rho**2]]])
    return A, B, np.vstack([top, np.hstack([-m * C, [[0.0]]])]), np.array([[-1.0], [1.0]])


def feasible(gain, compensator, m, multiplier, rho):
    """Least t with the inequality below t, P >= 1 and t >= -1: at most 1e-6."""
    A, B, C, D = plant(gain, compensator, m, multiplier, rho)
    n = len(A)
    AB, CD = np.hstack([A, B]), np.hstack([C, D])
    basis = []
    for i, j in itertools.combinations_with_replacement(range(n), 2):
        E = np.zeros((n, n))
        E[i, j] = E[j, i] = 1.0
        basis.append(E)
    E = np.array(basis)
    wide = np.zeros((len(E), n + 1, n + 1))
    wide[:, :n, :n] = rho**2 * E
    slopes = np.concatenate([wide - AB.T @ E @ AB, -(CD.T @ np.array([[0.0, 1.0], [1.0, 0.0]]) @ CD)[None], np.eye(n + 1)[None]])
    floor = np.concatenate([E, np.zeros((2, n, n))])
    least = np.concatenate([np.full(len(E), -np.inf), [0.0, -1.0]])
    cost = np.concatenate([np.zeros(len(E) + 1), [1.0]])
    found = minimize(cost, [(np.zeros((n + 1, n + 1)), slopes), (-np.eye(n), floor)], least)
    return found.point[-1] <= 1e-6


def rate_by_program(kappa, gain, compensator, multiplier):
    low, high = 0.0, 1.0
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (low, middle) if feasible(gain, compensator, 1 / kappa, multiplier, middle) else (middle, high)
    return high


def tunings(kappa):
    root = kappa**0.5
    yield 1.0, None
    yield 2 / (1 + 1 / kappa), None
    yield 1.0, gs.Nesterov((root - 1) / (root + 1))
    yield 4 / (1 + 1 / root) ** 2, gs.HeavyBall(((root - 1) / (root + 1)) ** 2)


@pytest.mark.parametrize("multiplier", ["sector", "off-by-one"])
@pytest.mark.parametrize("kappa", [3.0, 10.0])
def test_convergence_rate_agrees_with_the_matrix_inequality(kappa, multiplier):
    for gain, compensator in tunings(kappa):
        frequency = gs.convergence_rate(kappa, gain, compensator, multiplier)
        program = rate_by_program(kappa, gain, compensator, multiplier)
        if math.isfinite(frequency):
            assert program == pytest.approx(frequency, abs=2e-3)          # what its tolerance is worth in the rate
        else:
            assert program > 0.998
