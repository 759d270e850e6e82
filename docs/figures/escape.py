"""A pit on the way to the valley: two constant gains, a decaying and a restarting schedule, under the same noise."""

import matplotlib.pyplot as plt
import numpy as np
from objectives import GAINS, START, STEPS, descent, height

import gainsched as gs

w = np.linspace(-3.8, 3.8, 1200)
fig, axes = plt.subplots(2, 4, figsize=(8.5, 4.3), height_ratios=(1.4, 1), sharex="row", sharey="row")
for (top, bottom), (name, gain) in zip(axes.T, GAINS.items(), strict=True):
    run = descent(gain).run(STEPS, gs.Record(gain=1, weights=1))
    path = np.concatenate([[START], run.weights])
    top.plot(w, height(w), "0.65", lw=1)
    top.scatter(path, height(path), c=np.arange(len(path)), cmap="viridis", s=8, zorder=3, lw=0)
    top.plot(path[-1], height(path[-1]), "o", mfc="none", mec="C3", ms=9, mew=1.3, zorder=4)
    top.set(title=f"{name} gain", ylim=(-0.6, 10.5), xlabel="w")
    bottom.axhline(1, color="0.8", lw=0.8)
    bottom.axhline(-1.87, color="0.8", lw=0.8)
    bottom.plot(path, color="C0", lw=0.8)
    bottom.set(xlabel="step", ylim=(-4.2, 3.9))
    twin = bottom.twinx()
    twin.fill_between(np.arange(run.n), run.gain, color="C1", alpha=0.25, lw=0)
    twin.set(ylim=(0, 1.6), yticks=[])
axes[0, 0].set_ylabel("objective")
axes[1, 0].set_ylabel("w, and the gain (shaded)")
