"""Every law on four jobs, tuned, against the best constant gain: a dot left of zero is better."""

import law_jobs
import matplotlib.pyplot as plt

table = law_jobs.scores()
names = sorted((n for n in table if n != "best constant"), key=lambda n: (law_jobs.kind(n), n.lower()), reverse=True)
colors = {"scalar": "C0", "per weight": "C1", "matrix": "C2"}
fig, axes = plt.subplots(1, len(law_jobs.JOBS), figsize=(8.5, 0.2 * len(names) + 1.4), sharey=True)
for ax, job in zip(axes, law_jobs.JOBS, strict=True):
    base = table["best constant"][job][1]
    for row, name in enumerate(names):
        default, tuned, _ = (min(value, 60.0) if isinstance(value, float) else value for value in table[name][job])
        color = colors[law_jobs.kind(name)]
        ax.plot([max(-15, min(default - base, 15))], [row], "|", color=color, alpha=0.5)
        ax.plot([max(-15, min(tuned - base, 15))], [row], "o", ms=3.5, color=color)
    ax.axvline(0, color="k", lw=0.7)
    ax.set(title=job, xlim=(-16, 16))
    ax.grid(axis="y", lw=0.3)
axes[0].set_yticks(range(len(names)), names, fontsize=7)
fig.supxlabel("excess error against the best constant gain, dB (cut at 15)", fontsize=9)
for kind, color in colors.items():
    axes[-1].plot([], [], "o", ms=3.5, color=color, label=f"{kind}, tuned")
axes[-1].plot([], [], "k|", alpha=0.5, label="at its defaults")
fig.legend(fontsize=7.5, loc="outside upper center", ncols=4)
