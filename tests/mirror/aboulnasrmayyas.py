"""Aboulnasr-Mayyas variable step on LMS: p_k = beta p_{k-1} + (1-beta) e_k e_{k-1}, mu_{k+1} = alpha mu_k + gamma p_k^2.

mu_0 = start, p and e are zero before the record, w_{k+1} uses mu_k. Limits and saturation as in `kwongjohnston`.

T. Aboulnasr and K. Mayyas, "A robust variable step-size LMS-type algorithm", IEEE Trans. Signal Process. 45, 1997.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, law.start, np.zeros(r.T)
    wanted, p, before = law.start, 0.0, 0.0
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        mu = saturated(law, limited(law, wanted, mu), u @ u)
        gains[k] = mu
        w = w + mu * e * u
        p = law.beta * p + (1.0 - law.beta) * e * before
        before = e
        wanted = law.alpha * mu + law.gamma * p * p
    return *r.answer(w), gains
