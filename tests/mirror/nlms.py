"""NLMS: w <- w + mu e conj(u) / (eps + |u|^2).

J. Nagumo and A. Noda, "A learning method for system identification", IEEE Trans. Autom. Control 12, 1967.
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
            w = w + mu[k] * e * np.conj(u) / (filter.eps + np.sum(np.abs(u) ** 2))
    return r.answer(w)
