"""Stochastic meta-descent on LMS; the Hessian of the sample's own quadratic is u u'.

p <- p max(1/2, 1 + meta e u t), at most e^2 times; w <- w + p e u; t <- lambda t + p (e u - lambda u (u't)). Where
saturation would leave the part f of the gains, p changes by that part, and own is what p was before the cut.

N. N. Schraudolph, "Local gain adaptation in stochastic gradient descent", ICANN 1999.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated, stepped
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    own, t = np.full(len(w), law.start), np.zeros(len(w))
    p = own
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        step = np.clip(law.meta * e * u * t, -0.5, np.exp(2.0) - 1.0)
        wanted = stepped(law, lambda part: own * (1.0 + part * step), e * u, u, e)
        p, cut = saturated(law, bounded(law, wanted, p), e * u, u, e)
        w = w + p * e * u
        hessian = u * np.sum(u * t) if e != 0.0 else 0.0
        t = law.decay * t + p * (e * u - law.decay * hessian)
        own = p / cut
        gains[k] = p
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
