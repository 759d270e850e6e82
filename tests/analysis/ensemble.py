"""An independent writing of the loops for Monte Carlo: independent Gaussian regressors, trials along axis 0."""

from __future__ import annotations

import numpy as np


def emse(lam, gains, trials, rng, *, noise, start, eps=None, delay=0, drift=0.0):
    """Mean of w~' diag(lam) w~ before every sample, under LMS (eps None) or NLMS with gains[k], delay samples late."""
    n = len(lam)
    error = np.broadcast_to(start, (trials, n)).copy()
    waiting, out = [], np.empty(len(gains))
    for k, mu in enumerate(gains):
        out[k] = np.mean(error**2 @ lam)
        u = np.sqrt(lam) * rng.standard_normal((trials, n))
        e = np.sum(error * u, axis=1) + np.sqrt(noise) * rng.standard_normal(trials)
        scale = e if eps is None else e / (eps + np.sum(u * u, axis=1))
        waiting.append(scale[:, None] * u)
        if len(waiting) > delay:
            error = error - mu * waiting.pop(0)
        if drift:
            error = error + np.sqrt(drift) * rng.standard_normal((trials, n))
    return out


def decibel(ratio):
    return 10 * np.log10(ratio)
