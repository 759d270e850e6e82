"""MIT rule, feedforward: u = w'phi(x), y = plant*u, e = d - y, w <- w + mu e psi with psi = reference*phi.

Normalized: the step is divided by (alpha + psi'psi). Where no d is given, d = reference*x. Plant and reference start
at rest and run on through skipped samples.

H. P. Whitaker, J. Yamron and A. Kezer, "Design of model-reference adaptive control systems for aircraft", MIT
Instrumentation Lab. R-164, 1958; K. J. Astrom and B. Wittenmark, "Adaptive Control", 2nd ed., Addison-Wesley, 1995, ch. 5.
"""

from __future__ import annotations

import numpy as np

from .lti import Lti
from .regressors import Record, per_sample


def mirror(filter, x, d, gain, forgetting, missing_x=None, missing_d=None, w0=None):
    if d is None:
        model = Lti(filter.reference)
        d = [model(v) for v in Record(filter.model, x, np.zeros(len(x)), missing_x).x[:, 0]]
    r = Record(filter.model, x, d, missing_x, missing_d, w0)
    w, mu = r.w, per_sample(gain, r.T)
    plant, reference = Lti(filter.plant), Lti(filter.reference)
    for k in range(r.T):
        phi = r.row(k)
        y = plant(np.sum(w * phi))
        psi = reference(phi)
        e = r.compare(k, y)
        if r.updates[k]:
            size = filter.alpha + psi @ psi if filter.normalized else 1.0
            w = w + mu[k] * e * psi / size
    return r.answer(w)
