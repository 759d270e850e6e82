"""
From a wish or a recording to a gain
====================================

A plant that drifts, a filter, and three ways to its gain: by formula, by schedule, by search; then all of them.
"""
# %%
# The plant: eight weights that walk. Its truth is known, so that every answer can be held against it.
import matplotlib.pyplot as plt

import gainsched as gs

plant = gs.scenarios.Tracking(8, drift=1e-6, noise=0.01, samples=3_000)
exc = plant.excitation(8)
trial = plant.trial(0)
# %%
# By formula: what you ask for, or which two wishes conflict and by how much.
wished = gs.design(gs.LMS(8), exc, misadjustment=0.1, settling=1_000)
print(wished)
try:
    gs.design(gs.LMS(8), exc, misadjustment=0.1, settling=50)
except ValueError as refused:
    print(refused)
# %%
# By schedule: fast at first, and then where drift and noise balance.
schedule = gs.optimal_schedule(gs.LMS(8), exc, steps=3_000)
settled = gs.tracking(gs.LMS(8), exc).mu_opt
print(f"from {schedule(0):.4f} to {schedule(2_999):.4f}; the best constant in the long run is {settled:.4f}")
# %%
# By search, on the recording alone: no statistics needed, and the tail shows what the choice is worth.
tuning = gs.tune(gs.LMS(8), trial.x, trial.d)
print(tuning)
# %%
# All of them on another recording of the same plant.
loops = {"asked for": wished.loop, "optimal schedule": gs.Loop(gs.LMS(8), gain=schedule), "searched": tuning.loop,
         "best forgetting": gs.tune(gs.RLS(8), trial.x, trial.d).loop}
other = plant.trial(1)
found = gs.compare(loops, other.x, other.d, timing=False)
print(found)
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
tuning.plot("slice", ax=left)
found.plot(ax=right)
# %%
# One recording may flatter: the mean over a hundred, with its 95 % band, and what theory had said.
ensemble = gs.monte_carlo(wished.loop, plant, trials=100)
print(ensemble)
ensemble.plot(report=wished.report)
plt.show()
