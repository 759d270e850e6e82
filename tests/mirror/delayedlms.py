"""Delayed LMS: w_{k+1} = w_k + mu_k e_{k-D} u_{k-D}, the gain of now on the pair of D samples ago.

Nothing is applied before the record has a pair to offer. A skipped sample takes no update, and its own pair never
contributes later.

G. Long, F. Ling and J. G. Proakis, "The LMS algorithm with delayed coefficient adaptation", IEEE Trans. ASSP 37, 1989.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record, per_sample


def mirror(filter, x, d, gain, forgetting, missing_x=None, missing_d=None, w0=None):
    r = Record(filter.model, x, d, missing_x, missing_d, w0)
    w, mu = r.w, per_sample(gain, r.T)
    pairs = []
    for k in range(r.T):
        u = r.row(k)
        pairs.append((r.compare(k, np.sum(w * u)), u))
        past = k - filter.delay
        if r.updates[k] and past >= 0 and r.updates[past]:
            e_then, u_then = pairs[past]
            w = w + mu[k] * e_then * u_then
    return r.answer(w)
