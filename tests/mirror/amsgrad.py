"""AMSGrad on LMS: g = e u, m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g^2, vhat <- max(vhat, v),
w <- w + rate m / (sqrt(vhat) + eps).

S. J. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", ICLR 2018, algorithm 2.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    m, v, vhat, mu = np.zeros(len(w)), np.zeros(len(w)), np.zeros(len(w)), np.zeros(len(w))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        g = e * u
        m = law.beta1 * m + (1.0 - law.beta1) * g
        v = law.beta2 * v + (1.0 - law.beta2) * g**2
        vhat = np.maximum(vhat, v)
        mu, _ = saturated(law, bounded(law, law.rate / (np.sqrt(vhat) + law.eps), mu), m, u, e)
        w = w + mu * m
        gains[k] = mu
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
