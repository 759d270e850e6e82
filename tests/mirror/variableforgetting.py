"""Paleologu, Benesty and Ciochina's forgetting on RLS:

    sigma_e^2 <- a sigma_e^2 + (1 - a) e^2,    sigma_q^2 <- a sigma_q^2 + (1 - a) q^2,    a = 1 - 1 / (window N)
    sigma_v^2 <- b sigma_v^2 + (1 - b) e^2,    b = 1 - 1 / (noise_window N),              q = u'P u
    f = sigma_q sigma_v / (eps + |sigma_e - sigma_v|), or the largest allowed while sigma_e <= margin sigma_v

C. Paleologu, J. Benesty, S. Ciochina, "A robust variable forgetting factor recursive least-squares algorithm for system
identification", IEEE Signal Process. Lett. 15, 2008.
"""

from __future__ import annotations

import numpy as np

from .memory import adapt, exponential, limited


def mirror(law, filter, x, d):
    e2 = q2 = v2 = 0.0
    before = law.start

    def sample(u, e, P, largest):
        nonlocal e2, q2, v2, before
        a, b = 1.0 - 1.0 / (law.window * len(u)), 1.0 - 1.0 / (law.noise_window * len(u))
        e2 = a * e2 + (1.0 - a) * e**2
        q2 = a * q2 + (1.0 - a) * (u @ P @ u) ** 2
        v2 = b * v2 + (1.0 - b) * e**2
        sigma_e, sigma_q, sigma_v = np.sqrt(e2), np.sqrt(q2), np.sqrt(v2)
        calm = sigma_e <= law.margin * sigma_v
        wanted = 1.0 if calm else sigma_q * sigma_v / (law.eps + np.abs(sigma_e - sigma_v))
        f = before = limited(law, wanted, before)
        return *exponential(filter, u, P, f, largest), f

    return adapt(filter, x, d, sample)
