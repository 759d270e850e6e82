"""The independence bound on a real delay line: noise amplification over theory, white and colored."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.linalg import toeplitz
from scipy.signal import lfilter

import gainsched as gs

TAPS, T, RECORDS = 8, 20_000, 12
PARTS = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5])

fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for color, a in zip(("0.4", "C0", "C3"), (0.0, 0.7, 0.9), strict=True):
    rng = np.random.default_rng(1)
    exc = gs.Excitation(toeplitz(a ** np.arange(TAPS)))
    bound = gs.analyze(gs.Loop(gs.LMS(TAPS), gain=1e-3), exc).range[1]
    X = lfilter([np.sqrt(1 - a * a)], [1, -a], rng.standard_normal((RECORDS, T + 1000)))[:, 1000:]
    V = rng.standard_normal((RECORDS, T))                 # noise alone: the optimal weights are zero
    ratios = []
    for part in PARTS:
        loop = gs.Loop(gs.LMS(TAPS), gain=part * bound)
        runs = loop.run_many(X, V, workers=1)
        ratios.append(sorted(np.mean(run.y**2) / gs.analyze(loop, exc).emse if run.status == "done" else np.inf
                             for run in runs))
    ratios = np.array(ratios)
    name = "white" if a == 0 else f"autoregression {a:g}"
    ax.semilogy(PARTS, np.median(ratios, axis=1), color=color, marker="o", ms=3, label=f"{name}, median")
    ax.semilogy(PARTS, ratios[:, -1], color=color, ls=":", lw=1.2, label=f"{name}, worst")
ax.axhline(1.0, color="k", lw=0.7)
ax.set(xlabel="gain / independence bound", ylabel="excess error power / predicted", ylim=(0.5, 1e6))
ax.legend(fontsize=7, loc="upper left")
