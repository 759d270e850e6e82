"""Kwong-Johnston variable step on LMS: mu_{k+1} = clip(alpha mu_k + gamma e_k^2, low, high), mu_0 = start.

w_{k+1} uses mu_k. With `saturate` the gain used is min(mu_k, 2/|u_k|^2), and that value is the one carried on, so
that the law does not wind up behind its saturation. The law moves the gain by no more than `rate_limit` per sample;
only the saturation may lower it faster.

R. H. Kwong and E. W. Johnston, "A variable step size LMS algorithm", IEEE Trans. Signal Process. 40, 1992.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, law.start, np.zeros(r.T)
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        power = u @ u
        if law.saturate and mu * power > 2.0:
            mu = 2.0 / power
        gains[k] = mu
        w = w + mu * e * u
        wanted = np.clip(law.alpha * mu + law.gamma * e * e, mu - law.rate_limit, mu + law.rate_limit)
        mu = np.clip(wanted, law.low, law.high)
    return *r.answer(w), gains
