"""docs/benchmarks.rst from the numbers of one run, which are kept beside it: no figure on the page is typed.

`python benchmarks/run.py --table` measures, then writes both; `python benchmarks/page.py` writes the page again from
the numbers that are kept.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from goals import GOALS, OURS, PEAK, Numbers

DOCS = Path(__file__).parents[1] / "docs"
PAGE, KEPT = DOCS / "benchmarks.rst", DOCS / "figures" / "speed.json"
ALGORITHMS = ("LMS", "NLMS", "RLS", "NLMS step")
HEAD = """\
.. Written by `python benchmarks/run.py --table` from the numbers of one run, figures/speed.json. Do not edit.

Benchmarks
==========

All numbers of this page are of one run of ``make bench`` ({date}, {system} on {arch}, SIMD level {simd}): the least
CPU time of {turns} turns, in each of which all contenders and the limits of the processor are measured one after
another. The job is the identification of a response of n taps from white input. Outputs go into used memory wherever
that can be had: the numba loops write into arrays that are kept, gainsched's memory serves again once a run is let go,
the other interfaces make theirs anew. Ratios carry over to other machines, nanoseconds do not. :doc:`fast` says what
limits what.

Versions: {versions}.

Goals
-----
"""
PICTURE = """\
Nanoseconds per sample
----------------------

.. plot:: figures/speed.py
   :alt: Nanoseconds per sample against the number of taps for LMS, NLMS and RLS, log-log, with the limit dashed.

In brackets: how many times our own time. ``scipy.signal.lfilter`` filters only and adapts nothing; the FMA limit is
what 2 n multiply-adds take at the peak measured in the same run.
"""
LIMITS = """\
What limits LMS
---------------

.. limits of LMS begin

Measured in this run: {multiply_adds_gflops:.1f} GFLOP/s of multiply-adds, {latency_ns:.2f} ns from one multiply-add to
one that waits for it, {loads_gb_per_s:.0f} GB/s out of the first cache; memory that the process has not had before
costs {fresh_ns_per_element:.1f} ns per number at first writing. In the table, ns per sample:
"""


def numbers_of(record: dict) -> Numbers:
    return {(job, n, who): value for job, n, who, value in record["numbers"]}


def listed(head: tuple[str, ...], rows: list[tuple[str, ...]], widths: str) -> str:
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in (head, *rows):
        lines += [f"   {'* -' if i == 0 else '  -'} {cell}".rstrip() for i, cell in enumerate(row)]
    return "\n".join(lines)


def figures(value: float) -> str:
    """Three digits, and thousands apart."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def contest(algorithm: str, numbers: Numbers) -> str:
    """Contenders by row, taps by column."""
    taps = sorted({n for job, n, _ in numbers if job == algorithm})
    names = list(dict.fromkeys(who for job, _, who in numbers if job == algorithm))

    def cell(who: str, n: int) -> str:
        ns, ours = numbers.get((algorithm, n, who)), numbers[algorithm, n, OURS]
        return "" if ns is None else figures(ns) if who == OURS else f"{figures(ns)} ({figures(ns / ours)}x)"

    rows = [(who, *(cell(who, n) for n in taps)) for who in names]
    return "\n\n".join([f"{algorithm}, ns per sample:",
                        listed((algorithm, *(f"n = {n}" for n in taps)), rows, " ".join(["24", *["16"] * len(taps)]))])


def lms_limits(numbers: Numbers, limits: dict[str, float]) -> str:
    """What the avx2 kernel asks of the core per sample, against what the core can do: see docs/fast.rst."""
    rows = []
    for n in sorted(n for job, n, who in numbers if (job, who) == ("LMS", PEAK)):
        ours, peak = numbers["LMS", n, OURS], numbers["LMS", n, PEAK]
        chain = (14 + n / 4) / 4 * limits["latency_ns"]
        loads = 5 * 8 * n / 4 / limits["loads_gb_per_s"]
        rows.append((str(n), figures(ours), f"{peak:.3g}", f"{loads:.3g}", f"{chain:.3g}",
                     f"{100 * max(peak, chain, loads) / ours:.0f} %"))
    head = ("n", "measured", "multiply-adds", "loads", "chain of results", "longest of them / measured")
    return listed(head, rows, "10 18 18 18 18 18")


def rls_passes(numbers: Numbers, gflops: float | None) -> str:
    """RLS by what it does to the triangle of P: four operations on each element, as multiply-adds at the peak."""
    rows = []
    for n in sorted(n for job, n, who in numbers if (job, who) == ("RLS", OURS)):
        ns, size = numbers["RLS", n, OURS], n * (n + 1) // 2
        least = figures(8 * size / gflops) if gflops else ""
        rows.append((str(n), figures(ns), least, figures(8e-3 * size), f"{16 * size / ns:.3g}"))
    return listed(("n", "measured, ns", "operations, ns", "triangle of P, kB", "GB/s, read and written once"), rows,
                  "10 20 20 20 30")


def text(record: dict) -> str:
    """The whole page."""
    facts, numbers = record["facts"], numbers_of(record)
    versions = ", ".join(f"{name} {v}" for name, v in facts["versions"].items() if v)
    goals = listed(("goal", "n", "wanted", "reached", ""), [goal.row(numbers) for goal in GOALS], "44 8 14 24 12")
    parts = [HEAD.format(**facts | {"versions": versions, "turns": record["turns"]}), goals + "\n", PICTURE]
    parts += [contest(a, numbers) + "\n" for a in ALGORITHMS if any(job == a for job, _, _ in numbers)]
    if "latency_ns" in facts["limits"]:
        parts += [LIMITS.format(**facts["limits"]), lms_limits(numbers, facts["limits"]), "\n.. limits of LMS end\n"]
    parts += ["What limits RLS\n---------------\n", ".. limits of RLS begin\n",
              rls_passes(numbers, facts["limits"].get("multiply_adds_gflops")), "\n.. limits of RLS end"]
    return "\n".join(parts) + "\n"


def write(record: dict) -> None:
    """Keep the numbers, without what names a processor, and write the page."""
    kept = {"facts": {k: v for k, v in record["facts"].items() if k != "processor"}, "turns": record["turns"],
            "numbers": record["numbers"]}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in kept.items() if key != "numbers"]
    rows = ",\n  ".join(json.dumps(row) for row in kept["numbers"])
    KEPT.write_text("{" + ",\n ".join([*lines, f'"numbers": [\n  {rows}\n ]']) + "}\n")
    PAGE.write_text(text(kept))
    print(f"written: {PAGE.name} and {KEPT.name}")


if __name__ == "__main__":
    PAGE.write_text(text(json.loads(KEPT.read_text())))
    sys.exit(0)
