"""One command, one table: our filters and the peers' on the same job, the limits of the core beside them, in one run.

    python benchmarks/run.py                          some four minutes
    python benchmarks/run.py --quick                  one
    python benchmarks/run.py --taps 8,32,2048 --algorithms LMS --only gainsched,numba
    python benchmarks/run.py --check                  exit code 1 if a required ratio is missed
    python benchmarks/run.py --table                  writes docs/benchmarks.rst, too

Prints ns per sample, and in brackets how many times our own time that is; then every goal, and what was reached.
Results go to benchmarks/results/ as JSON and PNG. Peers come with `pip install --group bench`; those missing are named.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import platform
import sys
import warnings
from pathlib import Path

import alone  # noqa: F401
import own
import page
import table
from contenders import CONTENDERS
from figure import draw
from goals import PEAK, REQUIRED, Numbers
from limits import Limits
from timing import Timing, measure

import gainsched as gs

RESULTS = Path(__file__).parent / "results"
TAPS = {"LMS": (8, 32, 128, 512, 2048), "NLMS": (8, 32, 128, 512, 2048), "RLS": (8, 32, 128, 512), "NLMS step": (8, 32)}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taps", default="", help="comma-separated (default: all of each algorithm)")
    parser.add_argument("--algorithms", default=",".join(TAPS), help="comma-separated (default %(default)s)")
    parser.add_argument("--only", default="", help="contenders whose name contains one of these, comma-separated; "
                                                   "what we measure against ourselves is then left out")
    parser.add_argument("--turns", type=int, default=9, help="the least of so many turns counts (default %(default)s)")
    parser.add_argument("--budget", type=float, default=0.05, help="seconds per turn (default %(default)s)")
    parser.add_argument("--quick", action="store_true", help="3 turns of 0.02 s, shorter records")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a required ratio is missed")
    parser.add_argument("--table", action="store_true", help="write docs/benchmarks.rst and the numbers of its figure")
    chosen = parser.parse_args()
    if chosen.table and (chosen.taps or chosen.only or chosen.algorithms != ",".join(TAPS) or gs.simd() != "avx2"):
        parser.error("--table writes the whole page, which explains the level avx2: it takes no part of a run")
    if chosen.quick:
        chosen.turns, chosen.budget = 3, 0.02
    return chosen


def contest(chosen: argparse.Namespace, limits: Limits) -> list[Timing]:
    """Every contender on every algorithm at every number of taps, printed as they come."""
    contenders = [c for c in CONTENDERS if any(part in c.name for part in chosen.only.split(","))]
    timings: list[Timing] = []
    for algorithm in chosen.algorithms.split(","):
        for n in map(int, chosen.taps.split(",")) if chosen.taps else TAPS[algorithm]:
            timings += measure(algorithm, n, contenders, chosen.budget, chosen.turns, limits)
        print(table.contest(algorithm, timings), end="\n\n", flush=True)
    if any(t.same_job is False for t in timings):
        print("! ended at other weights than the algorithm should: not the same job\n")
    return timings


def facts(limits: Limits) -> dict:
    """What the numbers depend on."""
    versions = {"python": platform.python_version()}
    for package in dict.fromkeys(["numpy", *(c.package for c in CONTENDERS)]):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    return {"date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d"), "system": platform.system(),
            "arch": platform.machine(), "processor": platform.processor(), "simd": gs.simd(), "versions": versions,
            "limits": limits.numbers()}


def main() -> int:
    chosen = arguments()
    warnings.simplefilter("ignore")                      # the peers' own
    limits = Limits()
    timings = contest(chosen, limits)
    numbers: Numbers = {(t.algorithm, t.n, t.contender): t.ns for t in timings if t.ns}
    numbers |= {(t.algorithm, t.n, PEAK): ns for t in timings
                if t.algorithm in ("LMS", "NLMS") and (ns := limits.lms_ns(t.n))}
    if not chosen.only:
        numbers |= own.everything(chosen.turns, chosen.quick)

    print(limits.words(), table.goals(numbers), sep="\n\n")
    RESULTS.mkdir(exist_ok=True)
    stem = RESULTS / dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H%M%S")
    record = {"facts": facts(limits), "turns": chosen.turns, "budget": chosen.budget,
              "numbers": [[*key, float(f"{value:.5g}")] for key, value in numbers.items()],
              "timings": [t.to_dict() for t in timings]}
    stem.with_suffix(".json").write_text(json.dumps(record, indent=1))
    draw(numbers).savefig(stem.with_suffix(".png"), dpi=130)
    print(f"\nresults: {stem.name}.json and .png in benchmarks/results/")
    if chosen.table:
        page.write(record)
    good = all(goal.row(numbers)[-1] == "met" for goal in REQUIRED)
    return 0 if good or not chosen.check else 1


if __name__ == "__main__":
    sys.exit(main())
