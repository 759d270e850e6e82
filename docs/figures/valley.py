"""A quadratic valley under four gains: slow, right, overshooting, beyond the bound; and what momentum makes of it."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

CURVATURE = np.array([1.0, 10.0])
START = np.array([-9.0, 1.6])


def descent(gain, **options):
    return gs.Descent(lambda w: CURVATURE * w, START, lambda w: 0.5 * CURVATURE @ w**2, gain=gain,
                      on_divergence="stop", **options)


cases = [("too small: slow", 0.02, None), ("near the bound: overshoot", 0.19, None),
         ("past the bound: diverges", 0.205, None), ("the best number", 2 / CURVATURE.sum(), None),
         ("with momentum", 0.1, gs.HeavyBall(0.5)), ("too much momentum: oscillation", 0.1, gs.HeavyBall(0.93))]
STEPS = 26
x, y = np.meshgrid(np.linspace(-10.5, 10.5, 200), np.linspace(-4.4, 4.4, 120))
floor = 0.5 * (CURVATURE[0] * x**2 + CURVATURE[1] * y**2)

fig, axes = plt.subplots(2, 3, figsize=(8.5, 4.4), sharex=True, sharey=True)
for ax, (title, gain, compensator) in zip(axes.flat, cases, strict=True):
    loop = descent(gain, compensator=compensator)
    report = loop.report()
    path = np.vstack([START, loop.run(STEPS, gs.Record(weights=1)).weights])
    ax.contour(x, y, np.sqrt(floor), 9, colors="0.82", linewidths=0.7)
    ax.plot(*path.T, "-", color="C3" if report.verdict == "unstable" else "C0", lw=1.0)
    ax.scatter(*path.T, s=9, color="C3" if report.verdict == "unstable" else "C0", zorder=3)
    ax.plot(0, 0, "k+", ms=8)
    ax.set_title(title, fontsize=9)
    ax.text(0.97, 0.05, rf"$\mu$ = {gain:.3g}, bound {report.bound.value:.3g}" + "\n"
            f"growth {report.growth.max():.3f} per step", fontsize=7, transform=ax.transAxes, ha="right",
            bbox={"fc": "white", "ec": "none", "alpha": 0.85, "pad": 1.5})
    ax.set(xlim=(-10.5, 10.5), ylim=(-4.4, 4.4))
fig.supxlabel("along the valley", fontsize=9)
fig.supylabel("across it", fontsize=9)
