"""Ang-Farhang step on LMS: mu_k = mu_{k-1} + meta e_k u_k'psi_k, psi_{k+1} = alpha psi_k + e_k u_k, psi_0 = 0.

After a sample that asked for a change of the loop gain mu u'u by more than 2, psi begins anew from zero.

W.-P. Ang and B. Farhang-Boroujeny, "A new class of gradient adaptive step-size LMS algorithms", IEEE Trans. Signal
Process. 49, 2001.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, law.start, np.zeros(r.T)
    psi = np.zeros_like(w)
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        change = law.meta * e * (u @ psi)
        mu = saturated(law, limited(law, mu + change, mu), u @ u)
        gains[k] = mu
        w = w + mu * e * u
        if abs(change) * (u @ u) > 2.0:
            psi = np.zeros_like(w)
        psi = law.alpha * psi + e * u
    return *r.answer(w), gains
