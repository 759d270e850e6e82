"""Directional forgetting, in terms of the information matrix R = P^-1: R <- R + epsilon u u',

    K = P u / (1 + xi),    xi = u'P u,    epsilon = f - (1 - f) / xi,    P <- P - epsilon P u u'P / (1 + epsilon xi)

Where RLS's windup guard would act (|u|^2 <= 1e-10 of its largest; trace P beyond 1e9 of its first) epsilon is 1.

R. Kulhavy, "Restricted exponential forgetting in real-time identification", Automatica 23, 1987.
R. Kulhavy, M. B. Zarrop, "On a general concept of forgetting", Int. J. Control 58, 1993.
"""

from __future__ import annotations

import numpy as np

from .memory import adapt, limited, wound_up


def mirror(law, filter, x, d):
    f = law.forgetting

    def sample(u, e, P, largest):
        nonlocal f
        f = limited(law, law.forgetting, f)
        Pu, xi = P @ u, u @ P @ u
        K = Pu / (1.0 + xi)
        if xi <= 0.0:
            return K, P, f
        epsilon = f - (1.0 - f) / xi
        forgotten = P - epsilon / (1.0 + epsilon * xi) * np.outer(Pu, Pu)
        if wound_up(filter, u, forgotten, largest):
            return K, P - np.outer(Pu, Pu) / (1.0 + xi), f
        return K, forgotten, f

    return adapt(filter, x, d, sample)
