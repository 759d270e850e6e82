"""A day that goes wrong: the error power of a loop, and what its monitor noticed."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

T, CHUNK = 200_000, 5000
rng = np.random.default_rng(2)
x = rng.standard_normal(T)
x[60_000:90_000] *= 1e-4                                  # the input falls silent
d = np.convolve(x, [1.0, -0.5, 0.2])[:T] + 0.1 * rng.standard_normal(T)
d[130_000:160_000] += 0.5 * rng.standard_normal(30_000)   # a disturbance

loop = gs.Loop(gs.RLS(8), forgetting=0.998)
monitor = gs.Monitor(loop, latency=CHUNK)
errors = np.concatenate([run.e for run in monitor.stream((x[i : i + CHUNK], d[i : i + CHUNK])
                                                         for i in range(0, T, CHUNK))])
power = 10 * np.log10(np.mean(errors.reshape(-1, 500) ** 2, axis=1))

fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
ax.plot(np.arange(0, T, 500), power, lw=0.8, color="0.4")
for i, kind in enumerate(dict.fromkeys(event.kind for event in monitor.events)):
    at = [event.k for event in monitor.events if event.kind == kind]
    ax.plot(at, np.full(len(at), power.max() + 2 + 2 * i), "o", ms=5, label=kind)
ax.set(xlabel="sample", ylabel="error power, dB")
ax.legend(fontsize=7, title="events", title_fontsize=7)
