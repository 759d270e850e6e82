"""Averaged correction: m_{k+1} = beta_k m_k + (1 - beta_k) Delta_k, w_{k+1} = w_k + m_{k+1}, m_0 = 0.

The first moment of Adam (D. P. Kingma and J. Ba, ICLR 2015, algorithm 1), without its bias correction.
"""

from __future__ import annotations


def state(w):
    return {"m": 0.0 * w}


def step(state, w, Delta, mu, beta, k):
    state["m"] = beta * state["m"] + (1.0 - beta) * Delta
    return w + state["m"]
