"""AdaDelta on LMS: g = e u, E[g^2] <- rho E[g^2] + (1 - rho) g^2, step = RMS[step] / RMS[g] g with
RMS[a] = sqrt(E[a^2] + eps), E[step^2] <- rho E[step^2] + (1 - rho) step^2, w <- w + step.

M. D. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701, 2012.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    g2, step2, mu = np.zeros(len(w)), np.zeros(len(w)), np.zeros(len(w))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        g = e * u
        g2 = law.beta * g2 + (1.0 - law.beta) * g**2
        ratio = np.sqrt(step2 + law.eps) / np.sqrt(g2 + law.eps)
        mu, _ = saturated(law, bounded(law, ratio, mu), g, u, e)
        step = mu * g
        step2 = law.beta * step2 + (1.0 - law.beta) * step**2
        w = w + step
        gains[k] = mu
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
