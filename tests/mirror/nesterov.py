"""Nesterov's method: x_{k+1} = y_k + Delta_k (taken at y_k), y_{k+1} = x_{k+1} + beta_k (x_{k+1} - x_k), x_0 = y_0.

The loop's weights are y, where output and error are taken.

Y. Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k^2)", Soviet Math. Dokl. 27,
1983, in the form of his "Introductory lectures on convex optimization", 2004, (2.2.20).
"""

from __future__ import annotations


def state(w):
    return {"x": w}


def step(state, w, Delta, mu, beta, k):
    x, before = w + Delta, state["x"]
    state["x"] = x
    return x + beta * (x - before)
