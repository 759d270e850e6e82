"""Valin-Collings learning rate in the full band, on LMS: mu = min(eta s_y / s_e, rate) / (eps + u'u).

s_y, s_e are leaky powers of y and e (memory alpha); P = alpha P + (s_new - s_old) are the same without their mean;
b = beta min(s_y/s_e, 1); R_ey = (1-b) R_ey + b P_y P_e, R_yy = (1-b) R_yy + b P_y^2, eta = R_ey / R_yy within [0, 1],
1 while R_yy = 0. For `warmup` filter lengths of samples with a gradient the numerator is `rate`. All start at zero.

J.-M. Valin, "On adjusting the learning rate in frequency domain echo cancellation with double-talk", IEEE Trans.
Audio Speech Lang. Process. 15, 2007; J.-M. Valin and I. B. Collings, ICASSP, 2007.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, 0.0, np.zeros(r.T)
    error = output = p_e = p_y = r_ey = r_yy = 0.0
    learned = 0
    for k in range(r.T):
        u = r.row(k)
        y = np.sum(w * u)
        e = r.compare(k, y)
        old_error, old_output = error, output
        error = law.alpha * error + (1.0 - law.alpha) * e * e
        output = law.alpha * output + (1.0 - law.alpha) * y * y
        p_e = law.alpha * p_e + (error - old_error)
        p_y = law.alpha * p_y + (output - old_output)
        b = law.beta * (output / error if output < error else 1.0)
        r_ey = (1.0 - b) * r_ey + b * p_y * p_e
        r_yy = (1.0 - b) * r_yy + b * p_y**2
        wanted = mu
        if abs(e) * (u @ u) > 0:
            learned += 1
            part = law.rate
            if learned > law.warmup * len(w):
                eta = np.clip(r_ey / r_yy, 0.0, 1.0) if r_yy > 0 else 1.0
                part = min(eta * output / error, law.rate)
            wanted = part / (law.eps + u @ u)
        mu = saturated(law, limited(law, wanted, mu), u @ u)
        gains[k] = mu
        w = w + mu * e * u
    return *r.answer(w), gains
