"""Online BFGS on LMS: g = e u, s = rate B g, w <- w + s, y = (u u' + damping u'u I) s,

    B <- BFGS(B, s, y) + reset I / ((1 + damping) u'u)


B_0 = scaling I / ((1 + damping) u'u) at the first sample with an error. With `saturate` the matrix is scaled so that
rate u'Bu <= 1. The limits act on the largest diagonal element of rate B; the step s is the one that was taken.

N. N. Schraudolph, J. Yu, S. Guenter, "A stochastic quasi-Newton method for online convex optimization", AISTATS 2007.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .secant import applied, bfgs, pair


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, n = r.w, len(r.w)
    B, before, gains = None, 0.0, np.zeros((r.T, n))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        if B is None and e != 0.0 and u @ u > 0.0:
            B = law.scaling / ((1.0 + law.damping) * (u @ u)) * np.eye(n)
        if B is not None:
            G, diagonal = applied(law, law.rate * B, law.rate * B.diagonal(), u, before)
            before, gains[k] = diagonal.max(), diagonal
            s = G @ u * e
            w = w + s
            if s @ s > 0.0:
                B = bfgs(B, s, pair(u, s, law.damping))
                B = (B + B.T) / 2.0 + law.reset / ((1.0 + law.damping) * (u @ u)) * np.eye(n)
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
