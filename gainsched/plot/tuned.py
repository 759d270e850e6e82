"""Pictures of a search: error against the parameters, against the margin, over time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps

from gainsched.errors import refusal
from gainsched.plot.figure import LIMIT, MEASURED, PREDICTED, decibels, dress, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

KINDS = ("slice", "contour", "parallel", "learning", "pareto")
_CURVES = {"default": LIMIT, "constant": PREDICTED, "best": MEASURED}       # the last lies on top


def tuned(tuning: Any, kind: str = "slice", *, ax: Axes | None = None) -> Axes:
    """Draw one picture of a `gainsched.Tuning`.

    Parameters
    ----------
    tuning : Tuning
    kind : {"slice", "contour", "parallel", "learning", "pareto"}
    ax : matplotlib Axes, optional
        Draw here.

    Returns
    -------
    matplotlib Axes
    """
    if kind not in KINDS:
        raise ValueError(refusal("Tuning.plot: kind", kind, f"must be one of {KINDS}"))
    draw = {"slice": _slice, "contour": _contour, "parallel": _parallel, "learning": _learning, "pareto": _pareto}[kind]
    return draw(tuning, new_axes(ax))


def _rows(tuning: Any) -> list[dict[str, Any]]:
    """Trials of the chosen family and filter that have a finite score."""
    best = tuning.best
    return [r for r in tuning.rows if all(r[name] == best[name] for name in ("filter", "family"))
            and set(r["params"]) == set(best["params"]) and math.isfinite(r["score"])]


def numeric(tuning: Any) -> list[str]:
    """Parameters that are numbers, the most important first."""
    return [name for name in tuning.importance if not isinstance(tuning.best["params"][name], str)]


def _values(rows: list[dict[str, Any]], name: str) -> NDArray[np.float64]:
    return np.array([float(r["params"][name]) for r in rows])


def _logarithmic(values: NDArray[np.float64]) -> bool:
    return bool(values.min() > 0 and values.max() > 10 * values.min())


def _slice(tuning: Any, ax: Axes) -> Axes:
    rows, name = _rows(tuning), numeric(tuning)[0]
    v, s = _values(rows, name), np.array([r["score"] for r in rows])
    if name == "forgetting":
        inner = v < 1
        v, s, name = 1.0 / (1.0 - v[inner]), s[inner], "memory 1 / (1 - forgetting), samples"
    ax.plot(v, s, "o", color=MEASURED, markersize=4, label="trials")
    ax.plot(v[np.argmin(s)], s.min(), "*", color=PREDICTED, markersize=12, label="best")
    if _logarithmic(v):
        ax.set_xscale("log")
    ax.set_yscale("log")
    return dress(ax, name, f"error ({tuning.target})")


def _contour(tuning: Any, ax: Axes) -> Axes:
    names = numeric(tuning)
    if len(names) < 2:
        return _slice(tuning, ax)
    rows = _rows(tuning)
    a, b, s = _values(rows, names[0]), _values(rows, names[1]), np.array([r["score"] for r in rows])
    logs = [_logarithmic(v) for v in (a, b)]
    if len(rows) > 3 and np.ptp(a) > 0 and np.ptp(b) > 0:
        try:
            shades = ax.tricontourf(a, b, np.log10(s), levels=12, cmap="Blues_r")
        except (RuntimeError, ValueError):                     # points on one line have no triangles
            shades = None
        if shades is not None:
            ax.figure.colorbar(shades, ax=ax, label="log10 error")
    ax.scatter(a, b, s=10, color="#333333")
    best = int(np.argmin(s))
    ax.plot(a[best], b[best], "*", color=PREDICTED, markersize=12)
    for log, scale in zip(logs, (ax.set_xscale, ax.set_yscale), strict=True):
        if log:
            scale("log")
    return dress(ax, names[0], names[1])


def _parallel(tuning: Any, ax: Axes) -> Axes:
    rows, names = _rows(tuning), numeric(tuning)
    columns = []
    for values in [*(_values(rows, name) for name in names), np.array([r["score"] for r in rows])]:
        scaled = np.log(values) if values.min() > 0 else values
        columns.append((scaled - scaled.min()) / (np.ptp(scaled) or 1.0))
    table = np.array(columns).T
    order = np.argsort(-table[:, -1])
    shades = colormaps["Blues"](np.linspace(0.15, 0.85, len(order)))
    for place, shade in zip(order, shades, strict=True):
        ax.plot(table[place], color=shade, linewidth=0.8)
    ax.plot(table[order[-1]], color=PREDICTED, linewidth=2, label="best")
    ax.set_xticks(range(len(names) + 1), [*names, "error"])
    return dress(ax, "parameter", "within its range")


def _learning(tuning: Any, ax: Axes) -> Axes:
    curves = tuning.curves
    for name in [name for name in _CURVES if name in curves and (name == "best" or curves[name] != curves["best"])]:
        curve = curves[name]
        power = np.array([math.nan if p is None else p for p in curve["power"]])
        ax.plot(curve["k"], decibels(power), color=_CURVES[name], linewidth=1.2, label=name)
    return dress(ax, "sample", "error power, dB")


def _pareto(tuning: Any, ax: Axes) -> Axes:
    rows = [r for r in tuning.rows if r["status"] == "done" and math.isfinite(r["margin_db"])]
    if not rows:
        raise ValueError("Tuning.plot: no trial has a gain margin. Search with objectives=('error', 'margin').")
    ax.plot([r["margin_db"] for r in rows], [r["error"] for r in rows], "o", color=LIMIT, markersize=3, label="trials")
    front = tuning.pareto
    ax.plot(front["margin_db"], front["error"], "o-", color=MEASURED, markersize=4, label="front")
    ax.set_yscale("log")
    return dress(ax, "gain margin, dB", f"error ({tuning.target})")
