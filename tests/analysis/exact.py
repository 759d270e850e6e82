"""The exact second moments of an adaptation loop under independent Gaussian regressors: the joint covariance itself.

Written from the update equations alone, in the coordinates of the signal, never from the theory under test. With the
joint state s (weight error x = w_o - w, its past under a delay, the memory p under momentum)

    s+ = A s - mu P (v u') C s - mu P v n,
    vec E ss' + = T vec E ss' + mu^2 noise (P x P) vec E vv',
    T = A x A - mu (A x PWC + PWC x A) + mu^2 (P x P) Q (C x C),   W = E vu',   Q = E vu' x vu' .
"""

from __future__ import annotations

import numpy as np


def gaussian(R, kurtosis=0.0):
    """W, Q, E vv' of v = u by Isserlis: E u_i u_k u_j u_l = R_ij R_kl + R_ik R_jl + R_il R_jk.

    With an excess kurtosis the modes of R are independent and each has E m^4 = (3 + kurtosis) lam^2.
    """
    n = len(R)
    Q = np.einsum("ij,kl->ikjl", R, R) + np.einsum("ik,jl->ikjl", R, R) + np.einsum("il,kj->ikjl", R, R)
    lam, V = np.linalg.eigh(R)
    Q += kurtosis * np.einsum("m,im,km,jm,lm->ikjl", lam**2, V, V, V, V)
    return R, Q.reshape(n * n, n * n), R


def signs(R):
    """W, Q, E vv' of v = sign(u), all u of equal power: u_k = alpha u_i + beta u_j + rest, and moments of a pair.

    With r the correlation of (a, b), both of power 1: E sgn(ab) = (2/pi) asin r, E sgn(ab) a^2 = (2/pi)(asin r +
    r sqrt(1 - r^2)), E abs(ab) = (2/pi)(sqrt(1 - r^2) + r asin r).
    """
    n, power = len(R), R[0, 0]
    C = R / power
    Q, G = np.empty((n, n, n, n)), np.eye(n)
    for i in range(n):
        for j in range(n):
            if i == j:
                Q[i, j] = C
                continue
            r, both = C[i, j], [i, j]
            root = np.sqrt(1 - r * r)
            flat, square, product = np.arcsin(r), np.arcsin(r) + r * root, root + r * np.arcsin(r)
            share = C[:, both] @ np.linalg.inv(C[np.ix_(both, both)])
            rest = C - share @ C[both]
            pair = np.array([[square, product], [product, square]])
            Q[i, j] = 2 / np.pi * (flat * rest + share @ pair @ share.T)
            G[i, j] = 2 / np.pi * flat
    return np.sqrt(2 / np.pi / power) * R, power * Q.reshape(n * n, n * n), G


def normalized(R, eps):
    """The same of v = u/(eps + u'u), two weights: quadrature over angle and radius of the Gaussian plane."""
    angle = (np.arange(600) + 0.5) * np.pi / 600
    radius = np.exp(np.arange(-20.0, 3.0, 0.05))
    weight = radius**2 * np.exp(-(radius**2) / 2)
    weight /= weight.sum()
    ray = np.linalg.cholesky(R) @ np.stack([np.cos(angle), np.sin(angle)])
    length = np.einsum("ia,ia->a", ray, ray)
    share = radius[:, None] ** 2 / (eps + radius[:, None] ** 2 * length)          # v u' = share ray ray'
    inject = share / (eps + radius[:, None] ** 2 * length)
    first, second, noise = (weight @ part / len(angle) for part in (share, share**2, inject))
    W = np.einsum("a,ia,ja->ij", first, ray, ray)
    Q = np.einsum("a,ia,ka,ja,la->ikjl", second, ray, ray, ray, ray).reshape(4, 4)
    return W, Q, np.einsum("a,ia,ja->ij", noise, ray, ray)


class Exact:
    """One algorithm under one covariance R."""

    def __init__(self, R, *, eps=None, delay=0, momentum=None, leak=0.0, block=1, noise=0.0, moments=None):
        self.R, self.n, self.delay, self.momentum, self.leak, self.noise = R, len(R), delay, momentum, leak, noise
        self.W, Q, G = moments or (gaussian(R) if eps is None else normalized(R, eps))
        known = np.kron(self.W, self.W)
        self.kept = {}
        self.Q, self.G = known + (Q - known) / block, G / block

    def parts(self, mu, beta, biased):
        eye, none = np.eye(self.n), np.zeros((self.n, self.n))
        if self.delay:
            rows = self.n * (self.delay + 1)
            A = np.eye(rows, k=-self.n)
            A[: self.n, : self.n] = eye
            return A, np.eye(rows, self.n), np.eye(self.n, rows, k=rows - self.n)
        if self.momentum:
            a, b = {"HeavyBall": (1.0, 0.0), "Nesterov": (beta, 1.0), "GradientEMA": (1.0 - beta, 0.0)}[self.momentum]
            A = np.block([[eye, -beta * eye], [none, beta * eye]])
            return A, np.vstack([(a + b) * eye, -a * eye]), np.hstack([eye, none])
        if biased:
            pull = mu * self.leak * eye
            return np.block([[eye - pull, pull], [none, eye]]), np.vstack([eye, none]), np.hstack([eye, none])
        return (1.0 - mu * self.leak) * eye, eye, eye

    def step(self, mu, beta=0.0, biased=False):
        """T, and what noise adds; T is a parabola of mu, kept."""
        if (beta, biased) not in self.kept:
            unit = 1.0 / np.trace(self.R)
            low, mid, high = (self.made(part * unit, beta, biased) for part in (-1.0, 0.0, 1.0))
            self.kept[beta, biased] = (unit, mid[0], (high[0] - low[0]) / 2, (high[0] + low[0]) / 2 - mid[0], high[1])
        unit, rest, slope, bend, forcing = self.kept[beta, biased]
        mu = mu / unit
        return rest + mu * (slope + mu * bend), mu**2 * forcing

    def made(self, mu, beta, biased):
        A, P, C = self.parts(mu, beta, biased)
        pull, both = P @ self.W @ C, np.kron(P, P)
        T = np.kron(A, A) - mu * (np.kron(A, pull) + np.kron(pull, A)) + mu**2 * both @ self.Q @ np.kron(C, C)
        return T, mu**2 * self.noise * both @ self.G.ravel()

    def growth(self, mu, beta=0.0):
        """Factor per update of the second moments at a constant gain."""
        return radius(self.step(mu, beta)[0])

    def over(self, gains, beta=0.0):
        """ln of the spectral radius of the product of the maps of these gains, per update."""
        total, log = 1.0, 0.0
        for mu in gains:
            total = self.step(mu, beta)[0] @ (total if np.ndim(total) else np.eye(self.size))
            size = np.abs(total).max()
            total, log = total / size, log + np.log(size)
        return (log + np.log(max(radius(total), 1e-300))) / len(gains)

    @property
    def size(self):
        return (self.n * (self.delay + 1 if self.delay else 2 if self.momentum else 1)) ** 2

    def largest(self, gains, beta=0.0):
        """ln of the largest squared weight error on the way, from an isotropic start of power 1."""
        s = self.start(np.eye(self.n) / self.n)
        log, most = 0.0, 0.0
        for mu in gains:
            s = self.step(mu, beta)[0] @ s
            size = np.trace(self.errors(s))
            s, log = s / size, log + np.log(size)
            most = max(most, log)
        return most

    def start(self, X, biased=False):
        """vec of the joint covariance before the first sample: the past is the present, memories are empty."""
        many = np.ones((self.delay + 1,) * 2) if self.delay or not self.momentum else np.diag([1.0, 0.0])
        return np.kron(np.ones((2, 2)) if biased else many, X).ravel()

    def errors(self, s):
        """E x x' of a state."""
        rows = int(np.sqrt(len(s)))
        return s.reshape(rows, rows)[: self.n, : self.n]

    def curve(self, gains, w_opt, betas=None, biased=False):
        """(EMSE, MSD) before each update of zero weights."""
        s, out = self.start(np.outer(w_opt, w_opt), biased), []
        for k, mu in enumerate(gains):
            X = self.errors(s)
            out.append((np.trace(self.R @ X), np.trace(X)))
            T, forcing = self.step(mu if k >= self.delay else 0.0, 0.0 if betas is None else betas[k], biased)
            s = T @ s + forcing
        return np.array(out).T

    def limit(self, mu, beta=0.0):
        """(EMSE, MSD) for ever after at a constant gain."""
        T, forcing = self.step(mu, beta)
        X = self.errors(np.linalg.solve(np.eye(len(T)) - T, forcing))
        return np.trace(self.R @ X), np.trace(X)


def radius(T):
    return float(np.abs(np.linalg.eigvals(T)).max())
