"""Schedule-free: z_{k+1} = z_k + Delta_k (taken at y_k), x_{k+1} = (1 - c) x_k + c z_{k+1}, y_{k+1} = (1 - beta) z_{k+1} + beta x_{k+1}.

c = mu_k^2 / sum_{j<=k} mu_j^2 over the samples that updated; per-weight gains enter by the mean of their squares.
The loop's weights are y.

A. Defazio et al., "The road less scheduled", NeurIPS 2024, algorithm 1.
"""

from __future__ import annotations

import numpy as np


def state(w):
    return {"z": w, "average": w, "squares": []}


def step(state, w, Delta, mu, beta, k):
    state["z"] = state["z"] + Delta
    state["squares"].append(np.mean(mu**2))
    total = np.sum(state["squares"])
    c = state["squares"][-1] / total if total > 0 else 0.0
    state["average"] = (1.0 - c) * state["average"] + c * state["z"]
    return (1.0 - beta) * state["z"] + beta * state["average"]
