"""Leaky LMS: w <- (1 - mu leak) w + mu e u.

R. D. Gitlin, H. C. Meadors and S. B. Weinstein, "The tap-leakage algorithm", Bell Syst. Tech. J. 61, 1982.
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
            w = (1.0 - mu[k] * filter.leak) * w + mu[k] * e * u
    return r.answer(w)
