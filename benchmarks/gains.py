"""What a gain costs: arrays, schedules, laws and compensators against the constant gain, in one run.

    python benchmarks/gains.py                 n = 32 and 128
    python benchmarks/gains.py --taps 8,32     --only adam,idbd
    python benchmarks/gains.py --check         exit code 1 if a limit is passed

White input; schedules drive NLMS, laws and compensators LMS. Every turn runs all rows one after another, the least CPU
time of several turns counts, and only ratios within one run are worth quoting. A row is the time of `loop.run`; making
the loop is not in it.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field

import numpy as np
from timing import job

import gainsched as gs
from gainsched import registry

SAMPLES, TURNS = 100_000, 9
MU = 0.2                                         # over the taps: stable for white input of unit power
SCALAR, VECTOR, ARRAY, SCHEDULE_NS = 1.5, 3.0, 1.05, 10.0
SCHEDULES = {
    "InverseTime": (1.0, 1e-4), "TimeBased": (1.0, 1e-9), "InversePower": (1.0, 0.6), "InverseSqrt": (1.0, 1000),
    "Step": (1.0, 0.9, 5000), "Exponential": (1.0, 0.5, 5000), "PiecewiseConstant": ((5000, 9000), (1.0, 0.5, 0.1)),
    "PiecewiseLinear": ((0, 5000, 90_000), (1.0, 0.5, 0.1)), "Polynomial": (1.0, 0.1, 50_000, 2),
    "Cosine": (1.0, 0.1, 50_000), "CosineRestarts": (1.0, 0.1, 1000, 2), "Cyclic": (0.1, 1.0, 1000),
    "OneCycle": (1.0, 90_000), "WarmupStableDecay": (1.0, 1000, 50_000, 40_000), "Tanh": (1.0, 0.1, 50_000),
    "Chebyshev": (1.0, 10.0, 16), "Silver": (1e6,),
}


@dataclass
class Row:
    """One gain at one number of taps."""

    name: str
    limit: float
    unit: str
    loop: gs.Loop
    base: Row | None = None
    state: np.ndarray = field(init=False)
    ns: float = float("inf")

    def __post_init__(self):
        self.state = self.loop.state

    def turn(self, x, d):
        self.loop.state = self.state
        start = time.process_time()
        run = self.loop.run(x, d)
        self.ns = min(self.ns, (time.process_time() - start) / run.n * 1e9)

    def cost(self) -> float:
        """Ratio to the same filter's constant gain, or ns per sample above it."""
        constant = self.ns if self.base is None else self.base.ns
        return self.ns / constant if self.unit == "x" else self.ns - constant


def rows(n: int, only: tuple[str, ...]) -> list[Row]:
    """The constant gain, then everything else."""
    mu = MU / n
    lms = Row("LMS constant", float("inf"), "x", gs.Loop(gs.LMS(n), mu))
    nlms = Row("NLMS constant", float("inf"), "x", gs.Loop(gs.NLMS(n), 0.5))
    found = [lms, nlms, Row("LMS array", ARRAY, "x", gs.Loop(gs.LMS(n), np.full(SAMPLES, mu)), lms),
             Row("NLMS array", ARRAY, "x", gs.Loop(gs.NLMS(n), np.full(SAMPLES, 0.5)), nlms)]
    for name, arguments in SCHEDULES.items():
        schedule = registry.find("schedule", name)(*arguments)
        found.append(Row(name, SCHEDULE_NS, "ns", gs.Loop(gs.NLMS(n), schedule), nlms))
    for name in registry.names("law"):
        law = registry.find("law", name)()
        if "gain" in law.ports:
            initial = law.initial(n)
            scalar = sum(value.size for value in initial.values()) < n
            limit = float("inf") if law.kernel.whole else SCALAR if scalar else VECTOR
            found.append(Row(name, limit, "x", gs.Loop(gs.LMS(n), law, on_divergence="stop"), lms))
    for name in registry.names("compensator"):
        cls = registry.find("compensator", name)
        made = cls(0.9) if any(p.required for p in cls.parameters()) else cls()
        found.append(Row(name, float("inf"), "x", gs.Loop(gs.LMS(n), 0.1 * mu, compensator=made), lms))
    return [row for row in found if row.base is None or any(part in row.name.lower() for part in only)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taps", default="32,128", help="comma-separated (default %(default)s)")
    parser.add_argument("--only", default="", help="gains whose name contains one of these, comma-separated")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a limit is passed")
    chosen = parser.parse_args()
    passed = []
    for n in map(int, chosen.taps.split(",")):
        x, d = job(n, SAMPLES)
        table = rows(n, tuple(chosen.only.lower().split(",")))
        for _ in range(TURNS):
            for row in table:
                row.turn(x, d)
        print(f"n = {n}: ns per sample, and against the constant gain")
        for row in table:
            cost = row.cost()
            over = cost > row.limit
            passed += [f"{row.name}, n = {n}"] if over else []
            allowed = f"  limit {row.limit:g} {row.unit}{'  PASSED' if over else ''}" if np.isfinite(row.limit) else ""
            print(f"  {row.name:<20}{row.ns:9.1f}{cost:9.2f} {row.unit:<3}{allowed}")
    print("all limits kept" if not passed else f"limits passed: {', '.join(passed)}")
    return 1 if passed and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
