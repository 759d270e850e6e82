"""SGD-BB on LMS. Within a window of m = every samples gbar = beta e u + (1-beta) gbar, from zero. At its end, with
s = w - w of the last window's end and c = gbar of the last window - gbar: mu = |s'c| / (m c'c) (short) or
s's / (m |s'c|) (long), within exp(-2) and exp(2) of the gain in force. Two windows must be over first.

C. Tan, S. Ma, Y.-H. Dai and Y. Qian, "Barzilai-Borwein step size for stochastic gradient descent", NIPS, 2016.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record
from .scalarlimits import limited, saturated


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, mu, gains = r.w, law.start, np.zeros(r.T)
    mean, last = np.zeros_like(w), None
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        wanted = mu
        if k > 0 and k % law.every == 0:
            if last is not None:
                s, c = w - last[0], last[1] - mean
                if s @ s > 0 and c @ c > 0 and abs(s @ c) > 0:
                    gain = abs(s @ c) / (c @ c) if law.form == "short" else (s @ s) / abs(s @ c)
                    wanted = np.clip(gain / law.every, mu * np.exp(-2.0), mu * np.exp(2.0))
            last = w.copy(), mean
            mean = np.zeros_like(w)
        mu = saturated(law, limited(law, wanted, mu), u @ u)
        gains[k] = mu
        w = w + mu * e * u
        mean = law.beta * e * u + (1.0 - law.beta) * mean
    return *r.answer(w), gains
