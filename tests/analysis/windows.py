"""LMS on a delay line by brute force: one matrix E[w~w~' 1{window}] for every window of past samples.

Written from the update alone. Samples of finitely many values make a Markov chain of windows; Gaussian and uniform samples
are replaced by the nodes of a Gauss rule, which is exact for the polynomials that the first few updates make of them.
"""

from __future__ import annotations

import itertools

import numpy as np


def nodes(samples, length):
    """Values and probabilities that give every moment met by `length` updates of a window of `length` samples."""
    if samples == "binary":
        return np.array([-1.0, 1.0]), np.array([0.5, 0.5])
    if samples == "gaussian":
        x, p = np.polynomial.hermite_e.hermegauss(2 * length + 1)
        return x, p / p.sum()
    if samples == "uniform":
        x, p = np.polynomial.legendre.leggauss(2 * length + 1)
        return x * np.sqrt(3), p / 2
    x, p = map(np.asarray, samples)
    return x / np.sqrt(np.sum(p * x**2)), p


class Windows:
    """All windows of a moving average of these samples, and what is expected in each."""

    def __init__(self, taps, color, samples, w, noise=0.0):
        self.color = np.asarray(color) / np.linalg.norm(color)
        self.taps, self.noise, length = taps, noise, taps + len(color) - 1
        self.x, self.p = nodes(samples, length)
        self.share = {s: np.prod(self.p[list(s)]) for s in itertools.product(range(len(self.x)), repeat=length - 1)}
        self.mean = {s: share * np.asarray(w, dtype=float) for s, share in self.share.items()}
        self.square = {s: share * np.outer(w, w) for s, share in self.share.items()}

    def step(self, mu):
        """(EMSE, MSD, mean error) before the update; then update."""
        emse, msd, now = 0.0, sum(np.trace(W) for W in self.square.values()), sum(self.mean.values())
        mean = {s: np.zeros(self.taps) for s in self.share}
        square = {s: np.zeros((self.taps, self.taps)) for s in self.share}
        for s, share in self.share.items():
            for i, p in enumerate(self.p):
                window = (i, *s)
                values = self.x[list(window)]
                u = np.array([self.color @ values[t:t + len(self.color)] for t in range(self.taps)])
                A = np.eye(self.taps) - mu * np.outer(u, u)
                emse += p * u @ self.square[s] @ u
                mean[window[:-1]] += p * A @ self.mean[s]
                square[window[:-1]] += p * (A @ self.square[s] @ A + share * self.noise * mu**2 * np.outer(u, u))
        self.mean, self.square = mean, square
        return emse, msd, now

    def growth(self, mu):
        """Spectral radius of the map of all windows' matrices, where the samples have finitely many values."""
        states = list(self.share)
        at, n = {s: i for i, s in enumerate(states)}, self.taps**2
        M = np.zeros((len(states) * n, len(states) * n))
        for s in states:
            for i, p in enumerate(self.p):
                window = (i, *s)
                values = self.x[list(window)]
                u = np.array([self.color @ values[t:t + len(self.color)] for t in range(self.taps)])
                A = np.eye(self.taps) - mu * np.outer(u, u)
                to, of = at[window[:-1]] * n, at[s] * n
                M[to:to + n, of:of + n] += p * np.kron(A, A)
        return np.abs(np.linalg.eigvals(M)).max()
