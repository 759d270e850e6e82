"""Delta-bar-delta on LMS, sample by sample: g = e u is the gradient, its sign reversed.

mu_i <- mu_i + kappa where gbar_i g_i > 0, mu_i (1 - phi) where gbar_i g_i < 0; gbar <- (1 - theta) g + theta gbar;
w <- w + mu g. Where saturation would leave the part f of the gains, they change by that part, and go on from what they
were before the cut.

R. A. Jacobs, "Increased rates of convergence through learning rate adaptation", Neural Networks 1, 1988.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated, stepped
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    own, average = np.full(len(w), law.start), np.zeros(len(w))
    mu = own
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        g = e * u
        agree, disagree = average * g > 0.0, average * g < 0.0
        wanted = stepped(law, lambda f: np.where(disagree, own * (1.0 - f * law.phi), own + f * law.kappa * agree), g, u, e)
        average = (1.0 - law.theta) * g + law.theta * average
        mu, cut = saturated(law, bounded(law, wanted, mu), g, u, e)
        own = mu / cut
        w = w + mu * g
        gains[k] = mu
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
