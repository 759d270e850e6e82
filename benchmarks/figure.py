"""ns per sample against the number of taps, one panel per algorithm, log-log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path

    from timing import Timing


def draw(timings: list[Timing], path: Path, limits: dict[str, dict[int, float]] | None = None) -> None:
    """Draw all timings; `limits` are further lines over the LMS panel: name -> {n: ns per sample}."""
    algorithms = list(dict.fromkeys(t.algorithm for t in timings if t.ns))
    names = list(dict.fromkeys(t.contender for t in timings if t.ns))
    figure = Figure(figsize=(4.2 * len(algorithms), 4.4), layout="constrained")
    axes = figure.subplots(1, len(algorithms), squeeze=False)
    for ax, algorithm in zip(axes[0], algorithms, strict=True):
        for i, name in enumerate(names):
            cells = sorted((t.n, t.ns) for t in timings if t.ns and (t.contender, t.algorithm) == (name, algorithm))
            if cells:
                ours = name == "gainsched"
                ax.loglog(*zip(*cells, strict=True), marker="o", ms=4, color="k" if ours else f"C{i}",
                          lw=2.4 if ours else 1.2, label=name)
        for name, line in (limits or {}).items() if algorithm == "LMS" else ():
            ax.loglog(list(line), list(line.values()), "--", color="0.6", label=name)
        taps = sorted({t.n for t in timings})
        ax.set(title=algorithm, xlabel="taps", xticks=taps, xticklabels=taps)
        ax.minorticks_off()
        ax.grid(alpha=0.3)
    axes[0, 0].set_ylabel("ns per sample")
    handles = {label: h for ax in axes[0] for h, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(path, dpi=130)
