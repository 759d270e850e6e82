"""Sign-sign LMS: w <- w + mu sgn(e) sgn(u), sgn(0) = 0.

R. W. Lucky, "Techniques for adaptive equalization of digital communication systems", Bell Syst. Tech. J. 45, 1966.
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
            w = w + mu[k] * np.sign(e) * np.sign(u)
    return r.answer(w)
