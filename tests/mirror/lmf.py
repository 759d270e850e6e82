"""Least mean fourth: w <- w + mu e^3 u.

E. Walach and B. Widrow, "The least mean fourth (LMF) adaptive algorithm and its family", IEEE Trans. Inf. Theory 30, 1984.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record, per_sample


def mirror(filter, x, d, gain, forgetting, missing_x=None, missing_d=None, w0=None):
    r = Record(filter.model, x, d, missing_x, missing_d, w0)
    w, mu = r.w, per_sample(gain, r.T)
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        if r.updates[k]:
            w = w + mu[k] * e * e * e * u
    return r.answer(w)
