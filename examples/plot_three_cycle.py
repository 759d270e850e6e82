"""
Momentum that cycles: stable on every quadratic, not on every valley
====================================================================

A heavy ball with the best tuning for quadratics of condition number 25 converges on each of them. On a strongly convex
function between the same curvatures it can run around three points for ever (Lessard, Recht and Packard, 2016).
"""
# %%
# The gradient is piecewise linear, its slopes are 25, 1 and 25. The heavy ball has L = 25, m = 1.
from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs


def gradient(w):
    return np.where(w < 1, 25 * w, np.where(w < 2, w + 24, 25 * w - 24))


gain, momentum = 1 / 9, gs.HeavyBall(4 / 9)
cycle = np.array([float(Fraction(n, 1225)) for n in (2592, 792, -2208)])
# %%
# What can be said beforehand. No multiplier certifies a rate, and the circle criterion fails: "not certified". With
# the gain of plain descent, 2/(L + m), and with Nesterov's momentum a rate is certified for all such functions.
loop = gs.Loop(gs.LMS(1), gain=gain, compensator=momentum).transfer(1.0)
print(f"heavy ball: rate {gs.convergence_rate(25, 25 * gain, momentum, 'off-by-one')}, circle criterion "
      f"{gs.circle_criterion(loop, 1, 25).verdict}")
print(f"descent: rate {gs.convergence_rate(25, 50 / 26):.6f}")
print(f"Nesterov: rate {gs.convergence_rate(25, 1.0, gs.Nesterov(2 / 3), 'off-by-one'):.6f}")
# %%
# What happens. It depends on where the ball starts.
runs = {}
for start in (3.0, 3.07, 3.2, 3.3, 3.46, 3.6):
    runs[start] = gs.Descent(gradient, [start], gain=gain, compensator=momentum).run(600, gs.Record(weights=1))
    last = np.sort(runs[start].weights[-3:, 0])
    print(f"from {start:.2f}: in the minimum {np.allclose(last, 0)}, in the cycle {np.allclose(last, np.sort(cycle))}")
# %%
# Left the two fates; right the gradient, its sector, and the three points.
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for start in (3.0, 3.3):
    left.plot(np.r_[start, runs[start].weights[:40, 0]], ".-", lw=0.8, label=f"from {start}")
left.set(xlabel="step", ylabel="w")
left.legend()
w = np.linspace(-2.2, 3, 400)
right.fill_between(w, w, 25 * w, color="0.92", label="slopes 1 to 25")
right.plot(w, gradient(w), "k", lw=1)
right.plot(cycle, gradient(cycle), "o", label="the cycle")
right.set(xlabel="w", ylabel="gradient")
right.legend()
plt.show()
