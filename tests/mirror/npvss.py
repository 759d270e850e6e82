"""NPVSS as a gain of LMS: s_e^2 = alpha s_e^2 + (1-alpha) e^2, mu = (1 - s_v/s_e) / (eps + u'u), 0 where s_e < s_v.

s_e starts at zero; mu is unchanged (0 at first) where u or e is zero.

J. Benesty, H. Rey, L. Rey Vega and S. Tressens, "A nonparametric VSS NLMS algorithm", IEEE Signal Process. Lett. 13, 2006.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, 0.0, np.zeros(r.T)
    power = 0.0
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        power = law.alpha * power + (1.0 - law.alpha) * e * e
        wanted = mu
        if abs(e) * (u @ u) > 0:
            wanted = (1.0 - np.sqrt(law.noise / power)) / (law.eps + u @ u) if power > law.noise else 0.0
        mu = saturated(law, limited(law, wanted, mu), u @ u)
        gains[k] = mu
        w = w + mu * e * u
    return *r.answer(w), gains
