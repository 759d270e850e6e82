"""Exact expectation on short delay lines: where error powers stop to converge, and the excess error before that."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.linalg import toeplitz

import gainsched as gs

PARTS = np.linspace(0.02, 0.98, 49)
LINES = [("2 taps, white", 2, (1.0,), "0.6"), ("4 taps, white", 4, (1.0,), "0.2"),
         ("3 taps, color (1, .5)", 3, (1.0, 0.5), "C0"), ("3 taps, color (1, 1)", 3, (1.0, 1.0), "C3")]

fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3), layout="constrained")
for name, taps, color, shade in LINES:
    line = gs.DelayLine(taps, color)
    r = np.correlate(line.color, line.color, "full")[len(color) - 1:]
    exc = gs.Excitation(toeplitz(np.pad(r, (0, taps))[:taps]))
    bound = gs.analyze(gs.Loop(gs.LMS(taps), gain=1e-3), exc).range[1]
    left.plot(PARTS, [line.growth(part * bound) for part in PARTS], color=shade, label=name)
    ratios = [line.steady_state(part * bound).emse / gs.analyze(gs.Loop(gs.LMS(taps), gain=part * bound), exc).emse
              for part in PARTS]
    right.semilogy(PARTS, np.where(np.isfinite(ratios), ratios, np.nan), color=shade)
    right.axvline(line.bound.value / bound, color=shade, ls=":", lw=0.9)
left.axhline(1.0, color="k", lw=0.7)
left.set(xlabel="gain / independence bound", ylabel="growth of error power per sample", ylim=(0.7, 2.0))
right.set(xlabel="gain / independence bound", ylabel="EMSE, exact / independent", ylim=(0.8, 20))
left.legend(fontsize=7, loc="upper left")
