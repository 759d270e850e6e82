"""FxLMS behind a path: largest squared error of ten records over the gain, the mean bound, the rule of thumb."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.signal import lfilter

import gainsched as gs

PATH, TAPS, T, RECORDS = [0.0, 0.0, 0.5, 1.0, 0.3], 8, 20_000, 10
PARTS = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.8])

rng = np.random.default_rng(0)
X = rng.standard_normal((RECORDS, T))
D = lfilter(np.convolve(rng.standard_normal(TAPS), PATH), 1, X, axis=1) + 0.01 * rng.standard_normal((RECORDS, T))
filter = gs.FxLMS(TAPS, secondary=PATH)
bound = gs.analyze(gs.Loop(filter, gain=1e-3), gs.Excitation(1.0)).bounds["mean"].value
thumb = 1 / (np.sum(np.square(PATH)) * (TAPS + 3))
peaks, bursts = [], []
for part in PARTS:
    loop = gs.Loop(filter, gain=part * bound, on_divergence="stop", limit=1e100)
    peaks.append([np.max(run.e[min(T // 2, run.n - 1):] ** 2) for run in loop.run_many(X, D, workers=1)])
    bursts.append(gs.analyze(loop, x=X[0], d=D[0]).measured.burst)
peaks = np.minimum(peaks, 1e12)

fig, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained", sharex=True)
axes[0].semilogy(PARTS * bound, peaks, "C0.", ms=4, alpha=0.6)
axes[0].semilogy(PARTS * bound, np.median(peaks, axis=1), "C0", label="median of ten records")
axes[0].set(xlabel="gain", ylabel="largest squared error", ylim=(1e-5, 1e13))
axes[1].semilogy(PARTS * bound, np.minimum(bursts, 1e12), "C3", marker="o", ms=3, label="burst gain, first record")
axes[1].set(xlabel="gain", ylabel="largest growth of a weight error", ylim=(0.5, 1e13))
for ax in axes:
    ax.axvline(bound, color="k", lw=0.8, label="mean bound")
    ax.axvline(thumb, color="k", lw=0.8, ls=":", label="rule of thumb")
    ax.legend(fontsize=7, loc="upper left")
