"""Adam on LMS: g = e u, m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g^2,
w <- w + rate mhat / (sqrt(vhat) + eps) with mhat = m / (1 - beta1^t), vhat = v / (1 - beta2^t), t = 1, 2 ..

D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    m, v, mu = np.zeros(len(w)), np.zeros(len(w)), np.zeros(len(w))
    for k in range(r.T):
        u, t = r.row(k), k + 1
        e = r.compare(k, np.sum(w * u))
        g = e * u
        m = law.beta1 * m + (1.0 - law.beta1) * g
        v = law.beta2 * v + (1.0 - law.beta2) * g**2
        mhat = m / (1.0 - law.beta1**t)
        vhat = v / (1.0 - law.beta2**t)
        mu, _ = saturated(law, bounded(law, law.rate / (np.sqrt(vhat) + law.eps), mu), mhat, u, e)
        w = w + mu * mhat
        gains[k] = mu
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
