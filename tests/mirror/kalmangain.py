"""Kalman gain of random-walk weights on LMS:

    K = P u / (r + u'P u),   w <- w + K e,   P <- P - K u'P + q I,   P_0 = start I

What counts as the gain of weight i is P_ii / (r + u'P u). The largest of them is clipped to [low, high] and moves by no
more than `rate_limit` per sample; the whole matrix is scaled by what that takes. With `saturate` it is scaled once more
so that the loop gain u'G u stays within 2. P does not know of the limits.

R. E. Kalman, "A new approach to linear filtering and prediction problems", J. Basic Eng. 82, 1960.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, P = r.w, law.start * np.eye(len(r.w))
    gains, before = np.zeros((r.T, len(w))), 0.0
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        Pu = P @ u
        G = P / (law.r + u @ Pu)
        P = P - np.outer(Pu, Pu) / (law.r + u @ Pu)
        P = (P + P.T) / 2.0 + law.q * np.eye(len(w))
        largest = G.diagonal().max()
        allowed = np.clip(np.clip(largest, law.low, law.high), before - law.rate_limit, before + law.rate_limit)
        if largest > 0.0:
            G = G * (allowed / largest)
        loop_gain = u @ G @ u
        if law.saturate and loop_gain > 2.0:
            G = G * (2.0 / loop_gain)
        before = G.diagonal().max()
        gains[k] = G.diagonal()
        w = w + G @ u * e
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
