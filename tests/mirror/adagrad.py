"""AdaGrad on LMS, diagonal: g = e u, G <- G + g^2, mu = rate / (sqrt(G) + eps), w <- w + mu g.

J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 12,
2011.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    total, mu = np.zeros(len(w)), np.zeros(len(w))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        g = e * u
        total = total + g**2
        mu, _ = saturated(law, bounded(law, law.rate / (np.sqrt(total) + law.eps), mu), g, u, e)
        w = w + mu * g
        gains[k] = mu
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
