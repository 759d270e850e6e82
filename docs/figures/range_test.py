"""The range test of LMS on a white record: exponent against gain, and where theory's bound lies."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

rng = np.random.default_rng(0)
x = rng.standard_normal(30_000)
d = np.convolve(x, [1.0, 0.5])[: len(x)] + 0.1 * rng.standard_normal(len(x))
loop = gs.Loop(gs.LMS(8), gain=0.02)

fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
gs.range_test(loop, x, d).plot(ax=ax)
ax.axvline(gs.analyze(loop, gs.Excitation(1.0)).range[1], color="C2", ls="-.", label="mean-square bound")
ax.legend(fontsize=7)
