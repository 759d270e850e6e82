"""Polyak's step on LMS: f = e^2/2, g = e u, mu = max(f - floor, 0) / (scale |g|^2); unchanged (0 at first) where g = 0.

B. T. Polyak, "Introduction to Optimization", 1987; N. Loizou et al., "Stochastic Polyak step-size for SGD", AISTATS, 2021.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, 0.0, np.zeros(r.T)
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        g = e * u
        slope = g @ g
        wanted = max(e * e / 2.0 - law.floor, 0.0) / (law.scale * slope) if slope > 0 else mu
        mu = saturated(law, limited(law, wanted, mu), u @ u)
        gains[k] = mu
        w = w + mu * g
    return *r.answer(w), gains
