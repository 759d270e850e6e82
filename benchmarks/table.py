"""Tables for the terminal: who took how long, and which goal was reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goals import GOALS

if TYPE_CHECKING:
    from goals import Goal, Numbers
    from timing import Timing


def contest(algorithm: str, timings: list[Timing]) -> str:
    """One block: contenders by row, taps by column, ns per sample (ratio to ours)."""
    cells = {(t.contender, t.n): t for t in timings if t.algorithm == algorithm}
    names, taps = dict.fromkeys(name for name, _ in cells), sorted({n for _, n in cells})
    width = max(map(len, names), default=0) + 2
    lines = [f"{algorithm}: ns per sample (times ours)", " " * width + "".join(f"{f'n = {n}':>20}" for n in taps)]
    for name in names:
        row = [cells.get((name, n)) for n in taps]
        note = next((c.note for c in row if c and c.note), "")
        text = f"  {note}" if note else "".join(f"{shown(c, cells.get(('gainsched', n))):>20}"
                                                for c, n in zip(row, taps, strict=True))
        lines.append(f"{name:<{width}}{text}")
    return "\n".join(lines)


def shown(cell: Timing | None, ours: Timing | None) -> str:
    if cell is None or cell.ns is None:
        return "-"
    mark = "" if cell.same_job in (True, None) else " !"
    ratio = f" ({cell.ns / ours.ns:.3g}x)" if ours and ours.ns else ""
    return f"{cell.ns:,.4g}{ratio}{mark}" if cell.ns < 1e4 else f"{cell.ns:,.0f}{ratio}{mark}"


def goals(numbers: Numbers, listed: list[Goal] = GOALS) -> str:
    """One line per goal that was measured: what, where, goal, reached, met or not."""
    measured = [row for row in (goal.row(numbers) for goal in listed) if row[4] != "not measured"]
    rows = [("goal", "n", "wanted", "reached", ""), *measured]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    met = sum(row[4] == "met" for row in rows)
    return "\n".join([*lines, f"{met} met, {len(measured) - met} not met, {len(listed) - len(measured)} not measured"])
