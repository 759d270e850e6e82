"""Gains that tend to 0: too small a factor loses the rate of a/k; an average needs no factor at all."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

LAM, NOISE, T, TRIALS = np.array([1.0, 0.3]), 0.1, 30_000, 120
MODEL = gs.FIR(1, channels=2)
rng = np.random.default_rng(0)
X = np.sqrt(LAM) * rng.standard_normal((TRIALS, T, 2))
D = np.sqrt(NOISE) * rng.standard_normal((TRIALS, T))           # the optimal weights are 0
AT = np.unique(np.geomspace(30, T, 40).astype(int))
START = np.ones((1, 2))


def deviation(gain, compensator=None):
    """E|w~|^2 at the samples AT, of the weights or of their average."""
    loop = gs.Loop(gs.LMS(MODEL), gain=gain, compensator=compensator, w0=START)
    ends = np.zeros(len(AT))
    for x, d in zip(X, D, strict=True):
        loop.reset()
        for i, (a, b) in enumerate(zip([0, *AT[:-1]], AT, strict=True)):
            loop.run(x[a:b], d[a:b])
            w = loop.w if compensator is None else loop.average
            ends[i] += np.sum(w**2) / TRIALS
    return ends


fig, ax = plt.subplots(figsize=(6.5, 3.4))
for a, color in ((0.6, "C3"), (5.0, "C1")):                     # a lam is .18 and 1.5 in the slow mode
    ax.loglog(AT, deviation(gs.InversePower(a / 20, power=1.0, offset=20)), color, lw=1.2,
              label=rf"{a}/k: $a\lambda_{{min}}$ = {a * LAM[1]:.2g}")
slow = gs.InversePower(0.25, power=0.6, offset=4)
ax.loglog(AT, deviation(slow), "0.5", lw=1.0, label=r"$k^{-0.6}$")
ax.loglog(AT, deviation(slow, gs.PolyakRuppert(start=100)), "C0", lw=1.4, label=r"$k^{-0.6}$, averaged from k = 100")
exc = gs.Excitation(np.diag(LAM), noise=NOISE)
ax.loglog(AT, [np.trace(gs.averaged_covariance(exc, n=int(k))) for k in AT], "k:", lw=1.0, label="tr(noise $R^{-1}$)/k")
ax.set(xlabel="sample k", ylabel=r"$E|\tilde w|^2$, power of the weights", ylim=(1e-5, 3))
ax.legend(fontsize=7)
