"""Recursive least squares, P_0 = delta I:

    K = P u / (f + u'P u),   w <- w + mu K e,   P <- (P - K u'P) / f

with P kept symmetric. The windup guard puts 1 in the place of the divisor f (there only) while |u|^2 <= 1e-10 x the
largest |u|^2 so far (the present one included), or when the trace of the divided P would exceed 1e9 x N delta.
A skipped sample leaves everything as it is, the largest |u|^2 included.

R. L. Plackett, "Some theorems in least squares", Biometrika 37, 1950; L. Ljung and T. Soderstrom, "Theory and
Practice of Recursive Identification", MIT Press, 1983, ch. 2 and 5.6 (windup).
"""

from __future__ import annotations

import numpy as np

from .regressors import Record, per_sample

SILENT, WOUND_UP = 1e-10, 1e9


def mirror(filter, x, d, gain, forgetting, missing_x=None, missing_d=None, w0=None):
    r = Record(filter.model, x, d, missing_x, missing_d, w0)
    w, mu, f = r.w, per_sample(gain, r.T), np.asarray(forgetting, float)
    P, largest = filter.delta * np.eye(len(w)), 0.0
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        if not r.updates[k]:
            continue
        K = P @ u / (f[k] + u @ P @ u)
        w = w + mu[k] * K * e
        P = P - np.outer(K, u @ P)
        P = (P + P.T) / 2.0
        power = u @ u
        largest = max(largest, power)
        guarded = power <= SILENT * largest or np.trace(P) / f[k] > WOUND_UP * len(w) * filter.delta
        P = P if guarded else P / f[k]
    return r.answer(w)
