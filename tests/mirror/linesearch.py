"""Line search on LMS, by evaluating f(mu) = (e - mu e |u|^2)^2 / 2 along the correction itself.

exact: the minimum. armijo: from `start`, shrinking, until f(mu) <= f(0) - c1 mu |f'(0)|. wolfe (strong): from `start`,
growing by 1/shrink while the slope is still steep, then halving the bracket, until both conditions hold. On BlockLMS the
same over the block (`block`). With `saturate` the step may not carry the root mean square of the errors past itself
twice; `low`, `high` and `rate_limit` bound the gain.

J. Nocedal and S. J. Wright, Numerical Optimization, 2nd ed., 2006, algorithm 3.1, eq. (3.7).
"""

from __future__ import annotations

import numpy as np

from .regressors import Record


def search(law, e, a):
    """The gain for errors e that fall by mu a, or None where there is no slope."""
    f = lambda mu: np.mean((e - mu * a) ** 2) / 2                    # noqa: E731
    slope_at = lambda mu: -np.mean((e - mu * a) * a)                 # noqa: E731
    slope = -slope_at(0.0)
    if not (slope > 0 and np.any(a * a > 0)):
        return None
    if law.kind == "exact":
        return np.mean(e * a) / np.mean(a * a)
    mu, low, high = law.start, 0.0, None
    while True:
        enough = f(mu) <= f(0.0) - law.c1 * mu * slope
        if law.kind == "armijo":
            if enough:
                return mu
            mu = mu * law.shrink
            continue
        if enough and abs(slope_at(mu)) <= law.c2 * slope:
            return mu
        if enough and slope_at(mu) < 0:
            low = mu
        else:
            high = mu
        mu = mu / law.shrink if high is None else (low + high) / 2


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    L = getattr(filter, "block", 1)
    w, now, gains, U, E = r.w, law.start, np.zeros(r.T), [], []
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        U.append(u)
        E.append(e)
        if k % L == L - 1:
            g = np.mean(np.array(E)[:, None] * np.array(U), axis=0)
            a = np.array(U) @ g
            wanted = search(law, np.array(E), a)
            before, now = now, now if wanted is None else wanted
            now = np.clip(np.clip(now, law.low, law.high), before - law.rate_limit, before + law.rate_limit)
            step, most = now * np.sqrt(np.mean(a * a)), 2 * np.sqrt(np.mean(np.square(E)))
            if law.saturate and step > most:
                now = now * most / step
            w = w + now * g
            U, E = [], []
        gains[k] = now
    return *r.answer(w), gains
