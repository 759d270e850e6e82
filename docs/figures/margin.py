"""The adaptation loop in the Nyquist plane, and its margins as the learning rate approaches its bound."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

MODE = 1.0                                          # power of the regressor along this direction
bound = gs.margins(gs.Loop(gs.LMS(1), gain=1.0).transfer(MODE)).gain

fig, (plane, curve) = plt.subplots(1, 2, figsize=(8.5, 3.4))
w = np.geomspace(2e-2, np.pi, 600)
for part in (0.25, 0.5, 0.9):
    L = gs.Loop(gs.LMS(1), gain=part * bound).transfer(MODE)
    response = L(np.exp(1j * w))
    plane.plot(response.real, response.imag, label=rf"$\mu$ = {part:g} of the bound")
plane.plot(-1, 0, "kx")
plane.add_patch(plt.Circle((0, 0), 1, fc="none", ec="0.8"))
plane.set(xlim=(-1.6, 1.1), ylim=(-2.1, 0.4), xlabel="Re L", ylabel="Im L", aspect="equal", title=r"$L(e^{j\omega})$")
plane.legend(fontsize=7.5, loc="lower right")

parts = np.linspace(0.02, 0.995, 80)
margins = [gs.margins(gs.Loop(gs.LMS(1), gain=p * bound).transfer(MODE)) for p in parts]
curve.plot(parts, [20 * np.log10(m.gain) for m in margins], label="gain margin, dB")
curve.plot(parts, [m.phase_deg / 10 for m in margins], label="phase margin, 10 degrees")
curve.plot(parts, [10 * m.disk for m in margins], label="disk margin, tenths")
curve.set(xlabel="learning rate over its bound", ylim=(0, 25), xlim=(0, 1), title="what is left")
curve.legend(fontsize=7.5)
