"""Optimal schedules of LMS, white and colored: the gains, and the weight error that theory predicts for them."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

T, TAPS, NOISE = 2000, 8, 1e-2
AR = 0.7 ** np.abs(np.subtract.outer(np.arange(TAPS), np.arange(TAPS)))
CASES = {"white": (gs.Excitation(1.0, noise=NOISE), None), "AR(1) .7": (gs.Excitation(AR, noise=NOISE), 0.2)}

fig, axes = plt.subplots(2, 2, figsize=(8.5, 5.2), sharex=True, layout="constrained")
for (name, (exc, share)), (top, bottom) in zip(CASES.items(), axes.T, strict=True):
    lms = gs.LMS(TAPS)
    schedules = {"greedy": gs.optimal_schedule(lms, exc, T), "end": gs.optimal_schedule(lms, exc, T, horizon="end")}
    if share is not None:
        high = share * gs.analyze(gs.Loop(lms, gain=0.01), exc).range[1]
        schedules[f"end, high {high:.3f}"] = gs.optimal_schedule(lms, exc, T, horizon="end", high=high)
    schedules["best constant"] = gs.optimal_schedule(lms, exc, T, horizon="end", family="Constant")
    k = np.arange(T + 1)
    for i, (label, schedule) in enumerate(schedules.items()):
        top.loglog(k[1:], schedule(k[:-1]), f"C{i}", label=label, ls="--" if label == "end" and share is None else "-")
        msd = gs.analyze(gs.Loop(lms, gain=schedule), exc).learning_curve(T + 1, kind="msd")
        bottom.semilogx(k[1:], 10 * np.log10(msd[1:]), f"C{i}", ls="--" if label == "end" and share is None else "-")
    rls = gs.analyze(gs.Loop(gs.RLS(TAPS), forgetting=1.0), exc).learning_curve(T + 1, kind="msd")
    bottom.semilogx(k[1:], 10 * np.log10(rls[1:]), "0.5", ls=":", label="RLS")
    top.set(title=name, ylabel="gain, 1/(power of x)")
    bottom.set(xlabel="sample k + 1", ylabel="MSD, dB")
    top.legend(fontsize=7)
    bottom.legend(fontsize=7)
