"""Certified worst-case rates over the condition number, and the three-cycle behind the missing one."""

import control
import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs


def descent(kappa):
    return 2 / (1 + 1 / kappa), None


def nesterov(kappa):
    root = kappa**0.5
    return 1.0, gs.Nesterov((root - 1) / (root + 1))


def heavy_ball(kappa):
    root = kappa**0.5
    return 4 / (1 + 1 / root) ** 2, gs.HeavyBall(((root - 1) / (root + 1)) ** 2)


def triple_momentum(kappa):
    rho = 1 - kappa**-0.5
    beta, gamma = rho**2 / (2 - rho), rho**2 / ((1 + rho) * (2 - rho))
    return 1 + rho, control.tf([1 + gamma, -gamma], [1, -beta], True)


fig, (rates, cycle) = plt.subplots(1, 2, figsize=(8.5, 3.4))
limit = 9 + 4 * 5**0.5
for name, tuning, kappas in (
        ("descent, 2/(L+m)", descent, np.geomspace(1.5, 1e4, 40)), ("Nesterov", nesterov, np.geomspace(1.5, 1e4, 40)),
        ("triple momentum", triple_momentum, np.geomspace(1.5, 1e4, 40)),
        ("heavy ball", heavy_ball, limit - np.geomspace(limit - 1.5, 1e-4, 40))):
    rho = np.array([gs.convergence_rate(kappa, *tuning(kappa), "off-by-one") for kappa in kappas])
    rates.loglog(kappas, -1 / np.log(rho), label=name)
rates.axvline(limit, color="0.7", lw=0.8, ls="--")
rates.set(xlabel=r"condition number $\kappa$", ylabel="steps per factor e", ylim=(0.5, 1e4),
          title="certified worst case")
rates.legend(fontsize=7.5)


def gradient(w):
    return np.where(w < 1, 25 * w, np.where(w < 2, w + 24, 25 * w - 24))


for start in (3.0, 3.3):
    run = gs.Descent(gradient, [start], gain=1 / 9, compensator=gs.HeavyBall(4 / 9)).run(36, gs.Record(weights=1))
    cycle.plot(np.append(start, run.weights[:, 0]), ".-", lw=0.8, label=f"from {start}")
for n in (2592, 792, -2208):
    cycle.axhline(n / 1225, color="0.8", lw=0.7, zorder=0)
cycle.set(xlabel="step", ylabel="w", title=r"heavy ball, $\kappa$ = 25")
cycle.legend(fontsize=7.5, loc="lower right")
