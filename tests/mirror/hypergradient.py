"""Hypergradient descent on LMS: h_k = g_k'g_{k-1} with g = e u, and mu_k = mu_{k-1} exp(meta h_k) (log),
mu_{k-1} + meta h_k (additive), mu_{k-1} (1 + meta h_k / (|g_k| |g_{k-1}|)) (cosine; unchanged where a gradient is 0).

The factor on the gain lies within exp(-2) and exp(2) in the first and the last form.

A. G. Baydin et al., "Online learning rate adaptation with hypergradient descent", ICLR, 2018; L. B. Almeida et al.,
"Parameter adaptation in stochastic optimization", 1998.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, law.start, np.zeros(r.T)
    before = np.zeros_like(w)
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        g = e * u
        h = g @ before
        norms = np.sqrt((g @ g) * (before @ before))
        if law.form == "additive":
            wanted = mu + law.meta * h
        elif law.form == "log":
            wanted = mu * np.exp(np.clip(law.meta * h, -2.0, 2.0))
        else:
            wanted = mu * np.clip(1.0 + law.meta * h / norms, np.exp(-2.0), np.exp(2.0)) if norms > 0 else mu
        mu = saturated(law, limited(law, wanted, mu), u @ u)
        gains[k] = mu
        w = w + mu * g
        before = g
    return *r.answer(w), gains
