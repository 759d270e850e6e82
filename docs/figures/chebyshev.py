"""The same 64 steps in two orders: where rounding and noise that enter on the way are amplified to."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

STEPS, CONDITION = 64, 1000.0
gains = gs.Chebyshev(1 / CONDITION, 1.0, STEPS)(np.arange(STEPS))
modes = np.geomspace(1 / CONDITION, 1.0, 2000)

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
for order, color, name in ((np.sort(gains), "C3", "by size"), (gains, "C0", "as gs.Chebyshev has them")):
    left.semilogy(order, color + ".-", lw=0.6, ms=4, label=name)
    factors = np.log10(np.abs(1.0 - np.outer(order, modes)) + 1e-300)
    rest = np.cumsum(factors[::-1], axis=0)[::-1].max(axis=1)           # of the worst mode, from step i to the end
    right.semilogy(10.0**rest, color, label=name)
left.axhline(2.0, color="k", lw=0.7, ls=":")
left.set(xlabel="step", ylabel="gain")
left.legend(fontsize=7.5)
right.set(xlabel="error that enters at this step", ylabel="amplified by the end, worst mode")
