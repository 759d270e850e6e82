"""What we measure against ourselves: gains against the constant one, many trials against one, import, memory, RLS.

Each returns numbers by (job, n, who), as the contest does; ns per sample unless the job's name says otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from gains import ARRAY, SAMPLES, SCALAR, SCHEDULE_NS, rows
from timing import job, lms_gain

import gainsched as gs

if TYPE_CHECKING:
    from collections.abc import Callable

    from goals import Numbers

TRIALS = 64
STREAMED = 1 << 19                               # samples per chunk of a record on disk


def gains(n: int, turns: int) -> Numbers:
    """Arrays, schedules and scalar laws, in turns with the constant gain: ratios, for schedules ns above it."""
    kinds = {ARRAY: "array / constant", SCALAR: "scalar law / constant", SCHEDULE_NS: "schedule - constant, ns"}
    x, d = job(n, SAMPLES)
    table = [row for row in rows(n, ("",)) if row.base is None or row.limit in kinds]
    for _ in range(turns):
        for row in table:
            row.turn(x, d)
    return {(kinds[row.limit], n, row.name): row.cost() for row in table if row.base is not None}


def many(n: int, turns: int, samples: int = 20_000) -> Numbers:
    """`run_many` on one thread and two, and a run per trial: ns per trial and sample, of CPU time and on the wall."""
    pairs = [job(n, samples, seed) for seed in range(TRIALS)]
    X, D = (np.stack(signals) for signals in zip(*pairs, strict=True))
    loop = gs.Loop(gs.LMS(n), lms_gain(n))
    state = loop.state

    def singly() -> None:
        for x, d in zip(X, D, strict=True):
            loop.state = state
            loop.run(x, d)

    work: dict[str, Callable[[], object]] = {
        "a run per trial": singly, "run_many": lambda: loop.run_many(X, D, workers=1)}
    if (os.cpu_count() or 1) > 1:
        work["run_many, 2 threads"] = lambda: loop.run_many(X, D, workers=2)
    clocks = {"64 trials": time.process_time, "64 trials, on the wall": time.perf_counter}
    best: Numbers = {}
    for _ in range(10 * turns):                  # both processors have to be free at once
        for name, act in work.items():
            loop.state = state
            start = [clock() for clock in clocks.values()]
            act()
            for kind, clock, begin in zip(clocks, clocks.values(), start, strict=True):
                taken = (clock() - begin) / X.size * 1e9
                best[kind, n, name] = min(best.get((kind, n, name), np.inf), taken)
    return best


def python(code: str, *arguments: str) -> float:
    """The number that a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return float(done.stdout)


def imported(turns: int) -> Numbers:
    """Seconds that `import gainsched` takes, NumPy's own included."""
    code = "import time; t = time.perf_counter(); import gainsched; print(time.perf_counter() - t)"
    return {("import, s", 0, "gainsched"): min(python(code) for _ in range(turns))}


MEMORY = """
import re, sys
from pathlib import Path
import numpy as np, gainsched as gs
T, chunk = int(sys.argv[2]), int(sys.argv[3])
status = Path("/proc/self/status")
own = lambda: int(re.search(r"RssAnon:\\s+(\\d+)", status.read_text())[1])
x, d = (np.memmap(sys.argv[1], np.float64, "r", 8 * T * i, (T,)) for i in range(2))
before = top = own()
for run in gs.Loop(gs.LMS(8), 0.01).stream((x[i:i + chunk], d[i:i + chunk]) for i in range(0, T, chunk)):
    top = max(top, own())
print((top - before) / 1024)
"""


def memory(gigabytes: float) -> Numbers:
    """MB of its own that a process needs beyond its start to stream a memory-mapped record; the file is all holes."""
    if not Path("/proc/self/status").exists():
        return {}
    samples = int(gigabytes * 1e9 / 16)
    with tempfile.NamedTemporaryFile(suffix=".f64") as file:
        file.truncate(16 * samples)
        used = python(MEMORY, file.name, str(samples), str(STREAMED))
    return {(f"memory over {gigabytes:g} GB, MB", 8, "gainsched"): used}


def floor(forgetting: float, samples: int, n: int = 8) -> Numbers:
    """RLS over colored input that falls silent for a fifth: error power over the noise at the end; inf: not finite."""
    from scipy.signal import lfilter
    rng = np.random.default_rng(0)
    h, noise, loop = rng.standard_normal(n), 1e-3, gs.Loop(gs.RLS(n), forgetting=forgetting)
    past_x, past_d, pieces = np.zeros(1), np.zeros(n - 1), 20
    for i in range(pieces):
        white = np.zeros(samples // pieces) if 8 <= i < 12 else rng.standard_normal(samples // pieces)
        x, past_x = lfilter([1.0], [1.0, -0.9], white, zi=past_x)
        d, past_d = lfilter(h, 1.0, x, zi=past_d)
        run = loop.run(x, d + noise * rng.standard_normal(len(d)))
    sound = np.isfinite(run.w).all() and np.isfinite(loop.state["filter_P"]).all()      # its upper triangle is P
    ratio = float(np.mean(run.e**2) / noise**2) if sound else np.inf
    return {(f"RLS, forgetting {forgetting}, {samples:.0e} samples, error / noise power", n, "gainsched"): ratio}


def everything(turns: int, quick: bool) -> Numbers:
    """All of the above."""
    numbers = imported(min(turns, 5)) | memory(1.0 if quick else 10.0)
    for forgetting in (0.99, 0.95):
        numbers |= floor(forgetting, 10**6 if quick else 10**7)
    for n in (8, 32, 128):
        numbers |= gains(n, turns)
    return numbers | many(8, turns) | many(32, turns)
