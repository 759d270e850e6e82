"""msepred against msesim: what the formulas say and what fifty realizations do."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

rng = np.random.default_rng(0)
x = rng.standard_normal((2000, 50))
d = np.apply_along_axis(lambda u: np.convolve(u, [1.0, -0.6, 0.3])[:2000], 0, x) + 0.1 * rng.standard_normal(x.shape)
loop = gs.Loop(gs.LMS(8), gain=0.02)
sim, pred = gs.matlab.msesim(loop, x, d, m=5), gs.matlab.msepred(loop, x, d, m=5)
k = 5 * np.arange(1, 401)
fig, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.0))
left.semilogy(k, sim.mse, "0.6", lw=0.7, label="msesim: mse")
left.semilogy(k, pred.mse, "C3", lw=1.2, label="msepred: mse")
left.axhline(pred.mmse, color="k", lw=0.8, ls=":", label="mmse")
left.axhline(pred.mmse + pred.emse, color="C0", lw=0.8, ls="--", label="mmse + emse")
left.set(xlabel="sample", ylabel="error power, power of d")
for i in range(3):
    right.plot(k, sim.meanw[:, i], "0.6", lw=2, label="_" * i + "msesim: meanw")
    right.plot(k, pred.meanw[:, i], "C3", lw=0.8, label="_" * i + "msepred: meanw")
right.set(xlabel="sample", ylabel="mean weights, d per x")
right.legend(fontsize=7, loc="lower right", bbox_to_anchor=(1, 0.1))
left.legend(fontsize=7)
