"""K1 on LMS.

beta_i <- beta_i + meta e u_i h_i (a step within 2); p_i = exp(beta_i), within 1e-30 and 1e30;
k_i = p_i u_i / (R + sum_j p_j u_j^2); w <- w + k e; h_i <- (h_i + k_i e) [1 - k_i u_i]^+. A gain that its limits move
takes p along.

R. S. Sutton, "Gain adaptation beats least squares?", Proc. 7th Yale Workshop on Adaptive and Learning Systems, 1992.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    p, h, mu = np.full(len(w), law.start), np.zeros(len(w)), np.zeros(len(w))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        p = np.clip(p * np.exp(np.clip(law.meta * e * u * h, -2.0, 2.0)), 1e-30, 1e30)
        total = law.noise + np.sum(p * u**2)
        wanted = p / total
        held = bounded(law, wanted, mu)
        mu, cut = saturated(law, held, e * u, u, e)
        w = w + mu * e * u
        h = (h + mu * e * u) * np.maximum(1.0 - mu * u**2, 0.0)
        if cut == 1.0:
            p = np.where(held == wanted, p, held * total)
        gains[k] = mu
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
