"""The textbook loops as a user of numba writes them; weights and regressor hold the oldest sample first."""

from __future__ import annotations

import functools

import numba
import numpy as np


@functools.cache
def compiled(fastmath: bool):
    """(lms, nlms, rls, step), compiled with or without fastmath; each returns the weights newest sample first."""
    jit = numba.njit(fastmath=fastmath)

    @jit
    def lms(x, d, y, e, n, mu):
        w = np.zeros(n)
        for k in range(d.size):
            s = 0.0
            for i in range(n):
                s += w[i] * x[k + i]
            y[k] = s
            e[k] = d[k] - s
            g = mu * e[k]
            for i in range(n):
                w[i] += g * x[k + i]
        return w[::-1]

    @jit
    def nlms(x, d, y, e, n, mu, eps):
        w = np.zeros(n)
        for k in range(d.size):
            s, power = 0.0, eps
            for i in range(n):
                s += w[i] * x[k + i]
                power += x[k + i] * x[k + i]
            y[k] = s
            e[k] = d[k] - s
            g = mu * e[k] / power
            for i in range(n):
                w[i] += g * x[k + i]
        return w[::-1]

    @jit
    def rls(x, d, y, e, n, forgetting):
        w, P, Pu = np.zeros(n), np.eye(n), np.empty(n)
        for k in range(d.size):
            s, v = forgetting, 0.0
            for i in range(n):
                a = 0.0
                for j in range(n):
                    a += P[i, j] * x[k + j]
                Pu[i] = a
                s += a * x[k + i]
                v += w[i] * x[k + i]
            y[k] = v
            e[k] = d[k] - v
            for i in range(n):
                g = Pu[i] / s
                w[i] += g * e[k]
                for j in range(n):
                    P[i, j] = (P[i, j] - g * Pu[j]) / forgetting
        return w[::-1]

    @jit
    def step(w, u, x, d, mu, eps):                       # newest sample first here: the delay line is shifted
        for i in range(u.size - 1, 0, -1):
            u[i] = u[i - 1]
        u[0] = x
        y, power = 0.0, eps
        for i in range(u.size):
            y += w[i] * u[i]
            power += u[i] * u[i]
        g = mu * (d - y) / power
        for i in range(u.size):
            w[i] += g * u[i]
        return y

    return lms, nlms, rls, step
