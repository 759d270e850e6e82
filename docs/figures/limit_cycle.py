"""Harmonic balance of a clipped, stale gradient: the loop meets -1/N(A); and the loop run."""

import control
import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

L = control.tf([2], [1, -1, 0], True)
[found] = gs.limit_cycles(L, "clip")

fig, (plane, time) = plt.subplots(1, 2, figsize=(8.5, 3.4))
response = L(np.exp(1j * np.linspace(0.35, np.pi, 400)))
plane.plot(response.real, response.imag, label=r"$L(e^{j\omega})$")
x = 1 / np.linspace(1, 8, 100)
plane.plot(-np.pi / 2 / (np.arcsin(x) + x * np.sqrt(1 - x**2)), 0 * x, "k", label="-1/N(A), A from 1 (right) up")
plane.plot(-1 / found.gain, 0, "o", label=rf"A = {found.amplitude:.3f}, $\omega$ = $\pi$/3")
plane.set(xlim=(-4.5, 1.5), ylim=(-4, 1.5), xlabel="Re", ylabel="Im", title="harmonic balance")
plane.legend(fontsize=7.5, loc="lower right")

w = [0.3, 0.3]
while len(w) < 60:
    w.append(w[-1] - 2 * np.clip(w[-2], -1, 1))
k = np.arange(60)
fundamental = np.sum(np.array(w[-30:]) * np.exp(-1j * found.frequency * k[-30:])) / 15
fine = np.linspace(20, 59, 600)
time.plot(fine, found.amplitude * np.cos(found.frequency * fine + np.angle(fundamental)), color="0.6", lw=0.8,
          label=f"predicted: amplitude {found.amplitude:.3f}")
time.plot(k, w, ".-", lw=0.8, label=f"run: fundamental {abs(fundamental):.3f}")
time.set(xlabel="sample", ylabel="w, in clipping levels", ylim=(-3.6, 2.8), title="the loop, run")
time.legend(fontsize=7.5, loc="lower left")
