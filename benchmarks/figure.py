"""ns per sample against the number of taps, one panel per algorithm, log-log; the processor's limit dashed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from goals import Numbers

STYLES = {                                       # who -> color, marker, line
    "gainsched": ("k", "o", "-"), "FMA limit": ("0.45", "", "--"), "numba": ("C0", "s", "-"),
    "numba fastmath": ("C9", "s", "-"), "scipy lfilter (no adaptation)": ("C2", "^", ":"), "padasip": ("C1", "D", "-"),
    "pydaptivefiltering": ("C3", "v", "-"), "pyroomacoustics": ("C4", "P", "-"),
}


def draw(numbers: Numbers, figure: Figure | None = None) -> Figure:
    """One panel each for LMS, NLMS and RLS, where they were measured."""
    algorithms = [a for a in ("LMS", "NLMS", "RLS") if any(job == a for job, _, _ in numbers)]
    figure = figure or Figure(figsize=(1.5 + 3.6 * len(algorithms), 4.6), layout="constrained")
    axes = figure.subplots(1, len(algorithms) or 1, squeeze=False)[0]
    shown = {}
    for ax, algorithm in zip(axes, algorithms, strict=False):
        for who, (color, marker, line) in STYLES.items():
            cells = sorted((n, ns) for (job, n, name), ns in numbers.items() if (job, name) == (algorithm, who))
            if cells:
                ours = who == "gainsched"
                shown[who], = ax.loglog(*zip(*cells, strict=True), marker=marker, ls=line, color=color, ms=4,
                                        lw=2.4 if ours else 1.2, zorder=3 if ours else 2)
        taps = sorted({n for job, n, _ in numbers if job == algorithm})
        ax.set(title=algorithm, xlabel="taps", xticks=taps, xticklabels=taps)
        ax.minorticks_off()
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("ns per sample")
    figure.legend(list(shown.values()), list(shown), loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure
