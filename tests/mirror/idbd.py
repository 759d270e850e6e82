"""IDBD on LMS. beta is never stored: own = exp(beta), and a step of beta multiplies it.

beta_i <- beta_i + meta e u_i h_i (a step within 2), mu_i = exp(beta_i), w_i <- w_i + mu_i e u_i,
h_i <- h_i [1 - mu_i u_i^2]^+ + mu_i e u_i. Where saturation would leave the part f of the
gains, beta takes that part of its step, and own is what mu was before the cut.

R. S. Sutton, "Adapting bias by gradient descent: an incremental version of delta-bar-delta", AAAI 1992.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated, stepped
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    own, h = np.full(len(w), law.start), np.zeros(len(w))
    mu = own
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        step = np.clip(law.meta * e * u * h, -2.0, 2.0)
        wanted = stepped(law, lambda part: own * np.exp(part * step), e * u, u, e)
        mu, cut = saturated(law, bounded(law, wanted, mu), e * u, u, e)
        w = w + mu * e * u
        h = h * np.maximum(1.0 - mu * u * u, 0.0) + mu * e * u
        own = mu / cut
        gains[k] = mu
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
