"""Harris' variable step on LMS, one gain per weight: after m0 = agree successive gradients e u_i of the same sign as the one
before mu_i is multiplied by `factor`, after m1 = disagree successive changes divided by it; either begins a new count.

A gradient of 0 neither counts nor is remembered. Changes lower a gain to 1e-6 start at least. Limits as in `rmsprop`.

R. W. Harris, D. M. Chabries and F. A. Bishop, "A variable step (VS) adaptive filter algorithm", IEEE Trans. Acoust.
Speech Signal Process. 34, 1986.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, n = r.w, len(r.w)
    gains, mu = np.zeros((r.T, n)), np.full(n, law.start)
    sign, same, changed = np.zeros(n), np.zeros(n, int), np.zeros(n, int)
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        wanted = mu.copy()
        for i in range(n):
            g = e * u[i]
            if g != 0:
                now = 1.0 if g > 0 else -1.0
                if sign[i] == now:
                    same[i], changed[i] = same[i] + 1, 0
                elif sign[i] == -now:
                    same[i], changed[i] = 0, changed[i] + 1
                sign[i] = now
            if same[i] >= law.agree:
                wanted[i] = mu[i] * law.factor
                same[i] = 0
            elif changed[i] >= law.disagree:
                wanted[i] = max(mu[i] / law.factor, min(mu[i], 1e-6 * law.start))
                changed[i] = 0
        mu = np.clip(np.clip(wanted, law.low, law.high), mu - law.rate_limit, mu + law.rate_limit)
        loop_gain = np.sum(mu * u * u)
        if law.saturate and loop_gain > 2.0:
            mu = mu * (2.0 / loop_gain)
        gains[k] = mu
        w = w + mu * e * u
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
