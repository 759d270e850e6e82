"""Mathews-Xie step on LMS: mu_k = mu_{k-1} + meta e_k e_{k-1} u_k'u_{k-1}, w_{k+1} = w_k + mu_k e_k u_k.

mu_{-1} = start; before the record e and u are zero.

V. J. Mathews and Z. Xie, "A stochastic gradient adaptive filter with gradient adaptive step size", IEEE Trans. Signal
Process. 41, 1993.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, law.start, np.zeros(r.T)
    gradient = np.zeros_like(w)
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        mu = saturated(law, limited(law, mu + law.meta * e * (u @ gradient), mu), u @ u)
        gains[k] = mu
        w = w + mu * e * u
        gradient = e * u
    return *r.answer(w), gains
