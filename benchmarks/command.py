"""Time everybody, print the table and the goals, keep the result."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import platform
import warnings
from pathlib import Path

from contenders import CONTENDERS
from figure import draw
from goals import GOALS, reached
from timing import Timing, measure

import gainsched as gs

RESULTS = Path(__file__).parent / "results"
ALGORITHMS = ("LMS", "NLMS", "RLS", "NLMS step")
NOTABLE = {"sse2", "avx", "avx2", "fma", "avx512f", "neon", "asimd", "sve"}


def facts() -> dict:
    """What the numbers depend on, and nothing that names a machine."""
    versions = {"python": platform.python_version()}
    for package in dict.fromkeys(["numpy", *(c.package for c in CONTENDERS)]):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    info = Path("/proc/cpuinfo")
    words = set(info.read_text().split()) if info.exists() else set()
    return {"system": platform.system(), "arch": platform.machine(), "cpu_flags": sorted(words & NOTABLE),
            "simd": gs.simd(), "versions": versions}


def table(algorithm: str, taps: list[int], timings: list[Timing]) -> str:
    """One block: contenders by row, taps by column, ns per sample (ratio to ours)."""
    cells = {(t.contender, t.n): t for t in timings if t.algorithm == algorithm}
    names = list(dict.fromkeys(name for name, _ in cells))
    width = max(map(len, names)) + 2
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


def goal_lines(timings: list[Timing], required: bool) -> tuple[list[str], bool]:
    """One line per goal that was measured or is required; whether all of them were reached."""
    lines, good = [], True
    for goal in (g for g in GOALS if g.required is required):
        ratio = reached(goal, timings)
        if ratio is None and not required:
            continue
        ok = ratio is not None and ratio >= goal.ratio
        good &= ok
        verdict = "not measured" if ratio is None else f"{ratio:8.3g}x   {'reached' if ok else 'NOT reached'}"
        lines.append(f"  {goal.algorithm:<10} n = {goal.n:<5} against {goal.peer:<30} >= {goal.ratio:>4g}x  {verdict}")
    return lines, good


def arguments(about: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taps", default="8,32,128,512", help="comma-separated (default %(default)s)")
    parser.add_argument("--algorithms", default=",".join(ALGORITHMS), help="comma-separated (default %(default)s)")
    parser.add_argument("--only", default="", help="contenders whose name contains one of these, comma-separated")
    parser.add_argument("--turns", type=int, default=5, help="the least time of so many turns counts")
    parser.add_argument("--budget", type=float, default=0.1, help="seconds per contender and turn")
    parser.add_argument("--quick", action="store_true", help="3 turns of 0.03 s")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a required ratio is missed")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.turns, chosen.budget = 3, 0.03
    return chosen


def compare(about: str) -> int:
    chosen = arguments(about)
    warnings.simplefilter("ignore")                      # the peers' own
    taps = [int(n) for n in chosen.taps.split(",")]
    contenders = [c for c in CONTENDERS if any(part in c.name for part in chosen.only.split(","))]
    timings: list[Timing] = []
    for algorithm in chosen.algorithms.split(","):
        for n in taps:
            timings += measure(algorithm, n, contenders, chosen.budget, chosen.turns)
        print(table(algorithm, taps, timings), end="\n\n", flush=True)
    if any(t.same_job is False for t in timings):
        print("! ended at other weights than the algorithm should: not the same job\n")

    required, good = goal_lines(timings, required=True)
    aims, _ = goal_lines(timings, required=False)
    print("\n".join(["required:", *required, "aimed at:", *aims]))

    RESULTS.mkdir(exist_ok=True)
    stem = RESULTS / dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H%M%S")
    record = {"facts": facts(), "turns": chosen.turns, "budget": chosen.budget, "limits": {},
              "timings": [t.to_dict() for t in timings]}
    stem.with_suffix(".json").write_text(json.dumps(record, indent=1, allow_nan=False))
    draw(timings, stem.with_suffix(".png"), record["limits"])
    print(f"\nresults: {stem.name}.json and .png in benchmarks/results/")
    return 0 if good or not chosen.check else 1
