"""K1 on LMS.

beta_i <- beta_i + meta e u_i h_i (a step within 2); p_i = exp(beta_i), within 1e-30 and 1e30;
k_i = p_i u_i / (R + sum_j p_j u_j^2); w <- w + k e; h_i <- (h_i + k_i e) [1 - k_i u_i]^+. A gain that its limits move
takes p along. Where sum_j p_j u_j^2 exceeds 100 R, the steps of beta are smaller by as much.

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
        step = np.clip(law.meta * e * u * h, -2.0, 2.0)
        grown = np.clip(p * np.exp(step), 1e-30, 1e30)
        spread = np.sum(grown * u**2)
        if law.saturate and spread > 100.0 * law.noise:
            grown = np.clip(p * np.exp(step * (100.0 * law.noise / spread)), 1e-30, 1e30)
        p = grown
        total = law.noise + np.sum(p * u**2)
        mu, cut = saturated(law, bounded(law, p / total, mu), e * u, u, e)
        w = w + mu * e * u
        h = (h + mu * e * u) * np.maximum(1.0 - mu * u**2, 0.0)
        p = mu / cut * total
        gains[k] = mu
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
