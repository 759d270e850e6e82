"""Signals and smoothing that the figures share."""

import numpy as np


def ensemble(taps, T, noise, trials, seed=0):
    """White input through an unknown response of unit power, with noise: X, D (trials, T), and the response."""
    rng = np.random.default_rng(seed)
    h = rng.standard_normal(taps)
    h /= np.linalg.norm(h)
    X = rng.standard_normal((trials, T))
    D = np.stack([np.convolve(x, h)[:T] for x in X]) + np.sqrt(noise) * rng.standard_normal((trials, T))
    return X, D, h


def power_db(E, width=9):
    """Mean square over the ensemble, smoothed over a few samples, in dB."""
    power = np.mean(E**2, axis=0)
    return 10 * np.log10(np.convolve(np.pad(power, width // 2, mode="edge"), np.ones(width) / width, mode="valid"))
