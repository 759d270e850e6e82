"""Guarantees of four schedules over their number of steps, without and with corners."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

STEPS = (1, 2, 3, 5, 7, 10, 13, 15, 20)
SMOOTH = {
    "constant 1": lambda n: 1.0,
    "constant 1.8": lambda n: 1.8,
    "linear 2 to 0": lambda n: gs.Polynomial(2.0, 0.0, n),
    r"$1/\sqrt{k+1}$": lambda n: gs.InversePower(1.0, 0.5),
    "silver": lambda n: gs.Silver(1.0),
}
CORNERS = {
    r"constant $1/\sqrt{n}$": lambda n: n**-0.5,
    r"$1/\sqrt{k+1}$": lambda n: gs.InversePower(1.0, 0.5),
    r"linear $1/\sqrt{n}$ to 0": lambda n: gs.Polynomial(n**-0.5, 0.0, n),
    r"$(n-k)/(n+1)^{3/2}$": lambda n: (n - np.arange(n)) / (n + 1) ** 1.5,
}

fig, (smooth, corners) = plt.subplots(1, 2, figsize=(8.5, 3.4), layout="constrained")
for axes, schedules, lipschitz in ((smooth, SMOOTH, None), (corners, CORNERS, 1.0)):
    for name, schedule in schedules.items():
        bound = [gs.worst_case(schedule(n), steps=n, lipschitz=lipschitz).value for n in STEPS]
        axes.loglog(STEPS, bound, ".-", lw=1, label=name)
    axes.set(xlabel="steps n", ylabel=r"worst $f(w_n) - f^*$")
    axes.legend(fontsize=7.5)
smooth.set_title("gradient with Lipschitz constant 1")
corners.set_title("Lipschitz constant 1, corners allowed")

