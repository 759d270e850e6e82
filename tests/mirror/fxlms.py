"""Filtered-x LMS: y = w'u is the control signal, e = d - s*y what the sensor hears, w <- w + mu e (s_hat*u).

The secondary path s and its estimate s_hat start at rest and run on through skipped samples.

B. Widrow, D. Shur and S. Shaffer, "On adaptive inverse control", Proc. 15th Asilomar Conf., 1981; J. C. Burgess,
"Active adaptive sound control in a duct: a computer simulation", J. Acoust. Soc. Am. 70, 1981.
"""

from __future__ import annotations

import numpy as np

from .lti import Lti
from .regressors import Record, per_sample


def mirror(filter, x, d, gain, forgetting, missing_x=None, missing_d=None, w0=None):
    r = Record(filter.model, x, d, missing_x, missing_d, w0)
    w, mu = r.w, per_sample(gain, r.T)
    path = Lti(filter.secondary)
    heard_as = Lti(filter.secondary if filter.estimate is None else filter.estimate)
    for k in range(r.T):
        u = r.row(k)
        y = np.sum(w * u)
        v = heard_as(u)
        e = r.compare(k, y, heard=path(y))
        if r.updates[k]:
            w = w + mu[k] * e * v
    return r.answer(w)
