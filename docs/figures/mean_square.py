"""Predicted and measured learning curves under a schedule: a leak, a relay on the error, one on the regressor."""

import matplotlib.pyplot as plt
import numpy as np
from common import power_db

import gainsched as gs

N, T, NOISE, TRIALS = 8, 1500, 1e-2, 100
rng = np.random.default_rng(0)
w = rng.standard_normal(N)
w /= np.linalg.norm(w)
model = gs.FIR(1, channels=N)                                    # fresh regressors at every sample
X = rng.standard_normal((TRIALS, T, N))
D = X @ w + np.sqrt(NOISE) * rng.standard_normal((TRIALS, T))
exc = gs.Excitation(1.0, noise=NOISE, w_opt=w)
cases = (("LeakyLMS, leak .1", gs.LeakyLMS(model, leak=0.1), 0.05), ("SignErrorLMS", gs.SignErrorLMS(model), 0.01),
         ("SignDataLMS", gs.SignDataLMS(model), 0.05))

fig, axes = plt.subplots(1, 3, figsize=(8.5, 2.8), sharey=True)
for ax, (title, filter, start) in zip(axes, cases, strict=True):
    loop = gs.Loop(filter, gain=gs.Exponential(start, rate=0.5, every=300, floor=start / 10))
    runs = loop.run_many(X, D, workers=1)
    report = gs.analyze(loop, exc)
    ax.plot(power_db(np.array([run.e for run in runs])), lw=0.6, color="0.6", label="measured")
    ax.plot(10 * np.log10(report.learning_curve(T)), "C3", lw=1.2, label="predicted")
    ax.axhline(10 * np.log10(NOISE + report.emse), color="k", lw=0.7, ls=":", label="steady state")
    ax.set(title=title, xlabel="sample")
axes[0].set_ylabel("squared error, dB")
axes[0].legend(loc="upper right", fontsize=7.5)
