"""DoG on LMS: mu_k = max(r_0, max_{j<=k} |w_j - w_0|) / sqrt(sum_{j<=k} |g_j|^2), g = e u, r_0 = distance (1 + |w_0|).

Until the first gradient that is not zero the gain is 0.

M. Ivgi, O. Hinder and Y. Carmon, "DoG is SGD's best friend", ICML, 2023.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, 0.0, np.zeros(r.T)
    origin, power = w.copy(), 0.0
    distance = law.distance * (1.0 + np.linalg.norm(w))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        g = e * u
        power = power + g @ g
        distance = max(distance, np.sqrt(np.sum((w - origin) ** 2)))
        wanted = distance / np.sqrt(power) if power > 0 else mu
        mu = saturated(law, limited(law, wanted, mu), u @ u)
        gains[k] = mu
        w = w + mu * g
    return *r.answer(w), gains
