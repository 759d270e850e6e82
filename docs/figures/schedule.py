"""A schedule and its learning curve: predicted before the run, measured after."""

import matplotlib.pyplot as plt
import numpy as np
from common import ensemble, power_db

import gainsched as gs

TAPS, T, NOISE = 16, 4000, 1e-3
X, D, h = ensemble(TAPS, T, NOISE, trials=60, seed=1)
exc = gs.Excitation(1.0, noise=NOISE)
schedule = gs.Exponential(1.0, rate=0.5, every=400, floor=0.02)

fig, (top, bottom) = plt.subplots(2, figsize=(8, 4.6), sharex=True, height_ratios=(1, 2.4))
top.plot(schedule(np.arange(T)), "k")
top.set(ylabel=r"$\mu_k$", ylim=(0, 1.1))
for gain, color, name in ((schedule, "C0", "schedule"), (1.0, "C1", "constant 1"), (0.02, "C2", "constant 0.02")):
    loop = gs.Loop(gs.NLMS(TAPS), gain=gain)
    E = np.array([run.e for run in loop.run_many(X, D, workers=1)])
    bottom.plot(power_db(E), color=color, lw=0.5, alpha=0.6)
    curve = gs.analyze(loop, exc).learning_curve(T, w_opt=h)
    bottom.plot(10 * np.log10(curve), color=color, lw=1.4, label=name)
bottom.axhline(10 * np.log10(NOISE), color="k", lw=0.7, ls=":")
bottom.set(xlabel="sample", ylabel="squared error, dB")
bottom.legend(fontsize=7.5)
