"""Lion on LMS, without weight decay: g = e u, w <- w + rate sgn(beta1 m + (1 - beta1) g), m <- beta2 m + (1 - beta2) g.

X. Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    m, mu = np.zeros(len(w)), np.zeros(len(w))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        g = e * u
        way = np.sign(law.beta1 * m + (1.0 - law.beta1) * g)
        m = law.beta2 * m + (1.0 - law.beta2) * g
        mu, _ = saturated(law, bounded(law, np.full(len(w), law.rate), mu), way, u, e)
        w = w + mu * way
        gains[k] = mu
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
