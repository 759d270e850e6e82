"""Reduce on plateau, on LMS. Every `window` samples (those with e = 0 left out) m is the mean of e^2. If
m < best - threshold |best|, or there is no best yet, best = m and the count of bad readings is 0; else it grows by one.
During a cooldown, which each reading shortens by one, the count is 0. At the patience-th bad reading the gain wanted is
multiplied by `factor`, the count is 0 and the cooldown begins. The gain wanted is first lowered to the largest gain that was
in force since the last reading.

The rule of torch.optim.lr_scheduler.ReduceLROnPlateau (which acts one reading later) and of keras' (same reading).
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, law.start, np.zeros(r.T)
    wanted, largest, readings, best, bad, wait = law.start, 0.0, [], None, 0, 0
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        if e != 0:
            largest = max(largest, mu)
            readings.append(e * e)
        if len(readings) == law.window:
            m, readings = sum(readings) / law.window, []
            wanted, largest = min(wanted, largest), 0.0
            if best is None or m < best - law.threshold * abs(best):
                best, bad = m, 0
            else:
                bad += 1
            if wait > 0:
                wait, bad = wait - 1, 0
            if bad >= law.patience:
                wanted, bad, wait = wanted * law.factor, 0, law.cooldown
        mu = saturated(law, limited(law, wanted, mu), u @ u)
        gains[k] = mu
        w = w + mu * e * u
    return *r.answer(w), gains
