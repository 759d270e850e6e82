"""A variable step size by its two means: the gain that settles, and what it leaves, predicted and measured."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

N, T, NOISE = 8, 120_000, 1.0
MODEL = gs.FIR(1, channels=N)
rng = np.random.default_rng(0)
X, V = rng.standard_normal((T, N)), rng.standard_normal(T)
EXC = gs.Excitation(1.0, noise=NOISE)
W = np.ones(N)

fig, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.1))
gammas = np.geomspace(5e-5, 8e-4, 9)
law = gs.KwongJohnston(gamma=4e-4)
run = gs.Loop(gs.LMS(MODEL), gain=law).run(X, X @ W + V, gs.Record(gain=1))
report = gs.analyze(gs.Loop(gs.LMS(MODEL), gain=law), EXC)
power = NOISE + report.emse
mean = law.gamma * power / (1 - law.alpha)
spread = np.sqrt(mean * law.gamma * power * (3 - law.alpha) / (1 - law.alpha**2) - mean**2)
left.plot(run.gain[:2000], lw=0.6, color="0.5", label="the gain of one run")
left.axhline(mean, color="C3", label=r"$E\mu$")
left.axhspan(max(mean - spread, 0), mean + spread, color="C3", alpha=0.15, lw=0, label="one standard deviation")
left.set(xlabel="sample k", ylabel="gain, 1/(power of x)")
left.legend(fontsize=7)

predicted, found = [], []
for gamma in gammas:
    loop = gs.Loop(gs.LMS(MODEL), gain=gs.KwongJohnston(gamma=gamma))
    predicted.append(gs.analyze(loop, EXC).misadjustment)
    found.append(np.mean((loop.run(X, X @ W + V).e - V)[T // 5 :] ** 2) / NOISE)
constant = [gs.analyze(gs.Loop(gs.LMS(MODEL), gain=g * (NOISE * (1 + m)) / (1 - law.alpha)), EXC).misadjustment
            for g, m in zip(gammas, predicted, strict=True)]
right.semilogy(1e4 * gammas, 100 * np.array(predicted), "C3", label=r"predicted, $E\mu$ and $E\mu^2$")
right.semilogy(1e4 * gammas, 100 * np.array(found), "k.", label="measured")
right.semilogy(1e4 * gammas, 100 * np.array(constant), "0.5", ls=":", label=r"a constant gain of $E\mu$")
right.set(xlabel=r"$\gamma$, 1e-4/(power of x times power of d)", ylabel="misadjustment, %")
right.legend(fontsize=7, loc="lower right")
