"""Heavy ball: w_{k+1} = w_k + Delta_k + beta_k (w_k - w_{k-1}), w_{-1} = w_0.

B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Comput. Math. Math. Phys. 4, 1964.
"""

from __future__ import annotations


def state(w):
    return {"before": w}


def step(state, w, Delta, mu, beta, k):
    after = w + Delta + beta * (w - state["before"])
    state["before"] = w
    return after
