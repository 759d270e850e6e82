"""What the mirrors of forgetting laws share: least squares with a factor per sample, and the limits on the factor."""

from __future__ import annotations

import numpy as np

from .regressors import Record

SILENT, WOUND_UP, ROUNDING = 1e-10, 1e9, 1e-14


def limited(law, wanted, before):
    """The factor that a law wants, within its limits and its rate."""
    return np.clip(np.clip(wanted, law.low, law.high), before - law.rate_limit, before + law.rate_limit)


def adapt(filter, x, d, sample):
    """w <- w + K e with K, P, f = sample(k, u, e, P, largest |u|^2 so far); (y, e, w, factors)."""
    r = Record(filter.model, x, d)
    w, factors = r.w, np.zeros(r.T)
    P, largest = filter.delta * np.eye(len(w), dtype=w.dtype), 0.0
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        largest = max(largest, u @ u)
        K, P, factors[k] = sample(u, e, P, largest)
        P = (P + P.T) / 2.0
        w = w + K * e
    return *r.answer(w), factors


def wound_up(filter, u, P, largest):
    """Whether nothing may be forgotten: no input to speak of, or P beyond its bound."""
    return u @ u <= SILENT * largest or np.trace(P) > WOUND_UP * len(P) * filter.delta


def exponential(filter, u, P, f, largest):
    """(K, P) of exponential forgetting, with the windup guard of RLS."""
    K = P @ u / (f + u @ P @ u)
    left = P - np.outer(K, u @ P)
    if not wound_up(filter, u, left / f, largest):
        return K, left / f
    return K, P if u @ P @ u <= ROUNDING * (u @ u) * np.trace(P) else left
