"""Relay on LMS: every `dwell` samples a reading m; the gain wanted times factor if m > band, over factor if m < -band.

correlation: m is the mean of cos(g_k, g_{k-1}), g = e u, 0 where one is zero. power: m = ln(long/short), short the mean of
e^2, long = the first reading, then long + (short - long)/4 after each. The gain wanted is first lowered to the largest
gain that was in force since the last reading, the one before the window's first sample included.

After Y. Z. Tsypkin, "Relay Control Systems", 1984.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, law.start, np.zeros(r.T)
    wanted, largest, total, long = law.start, 0.0, 0.0, 0.0
    before = np.zeros_like(w)
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        g = e * u
        largest = max(largest, mu)
        if law.measure == "correlation":
            norms = np.sqrt(g @ g) * np.sqrt(before @ before)
            total += g @ before / norms if norms > 0 else 0.0
        else:
            total += e * e
        if (k + 1) % law.dwell == 0:
            wanted, m = min(wanted, largest), total / law.dwell
            largest = total = 0.0
            if law.measure == "power":
                short = m
                long = short if long == 0.0 else long
                m = np.log(long / short) if long > 0 and short > 0 else 0.0
                long += (short - long) / 4
            if m > law.band:
                wanted = wanted * law.factor
            elif m < -law.band:
                wanted = wanted / law.factor
        mu = saturated(law, limited(law, wanted, mu), u @ u)
        gains[k] = mu
        w = w + mu * g
        before = g
    return *r.answer(w), gains
