"""Any filter's or law's mirror with a compensator: the correction is what the mirror would have moved w by.

A plain run over the record, one sample at a time, of four corrections written out here: LMS, NLMS, leaky LMS, RLS.
The compensator is handed as `step(state, w, Delta, mu, beta, k) -> w`; its mirrors are written so.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record, per_sample


def run(step, state, filter, x, d, gain, betas, forgetting=None, missing_x=None, missing_d=None, w0=None):
    """(y, e, w, state) with Delta_k = mu_k c_k v_k of the filter, w_{k+1} = step(...)."""
    r = Record(filter.model, x, d, missing_x, missing_d, w0)
    w, mu, kind = r.w, per_sample(gain, r.T), type(filter).__name__
    state = state(w)
    P = getattr(filter, "delta", 1.0) * np.eye(len(w), dtype=np.asarray(gain).dtype)
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        if not r.updates[k]:
            continue
        if kind == "RLS":
            f = forgetting[k]
            K = P @ u / (f + u @ P @ u)
            P = (P - np.outer(K, u @ P)) / f
            P = (P + P.T) / 2
            Delta = mu[k] * K * e
        elif kind == "NLMS":
            Delta = mu[k] * e * np.conj(u) / (filter.eps + np.sum(np.abs(u) ** 2))
        else:
            Delta = mu[k] * (e * np.conj(u) - getattr(filter, "leak", 0.0) * w)
        w = step(state, w, Delta, mu[k], betas[k], k)
    return *r.answer(w), state
