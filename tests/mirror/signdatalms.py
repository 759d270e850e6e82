"""Sign-data (clipped) LMS: w <- w + mu e sgn(u), sgn(0) = 0.

J. L. Moschner, "Adaptive filter with clipped input data", Stanford Electronics Lab. TR 6796-1, 1970.
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
            w = w + mu[k] * e * np.sign(u)
    return r.answer(w)
