"""Limited-memory online BFGS on LMS: B is built anew at every sample, BFGS updates of gamma I by the pairs kept, oldest
first; gamma is the mean of s'y / y'y over them, and scaling / ((1 + damping) u'u) of the first sample before there are any.

The gain of every weight is that along the gradient, rate g'Bg / g'g; limits act on it and scale the matrix.

N. N. Schraudolph, J. Yu, S. Guenter, "A stochastic quasi-Newton method for online convex optimization", AISTATS 2007.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .secant import applied, bfgs, pair


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, n = r.w, len(r.w)
    pairs, first, before, gains = [], None, 0.0, np.zeros((r.T, n))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        if first is None and e != 0.0 and u @ u > 0.0:
            first = law.scaling / ((1.0 + law.damping) * (u @ u))
        if first is None:
            continue
        gamma = sum((s @ y) / (y @ y) for s, y in pairs) / len(pairs) if pairs else first
        B = gamma * np.eye(n)
        for s, y in pairs:
            B = bfgs(B, s, y)
        along = (u @ B @ u) / (u @ u) * np.ones(n)
        G, diagonal = applied(law, law.rate * B, law.rate * along, u, before)
        before, gains[k] = diagonal.max(), diagonal
        s = G @ u * e
        w = w + s
        if s @ s > 0.0:
            pairs = [*pairs, (s, pair(u, s, law.damping))][-law.memory:]
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
