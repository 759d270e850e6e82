"""The loop of adaptation as a block diagram."""

import itertools

import matplotlib.pyplot as plt
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

fig, ax = plt.subplots(figsize=(8, 3.4))


def block(x, y, title, note, color="white", width=1.7):
    ax.add_patch(FancyBboxPatch((x - width / 2, y - 0.34), width, 0.68, boxstyle="round,pad=0.02", fc=color, ec="k"))
    ax.text(x, y + 0.1, title, ha="center", va="center", fontsize=10)
    ax.text(x, y - 0.17, note, ha="center", va="center", fontsize=7.5, color="0.35")


def wire(*points, text="", at=(0.0, 0.12)):
    for i, (a, b) in enumerate(itertools.pairwise(points)):
        last = i == len(points) - 2
        ax.add_patch(FancyArrowPatch(a, b, arrowstyle="-|>" if last else "-", mutation_scale=10, shrinkA=0, shrinkB=0))
    (xa, ya), (xb, yb) = points[0], points[1]
    ax.text((xa + xb) / 2 + at[0], (ya + yb) / 2 + at[1], text, ha="center", fontsize=9)


ax.add_patch(Circle((1.2, 2.0), 0.14, fc="white", ec="black"))
block(3.2, 2.0, r"$\times\ v_k$", "direction: $u$, $Pu$, ...")
block(5.4, 2.0, r"gain $\mu_k$", "schedule or law", "#ffe8b8")
block(7.6, 2.0, r"$\dfrac{1}{z-1}$", "")
ax.text(7.6, 1.5, "integrator: the weights", ha="center", fontsize=7.5, color="0.35")
block(4.4, 0.6, r"model $u_k^{\prime} w_k$", "FIR, ARX, plant ...")

wire((0.1, 2.0), (1.06, 2.0), text="$d_k$")
wire((1.34, 2.0), (2.33, 2.0), text="$e_k$")
wire((4.07, 2.0), (4.53, 2.0))
wire((6.27, 2.0), (6.73, 2.0))
wire((8.47, 2.0), (9.6, 2.0), text="$w_k$")
wire((9.0, 2.0), (9.0, 0.6), (5.27, 0.6))
wire((3.53, 0.6), (1.2, 0.6), (1.2, 1.86), text="$y_k$", at=(0.0, 0.1))
wire((4.4, -0.3), (4.4, 0.24), text="$x_k$", at=(0.2, -0.1))
ax.text(0.98, 2.14, "+", fontsize=9)
ax.text(1.28, 1.66, "$-$", fontsize=9)
ax.plot(9.0, 2.0, "ko", ms=3)
ax.set(xlim=(0, 9.7), ylim=(-0.4, 2.6), aspect="equal")
ax.axis("off")
