"""What the quasi-Newton mirrors share: the pair of a step, and the BFGS update in its textbook form.

Moving LMS's weights by s changes the gradient -e u of the same sample by u u's; lambda = damping u'u is added to every
direction's curvature.
"""

from __future__ import annotations

import numpy as np


def pair(u, s, damping):
    """y of a step s at a sample with regressor u."""
    return u * (u @ s) + damping * (u @ u) * s


def bfgs(B, s, y):
    """B <- (I - rho s y') B (I - rho y s') + rho s s', rho = 1 / s'y."""
    rho = 1.0 / (s @ y)
    V = np.eye(len(s)) - rho * np.outer(s, y)
    return V @ B @ V.T + rho * np.outer(s, s)


def applied(law, G, diagonal, u, before):
    """(gain matrix, its diagonal) after overshoot bound, limits on the largest element, and saturation at 2."""
    if law.saturate and u @ G @ u > 1.0:
        a = 1.0 / (u @ G @ u)
        G, diagonal = a * G, a * diagonal
    largest = diagonal.max()
    allowed = np.clip(np.clip(largest, law.low, law.high), before - law.rate_limit, before + law.rate_limit)
    a = allowed / largest if largest > 0.0 else 1.0
    G, diagonal = a * G, a * diagonal
    if law.saturate and u @ G @ u > 2.0:
        a = 2.0 / (u @ G @ u)
        G, diagonal = a * G, a * diagonal
    return G, diagonal
