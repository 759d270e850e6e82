"""What the methods and signs make of one schedule."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

s, t = gs.Cosine(1.0, 0.1, 300), gs.Step(0.8, 0.5, 150)
SHOWN = {
    "s = Cosine(1, .1, 300)": s, "t = Step(.8, .5, 150)": t, "0.5 * s": 0.5 * s, "s * t": s * t, "s + t": s + t,
    "s.warmup(100)": s.warmup(100), "s.then(t, at=250)": s.then(t, at=250), "s.shift(100)": s.shift(100),
    "s.clip(.3, .8)": s.clip(0.3, 0.8), "s.hold(50)": s.hold(50), "s.repeat(200)": s.repeat(200),
    "s.noisy(.05, seed=1)": s.noisy(0.05, seed=1),
}
k = np.arange(600)

fig, axes = plt.subplots(3, 4, figsize=(9, 5), sharex=True, sharey=True)
for ax, (name, schedule) in zip(axes.flat, SHOWN.items(), strict=True):
    ax.plot(k, s(k), "0.8", lw=1)
    ax.plot(k, schedule(k), "C0", lw=1.4)
    ax.set_title(name, fontsize=8, loc="left", family="monospace")
    ax.set_ylim(0, 2)
    ax.tick_params(labelsize=7)
