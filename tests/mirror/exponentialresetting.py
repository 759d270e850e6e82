"""Exponential forgetting and resetting (EFRA):

    K = alpha P u / (1 + u'P u),    P <- P / f - alpha P u u'P / (1 + u'P u) + beta I - delta P P

A P whose largest row sum of magnitudes exceeds (1/f - alpha) / (2 delta) is first scaled down to that.

M. E. Salgado, G. C. Goodwin, R. H. Middleton, "Modified least squares algorithm incorporating exponential resetting and
forgetting", Int. J. Control 47, 1988.
"""

from __future__ import annotations

import numpy as np

from .memory import adapt, limited


def mirror(law, filter, x, d):
    f = law.forgetting

    def sample(u, e, P, largest):
        nonlocal f
        f = limited(law, law.forgetting, f)
        norm, bound = np.abs(P).sum(axis=1).max(), (1.0 / f - law.alpha) / (2.0 * law.delta)
        if norm > bound:
            P = P * (bound / norm)
        K = law.alpha * P @ u / (1.0 + u @ P @ u)
        P = P / f - np.outer(K, P @ u) + law.beta * np.eye(len(P)) - law.delta * P @ P
        return K, P, f

    return adapt(filter, x, d, sample)
