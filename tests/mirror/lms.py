"""LMS: w <- w + mu e conj(u), y = w'u without conjugation.

B. Widrow and M. E. Hoff, "Adaptive switching circuits", IRE WESCON Conv. Rec. 4, 1960; complex form: B. Widrow,
J. McCool and M. Ball, Proc. IEEE 63, 1975.
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
            w = w + mu[k] * e * np.conj(u)
    return r.answer(w)
