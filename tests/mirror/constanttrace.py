"""Constant-trace least squares:

    K = P u / (f + u'P u),    Q = P - K u'P,    P <- c1 Q / tr Q + c2 I

with c1 + N c2 = T, c2 = ratio T / N. T = N level, reached from above: max(N level, min(tr P, tr Q / f)).

K. J. Astrom, B. Wittenmark, "Adaptive Control", 2nd ed., 1995, section 11.5.
G. C. Goodwin, K. S. Sin, "Adaptive Filtering, Prediction and Control", 1984.
"""

from __future__ import annotations

import numpy as np

from .memory import adapt, limited


def mirror(law, filter, x, d):
    f = law.forgetting

    def sample(u, e, P, largest):
        nonlocal f
        f = limited(law, law.forgetting, f)
        K = P @ u / (f + u @ P @ u)
        Q = P - np.outer(K, u @ P)
        n = len(P)
        T = max(n * law.level, min(np.trace(P), np.trace(Q) / f))
        P = (1.0 - law.ratio) * T / np.trace(Q) * Q + law.ratio * T / n * np.eye(n)
        return K, P, f

    return adapt(filter, x, d, sample)
