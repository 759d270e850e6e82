"""Recursive least squares, P_0 = delta I:

    K = P u / (f + u'P u),   w <- w + mu K e,   P <- (P - K u'P) / f

with P kept symmetric. The windup guard puts 1 in the place of the divisor f (there only) while |u|^2 <= 1e-10 x the
largest |u|^2 so far (the present one included), or when the trace of the divided P would exceed 1e9 x N delta. There P
stays as it is while u'Pu <= 1e-14 |u|^2 tr P, which is rounding.
A skipped sample leaves everything as it is, the largest |u|^2 included.

R. L. Plackett, "Some theorems in least squares", Biometrika 37, 1950; L. Ljung and T. Soderstrom, "Theory and
Practice of Recursive Identification", MIT Press, 1983, ch. 2 and 5.6 (windup).
"""

from __future__ import annotations

import numpy as np

from .regressors import Record, per_sample

SILENT, WOUND_UP, ROUNDING = 1e-10, 1e9, 1e-14


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
        power = u @ u
        largest = max(largest, power)
        rounding = u @ P @ u <= ROUNDING * power * np.trace(P)
        left = P - np.outer(K, u @ P)
        left = (left + left.T) / 2.0
        guarded = power <= SILENT * largest or np.trace(left) / f[k] > WOUND_UP * len(w) * filter.delta
        if not (guarded and rounding):
            P = left if guarded else left / f[k]
    return r.answer(w)
