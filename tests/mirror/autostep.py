"""Autostep on LMS.

v_i <- max(|e u_i h_i|, v_i + (1/tau) a_i u_i^2 (|e u_i h_i| - v_i)); a_i <- a_i exp(meta e u_i h_i / v_i) where v_i is
not 0; M = max(sum_i a_i u_i^2, 1); a <- a / M; w <- w + a e u; h_i <- h_i (1 - a_i u_i^2) + a_i e u_i.

A. R. Mahmood, R. S. Sutton, T. Degris, P. M. Pilarski, "Tuning-free step-size adaptation", ICASSP 2012.
"""

from __future__ import annotations

import numpy as np

from .limits import bounded, saturated
from .regressors import Record


def mirror(law, filter, x, d):
    r = Record(filter.model, x, d)
    w, gains = r.w, np.zeros((r.T, len(r.w)))
    a, v, h = np.full(len(w), law.start), np.zeros(len(w)), np.zeros(len(w))
    for k in range(r.T):
        u = r.row(k)
        e = r.compare(k, np.sum(w * u))
        drive = e * u * h
        v = np.maximum(np.abs(drive), v + a * u**2 * (np.abs(drive) - v) / law.tau)
        wanted = a * np.exp(law.meta * np.divide(drive, v, out=np.zeros_like(drive), where=v > 0))
        wanted = wanted / max(np.sum(wanted * u**2), 1.0)
        a, _ = saturated(law, bounded(law, wanted, a), e * u, u, e)
        w = w + a * e * u
        h = h * np.clip(1.0 - a * u**2, 0.0, 1.0) + a * e * u     # the bracket leaves [0, 1] only where `low` holds a up
        gains[k] = a
    y, e, w = r.answer(w)
    return y, e, w, gains.reshape(r.T, *w.shape)
