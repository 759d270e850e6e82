"""AdaGrad-Norm on LMS: b_k^2 = b_{k-1}^2 + |g_k|^2 with g = e u and b before the record = rate/start; mu_k = rate / b_k.

R. Ward, X. Wu and L. Bottou, "AdaGrad stepsizes: sharp convergence over nonconvex landscapes", ICML, 2019.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, law.start, np.zeros(r.T)
    b2 = (law.rate / law.start) ** 2
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        g = e * u
        b2 = b2 + g @ g
        mu = saturated(law, limited(law, law.rate / np.sqrt(b2), mu), u @ u)
        gains[k] = mu
        w = w + mu * g
    return *r.answer(w), gains
