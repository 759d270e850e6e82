"""
The MIT rule: the command's size decides
========================================

A feedforward gain adapted by the MIT rule is stable at one amplitude of the command and unstable at another, at the
same learning rate: the command's square multiplies the loop gain.
"""
# %%
# A first-order plant with unit gain, sampled ten times per time constant, and a reference model with twice its gain:
# the adaptive gain has to find 2.
import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

pole = np.exp(-0.1)
rule = gs.MITRule(1, plant=([1 - pole], [1, -pole]), reference=([2 * (1 - pole)], [1, -pole]))
gain = 0.05
# %%
# The bound. Frozen at a constant command of amplitude A, the loop around the weight is mu psi phi P(z) / (z - 1), with
# psi phi = 2 A². Its gain margin at A = 1 is a factor on A²: the critical amplitude is the square root of it.
L = gs.Loop(rule, gain=gain).transfer(1.0)
critical = np.sqrt(gs.margins(L).gain)
print(L)
print(f"critical amplitude at gain {gain}: {critical:.4f}")
# %%
# Below and above. The report gives the verdict before a sample is run.
amplitudes = 0.4 * critical, 0.97 * critical, 1.03 * critical
runs = []
for amplitude in amplitudes:
    loop = gs.Loop(rule, gain=gain, on_divergence="stop", limit=1e3)
    report = gs.analyze(loop, gs.Excitation(amplitude**2))
    runs.append(loop.run(np.full(900, amplitude), record=gs.Record(weights=1)))
    print(f"A = {amplitude:.2f}: {report.verdict}, range up to {report.range[1]:.4f}, last error {runs[-1].e[-1]:.3g}")
# %%
# Left the weight, right the bound over the amplitude: a straight line of slope -2 in logarithms.
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for amplitude, run in zip(amplitudes, runs, strict=True):
    left.plot(run.weights[:, 0], lw=0.9, label=f"A = {amplitude:.2f}")
left.axhline(2, color="0.6", lw=0.8)
left.set(xlabel="sample", ylabel="adaptive gain", ylim=(-4, 8))
left.legend()
sizes = np.geomspace(0.3, 3, 12) * critical
bound = [gs.analyze(gs.Loop(rule, gain=gain), gs.Excitation(a**2)).range[1] for a in sizes]
right.loglog(sizes, bound, "k", label="bound (frozen loop)")
right.fill_between(sizes, bound, max(bound), color="0.9")
for amplitude in amplitudes:
    right.plot(amplitude, gain, "o")
right.set(xlabel="amplitude of the command", ylabel="learning rate", ylim=(min(bound), max(bound)))
right.text(critical, gain * 3, "unstable")
right.legend(loc="lower left")
plt.show()
