"""Too small, right, too large: the same filter at three gains, measured and predicted."""

import matplotlib.pyplot as plt
import numpy as np
from common import ensemble, power_db

import gainsched as gs

TAPS, T, NOISE = 16, 2500, 1e-2
X, D, h = ensemble(TAPS, T, NOISE, trials=60)
exc = gs.Excitation(1.0, noise=NOISE)
bound = gs.analyze(gs.Loop(gs.LMS(TAPS), gain=0.01), exc).range[1]

fig, axes = plt.subplots(1, 3, figsize=(8.5, 2.8), sharey=True)
for ax, title, part in zip(axes, ("too small", "right", "too large"), (0.02, 0.2, 0.7), strict=True):
    loop = gs.Loop(gs.LMS(TAPS), gain=part * bound)
    runs = loop.run_many(X, D, workers=1)
    report = gs.analyze(loop, exc)
    ax.plot(power_db(np.array([run.e for run in runs])), lw=0.6, color="0.6", label="measured")
    ax.plot(10 * np.log10(report.learning_curve(T, w_opt=h)), "C3", lw=1.2, label="predicted")
    ax.axhline(10 * np.log10(NOISE), color="k", lw=0.7, ls=":")
    ax.set(title=rf"{title}: $\mu$ = {loop.gain(0):.4f}", xlabel="sample")
    ax.text(0.97, 0.9, f"misadjustment {100 * report.misadjustment:.3g} %\nbound / gain {1 / part:.3g}", fontsize=7.5,
            transform=ax.transAxes, ha="right", va="top")
axes[0].set_ylabel("squared error, dB")
axes[0].legend(loc="lower left", fontsize=7.5)
