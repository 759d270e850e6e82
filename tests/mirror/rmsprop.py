"""RMSProp on LMS, one gain per weight: g_i = e u_i, v_i <- beta v_i + (1 - beta) g_i^2, gain_i = rate / (sqrt(v_i) + eps).

v starts at zero and the gain of a sample already knows that sample's g. The gains are clipped to [low, high]; with
`saturate` all are then scaled by one factor so that sum_i gain_i u_i^2 <= 2. With a finite `rate_limit` a gain starts
from zero and moves by no more than that per sample; only the saturation may lower it faster.

T. Tieleman and G. Hinton, "Lecture 6.5: RMSProp", COURSERA Neural Networks for Machine Learning, 2012.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, v = r.w, np.zeros(len(r.w))
    gains = np.zeros((r.T, len(w)))
    mu = np.zeros(len(w))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        v = law.beta * v + (1.0 - law.beta) * (e * u) ** 2
        wanted = np.clip(law.rate / (np.sqrt(v) + law.eps), mu - law.rate_limit, mu + law.rate_limit)
        mu = np.clip(wanted, law.low, law.high)
        loop_gain = np.sum(mu * u * u)
        if law.saturate and loop_gain > 2.0:
            mu = mu * (2.0 / loop_gain)
        gains[k] = mu
        w = w + mu * e * u
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
