"""Every schedule over 1000 samples."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

SHOWN = [
    gs.Constant(0.5), gs.InverseTime(1, 1, every=100), gs.TimeBased(1, 2e-5), gs.InversePower(1, 0.5, offset=20),
    gs.InverseSqrt(1, warmup=100), gs.Step(1, 0.5, every=200), gs.Exponential(1, 0.5, every=150, floor=0.1),
    gs.PiecewiseConstant([300, 600], [1, 0.4, 0.1]), gs.PiecewiseLinear([0, 200, 1000], [0, 1, 0.2]),
    gs.PiecewiseCosine([0, 200, 1000], [0, 1, 0.2]), gs.Polynomial(1, 0, 900, power=2), gs.Cosine(1, 0.1, 900),
    gs.Tanh(1, 0, 1000), gs.CosineRestarts(1, 0, 140, factor=2, decay=0.8), gs.Cyclic(0.1, 1, 125, "triangular2"),
    gs.OneCycle(1, 1000), gs.WarmupStableDecay(1, 100, 600, 300, "sqrt"), gs.Chebyshev(0.05, 1, 16), gs.Silver(1.0),
    gs.Warmup(400), gs.Function(lambda k: 0.5 + 0.5 * np.cos(k / 60) * np.exp(-k / 400)),
]

fig, axes = plt.subplots(7, 3, figsize=(9, 10.5), sharex=True)
for ax, schedule in zip(axes.flat, SHOWN, strict=True):
    few = isinstance(schedule, gs.Chebyshev | gs.Silver)               # single samples matter: the first 64
    k = np.arange(64) if few else np.arange(1000)
    ax.plot(k * (1000 / len(k)), schedule(k), "C0.-" if few else "C0", lw=0.6 if few else 1.4, ms=3)
    ax.set_title(type(schedule).__name__ + (" (64 samples)" if few else ""), fontsize=8, loc="left")
    ax.set_ylim(bottom=0)
    ax.set_xticks([])
    ax.tick_params(labelsize=7)
