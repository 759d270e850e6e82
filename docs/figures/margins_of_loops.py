"""Three adaptation loops around -1, and how many samples of delay a learning rate tolerates."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

LOOPS = {"LMS": gs.Loop(gs.LMS(1), gain=0.3), "3 samples late": gs.Loop(gs.DelayedLMS(1, delay=3), gain=0.3),
         "HeavyBall(0.9)": gs.Loop(gs.LMS(1), gain=0.3, compensator=gs.HeavyBall(0.9))}

fig, (plane, late) = plt.subplots(1, 2, figsize=(8.5, 3.6))
w = np.concatenate([np.geomspace(1e-2, 0.1, 300), np.linspace(0.1, np.pi, 900)[1:]])
for name, loop in LOOPS.items():
    L = loop.transfer(1.0)
    found, response = gs.margins(L), L(np.exp(1j * w))
    (line,) = plane.plot(response.real, response.imag, lw=1.4,
                         label=f"{name}: gain {found.gain:.3g}, {found.phase_deg:.0f} deg, disk {found.disk:.2f}")
    crossing = L(np.exp(1j * found.frequency))
    plane.plot(crossing.real, crossing.imag, "s", color=line.get_color(), ms=4)
    plane.plot(-1 / found.gain, 0, "o", color=line.get_color(), ms=4)
plane.plot(-1, 0, "k+", ms=9)
plane.add_patch(plt.Circle((0, 0), 1, fc="none", ec="0.75", ls="--"))
plane.set(xlim=(-1.7, 0.9), ylim=(-1.7, 0.9), xlabel="Re L", ylabel="Im L", aspect="equal",
          title=r"$\mu\lambda$ = 0.3: the curve and -1")
plane.legend(fontsize=7, loc="upper left")


def radius(k, delay):
    """Largest closed-loop pole of k/(z^delay (z - 1))."""
    return np.abs(np.roots([1.0, -1.0, *np.zeros(delay - 1), k] if delay else [1.0, k - 1.0])).max()


rates = np.geomspace(0.04, 1.9, 160)
whole = [max(d for d in range(60) if radius(k, d) < 1) for k in rates]
late.step(rates, whole, where="mid", lw=1.6, label="samples late that are stable (poles)")
late.plot(rates, [gs.margins(gs.Loop(gs.LMS(1), gain=k).transfer(1.0)).delay for k in rates], lw=1, ls="--",
          label="delay margin")
late.plot(rates, [gs.margins(gs.Loop(gs.LMS(1), gain=k, compensator=gs.HeavyBall(0.9)).transfer(1.0)).delay
                  for k in rates], lw=1, label="delay margin, HeavyBall(0.9)")
late.set(xscale="log", ylim=(0, 60), xlabel=r"learning rate $\mu\lambda$", ylabel="samples",
         title="delay that is tolerated")
late.set_yscale("symlog", linthresh=1)
late.set_xticks([0.05, 0.1, 0.2, 0.5, 1], ["0.05", "0.1", "0.2", "0.5", "1"])
late.set_xticks([], minor=True)
late.set_yticks([0, 1, 2, 5, 10, 20, 50], ["0", "1", "2", "5", "10", "20", "50"])
late.legend(fontsize=7)
