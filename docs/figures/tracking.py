"""Weights that walk: the error of a constant gain is noise plus lag; LMS or RLS, by the direction of the walk."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

N, NOISE, T = 4, 1e-2, 40_000
LAM = np.array([2.4, 1.0, 0.5, 0.1])                            # independent channels: modes of the input
MODEL = gs.FIR(1, channels=N)
rng = np.random.default_rng(0)
X = np.sqrt(LAM) * rng.standard_normal((T, N))
V = np.sqrt(NOISE) * rng.standard_normal(T)
STEPS = rng.standard_normal((T, N))


def measured(loop, drift):
    """Mean of (e - v)^2, the first fifth left out."""
    d = np.sum(X * np.cumsum(np.sqrt(drift) * STEPS, axis=0), axis=1) + V
    return np.mean((loop.run(X, d).e - V)[T // 5 :] ** 2)


fig, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.2))
drift = np.full(N, 4e-6)
exc = gs.Excitation(np.diag(LAM), noise=NOISE, drift=np.diag(drift))
still = gs.Excitation(np.diag(LAM), noise=NOISE)
gains = np.geomspace(2e-3, 0.15, 40)
total = np.array([gs.analyze(gs.Loop(gs.LMS(MODEL), gain=g), exc).emse for g in gains])
noise = np.array([gs.analyze(gs.Loop(gs.LMS(MODEL), gain=g), still).emse for g in gains])
left.loglog(gains, total, "C3", label="predicted")
left.loglog(gains, noise, "0.5", ls=":", lw=1, label="noise")
left.loglog(gains, total - noise, "0.5", ls="--", lw=1, label="lag")
left.loglog(gains[::4], [measured(gs.Loop(gs.LMS(MODEL), gain=g), drift) for g in gains[::4]], "k.", label="measured")
left.axvline(gs.tracking(gs.LMS(MODEL), exc).mu_opt, color="C0", lw=0.9, label=r"$\mu_{opt}$")
left.set(xlabel="gain, 1/(power of x)", ylabel="EMSE, power of d")
left.legend(fontsize=7)

powers = np.linspace(-1, 1, 9)
found = []
for p in powers:
    q = LAM**p
    q *= 4e-6 * N / np.sum(q)                                   # the same total walk, turned
    t = gs.tracking(gs.LMS(MODEL), gs.Excitation(np.diag(LAM), noise=NOISE, drift=np.diag(q)))
    found.append((t.emse, t.emse_rls, measured(gs.Loop(gs.LMS(MODEL), gain=t.mu_opt), q),
                  measured(gs.Loop(gs.RLS(MODEL), forgetting=t.forgetting_opt), q)))
found = 1e3 * np.array(found)
for i, name in enumerate(("LMS", "RLS")):
    right.plot(powers, found[:, i], f"C{i}", label=f"{name} at its best")
    right.plot(powers, found[:, i + 2], f"C{i}.")
right.set(xlabel="p: walk along $R^p$", ylabel="EMSE, 1e-3 power of d", ylim=(0, None), xticks=(-1, -0.5, 0, 0.5, 1))
right.legend(fontsize=7)
