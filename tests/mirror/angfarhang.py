"""Ang-Farhang step on LMS: mu_k = mu_{k-1} + meta e_k u_k'psi_k, psi_{k+1} = alpha psi_k + e_k u_k, psi_0 = 0.

W.-P. Ang and B. Farhang-Boroujeny, "A new class of gradient adaptive step-size LMS algorithms", IEEE Trans. Signal
Process. 49, 2001.
"""

from __future__ import annotations

import numpy as np

from .limits import limited, saturated
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, law.start, np.zeros(r.T)
    psi = np.zeros_like(w)
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        mu = saturated(law, limited(law, mu + law.meta * e * (u @ psi), mu), u @ u)
        gains[k] = mu
        w = w + mu * e * u
        psi = law.alpha * psi + e * u
    return *r.answer(w), gains
