"""A descent that starts too sharp for its gain leaves for where 2/sharpness exceeds the gain, and stays below it."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs


def gradient(w):
    return (w[0] * w[1] - 1.0) * w[::-1]                        # of (ab - 1)^2 / 2


def sharpness(w):
    a, b = w
    return np.linalg.eigvalsh([[b * b, 2 * a * b - 1], [2 * a * b - 1, a * a]])[-1]


fig, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.2))
for gain, color in ((0.1, "C0"), (0.2, "C1"), (0.4, "C2")):
    run = gs.Descent(gradient, [4.0, 0.3], gain=gain, on_divergence="stop").run(60, gs.Record(weights=1))
    left.plot([sharpness(w) for w in run.weights], ".-", ms=3, lw=0.8, color=color, label=f"gain {gain}")
    left.axhline(2 / gain, color=color, lw=0.8, ls=":")
left.set(xlabel="step", ylabel="sharpness (largest curvature)", ylim=(0, 21))
left.legend(fontsize=7, title="dotted: 2/gain", title_fontsize=7)

gains = np.linspace(0.05, 0.6, 56)
for start, mark in (([4.0, 0.3], "."), ([5.0, 0.1], "x"), ([2.5, 0.0], "+")):
    ends = [gs.Descent(gradient, start, gain=g, on_divergence="stop").run(4000) for g in gains]
    right.plot(gains, [sharpness(r.w) if str(r.status) == "done" else np.nan for r in ends], mark, ms=4,
               label=f"from {start}")
right.plot(gains, 2 / gains, "k", lw=0.8, label="2/gain")
right.set(xlabel="gain", ylabel="sharpness after 4000 steps", ylim=(0, 21))
right.legend(fontsize=7)
