"""K2 on LMS.

beta_i <- beta_i + meta u_i^2 (e^2 - R - sum_j p_j u_j^2) / (1 + sum_j u_j^4) (a step within 2); p_i = exp(beta_i), within
1e-30 and 1e30; k_i = p_i u_i / (R + sum_j p_j u_j^2); w <- w + k e. A gain that its limits move takes p along.

R. S. Sutton, "Gain adaptation beats least squares?", Proc. 7th Yale Workshop on Adaptive and Learning Systems, 1992.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    p, mu = np.full(len(w), law.start), np.zeros(len(w))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        drive = law.meta * u**2 * (e * e - law.noise - np.sum(p * u**2)) / (1.0 + np.sum(u**4)) if e != 0.0 else 0.0
        p = np.clip(p * np.exp(np.clip(drive, -2.0, 2.0)), 1e-30, 1e30)
        total = law.noise + np.sum(p * u**2)
        mu, cut = saturated(law, bounded(law, p / total, mu), e * u, u, e)
        w = w + mu * e * u
        p = mu / cut * total
        gains[k] = mu
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
