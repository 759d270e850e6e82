"""What an answer of the analysis takes, and what the monitor adds to a run: seconds, in one run.

    python benchmarks/analysis.py
    python benchmarks/analysis.py --check      exit code 1 if a limit is passed

The least CPU time of several turns; for the monitor plain and watched runs take turns, and the ratio counts.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import toeplitz
from timing import job

import gainsched as gs

if TYPE_CHECKING:
    from collections.abc import Callable

TURNS, CHUNK = 5, 50_000


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def answers() -> dict[str, tuple[Callable[[], object], float]]:
    """Name -> (what is asked, seconds allowed)."""
    gains = np.random.default_rng(0).uniform(0.1, 1.0, 1000)
    x, d = job(32, 100_000)
    long = toeplitz(0.9 ** np.arange(512))
    root = 10.0                                                    # of the condition number: Nesterov's beta
    nesterov = gs.Nesterov((root - 1) / (root + 1))
    return {
        "certify, 1000 gains, momentum, modes 1:1000":
            (lambda: gs.certify(gains, modes=(1e-3, 1.0), compensator=gs.HeavyBall(0.9)), 2.0),
        "certify_switching, 2 gains, momentum":
            (lambda: gs.certify_switching([0.2, 3.6], modes=(1.0, 1.0), compensator=gs.HeavyBall(0.9)), np.inf),
        "convergence_rate, off-by-one, kappa 100":
            (lambda: gs.convergence_rate(root**2, 1.0, nesterov, "off-by-one"), 0.3),
        "worst_case, 15 steps": (lambda: gs.worst_case(gs.Silver(1.0), steps=15), 1.0),
        "worst_case, 30 steps": (lambda: gs.worst_case(1.0, steps=30), 10.0),
        "analyze, 1e5 samples, 32 taps": (lambda: gs.analyze(gs.Loop(gs.LMS(32), 1e-3), x=x, d=d), np.inf),
        "analyze, 512 taps behind a delay of 50, schedule":
            (lambda: gs.analyze(gs.Loop(gs.DelayedLMS(512, delay=50), gs.Exponential(1.2e-3, 0.5, 1000, floor=1e-5)),
                                gs.Excitation(long, noise=0.01)), 10.0),
        "design, NLMS, 32 taps, two wishes":
            (lambda: gs.design(gs.NLMS(32), gs.Excitation(long[:32, :32], noise=0.01), misadjustment=0.5,
                               settling=50_000), 5.0),
        "optimal_schedule, 2000 steps to the end, 8 taps":
            (lambda: gs.optimal_schedule(gs.LMS(8), gs.Excitation(long[:8, :8], noise=0.01), 2000, horizon="end"),
             30.0),
        "tune, 1e5 samples, 32 taps": (lambda: gs.tune(gs.NLMS(32), x, d, workers=1), 60.0),
        "monte_carlo, 100 trials of 5000 samples, 8 taps":
            (lambda: gs.monte_carlo(gs.Loop(gs.NLMS(8)), gs.scenarios.Identification(8, samples=5000)), 10.0),
        "range_test, 1e5 samples, 32 taps": (lambda: gs.range_test(gs.Loop(gs.LMS(32), 1e-3), x, d), np.inf),
    }


def watched() -> float:
    """A monitored run over a plain one, 32 taps, in chunks: long enough for all that the monitor does now and then."""
    x, d = job(32, 22 * CHUNK)

    def passed(run: Callable[[np.ndarray, np.ndarray], object]) -> float:
        return seconds(lambda: [run(x[i:i + CHUNK], d[i:i + CHUNK]) for i in range(0, len(x), CHUNK)])

    times = [(passed(gs.Loop(gs.LMS(32), 1e-3).run), passed(gs.Monitor(gs.Loop(gs.LMS(32), 1e-3)).run))
             for _ in range(2 * TURNS)]
    plain, with_monitor = np.min(times, axis=0)
    return float(with_monitor / plain)


def main() -> int:
    over = []
    for name, (work, limit) in answers().items():
        work()                                                     # what it loads is loaded
        took = min(seconds(work) for _ in range(TURNS))
        over += [name] if took > limit else []
        print(f"  {name:<48}{took:8.3f} s" + (f"   limit {limit:g} s" if np.isfinite(limit) else ""))
    ratio = watched()
    over += ["monitor"] if ratio > 1.1 else []
    print(f"  {'monitored run over a plain one, chunks of 50 000':<48}{ratio:8.3f} x   limit 1.1 x")
    print("all limits kept" if not over else f"limits passed: {', '.join(over)}")
    return 1 if over and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
