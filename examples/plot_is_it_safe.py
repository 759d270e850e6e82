"""
Is this learning rate safe, how fast, how noisy, how late may it be?
====================================================================

Four questions about one schedule, asked before the run, and the answers held against the run.
"""
# %%
# A plant with eight taps, colored input, noise; a schedule that somebody proposes.
import matplotlib.pyplot as plt
import numpy as np
from scipy.signal import lfilter

import gainsched as gs

rng = np.random.default_rng(0)
x = lfilter([0.866], [1, -0.5], rng.standard_normal(20_000))
d = lfilter([0.8, -0.4, 0.3, 0, 0.1], [1], x) + 0.1 * rng.standard_normal(20_000)
gain = gs.Exponential(0.03, rate=0.5, every=2_000, floor=0.002)
loop = gs.Loop(gs.LMS(8), gain=gain)
report = gs.analyze(loop, x=x, d=d)
print(report)
# %%
# Safe: the gain within its range. Robust: how far the loop stays from -1.
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), width_ratios=(1.5, 1), layout="constrained")
gs.plot.gain(report, ax=left)
ax = gs.plot.nyquist(report, ax=right)
# %%
# Fast and noisy: the predicted error with the band for one run, and the run. Analyze first, for it begins there.
run = loop.run(x, d, record=gs.Record(gain=1, weights=20))
fig, (top, bottom) = plt.subplots(2, 1, figsize=(8, 6), layout="constrained")
gs.plot.learning_curve(run, report=report, ax=top)
gs.plot.weights(run, w_opt=report.w_opt, ax=bottom)
print(f"\n3 dB above the noise after {report.time_to(2 * report.noise)} samples\n")
print(report.compare(run, windows=5))
# %%
# Late: how many samples of delay the largest gain bears, and whether the theory of delayed updates agrees.
whole = int(report.margins.delay)
print(f"\ndelay margin {report.margins.delay:.2f} samples")
for delay in (0, whole, whole + 1):
    late = gs.Loop(gs.DelayedLMS(8, delay=delay), gain=report.worst_gain)
    print(f"{delay:3d} samples late: the mean has a limit of {gs.analyze(late, x=x, d=d).bounds['mean'].value:.4f}, "
          f"the gain is {report.worst_gain:g}")
plt.show()
