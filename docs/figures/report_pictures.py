"""The pictures of the report that the page reads line by line."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

R = 0.7 ** np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
exc = gs.Excitation(R, noise=0.01, drift=1e-7, burst=60.0)
report = gs.analyze(gs.Loop(gs.LMS(8), gain=gs.Exponential(0.08, rate=0.5, every=500, floor=0.02)), exc)

fig, axes = plt.subplots(2, 2, figsize=(9, 7.2))
gs.plot.gain(report, ax=axes[0, 0])
report.plot(ax=axes[0, 1])
gs.plot.nyquist(report, ax=axes[1, 0])
gs.plot.step(report, ax=axes[1, 1])
