"""The limits of the core, measured beside the filters: multiply-adds, their latency, loads, fresh memory.

`limits.c` is compiled on the fly for the instruction set that gainsched uses; where there is no compiler, the limits
are left out and the goals that need them count as not measured.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np

import gainsched as gs

FLAGS = {"avx2": ["-mavx2", "-mfma", "-ffp-contract=fast", "-DLANES=4"]}        # by the name that gs.simd() has for it
BASELINE = ["-ffp-contract=off", "-DLANES=2"]                                   # there multiply and add are two
ROUNDS = 200_000
PAGES = 1 << 20                                                                 # doubles


class Limits:
    """Each turn measures once more; the best of all turns counts."""

    def __init__(self):
        self.lanes = 4 if gs.simd() in FLAGS else 2
        self.best: dict[str, float] = {}                                        # seconds
        self.note = ""
        self.buffer = np.ones(2048)                                             # 16 KB
        self.used, self.written = np.zeros(PAGES), np.ones(PAGES)
        self.library = self.compiled()

    def compiled(self) -> ctypes.CDLL | None:
        command = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
        if shutil.which(command[0]) is None:
            self.note = f"not measured, there is no compiler {command[0]!r}"
            return None
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "limits.so"
            flags = FLAGS.get(gs.simd(), BASELINE)
            source = Path(__file__).with_name("limits.c")
            done = subprocess.run([command[0], "-O2", "-shared", "-fPIC", *flags, "-o", str(made), str(source)],
                                  capture_output=True, text=True, check=False)
            if done.returncode:
                self.note = f"not measured, {command[0]} refused limits.c: {done.stderr.strip()[-200:]}"
                return None
            library = ctypes.CDLL(str(made))
        for name in ("multiply_adds", "dependent"):
            getattr(library, name).argtypes = [ctypes.c_long, ctypes.c_double, ctypes.c_double]
        library.loads.argtypes = [ctypes.c_void_p, ctypes.c_long, ctypes.c_long]
        return library

    def turn(self) -> None:
        """Measure once; a few milliseconds."""
        c = self.library
        if c is not None:
            self.take("multiply_adds", lambda: c.multiply_adds(ROUNDS, 0.999, 1e-3))
            self.take("dependent", lambda: c.dependent(ROUNDS, 0.999, 1e-3))
            self.take("loads", lambda: c.loads(self.buffer.ctypes.data, self.buffer.size, ROUNDS))
        with mmap.mmap(-1, 8 * PAGES) as memory:                                # memory that nobody had before
            self.take("fresh", lambda: memory.write(self.used))
        self.take("used", lambda: self.written.__setitem__(slice(None), self.used))

    def take(self, name: str, work) -> None:
        start = time.process_time()
        work()
        self.best[name] = min(self.best.get(name, np.inf), time.process_time() - start)

    def numbers(self) -> dict[str, float]:
        """GFLOP/s, ns, GB/s: what was measured, and nothing where nothing was."""
        found = {}
        if "loads" in self.best:
            found["multiply_adds_gflops"] = 20 * self.lanes * ROUNDS / self.best["multiply_adds"] * 1e-9
            found["latency_ns"] = self.best["dependent"] / ROUNDS * 1e9
            found["loads_gb_per_s"] = 64 * self.lanes * ROUNDS / self.best["loads"] * 1e-9
        if "fresh" in self.best:
            found["fresh_ns_per_element"] = (self.best["fresh"] - self.best["used"]) / PAGES * 1e9
        return found

    def words(self) -> str:
        """One line for the terminal."""
        n = self.numbers()
        core = self.note or (f"{n['multiply_adds_gflops']:.1f} GFLOP/s of multiply-adds, {n['latency_ns']:.2f} ns from "
                             f"one to the next that waits, {n['loads_gb_per_s']:.0f} GB/s out of the first cache")
        return f"limits at level {gs.simd()}: {core}; fresh memory {n['fresh_ns_per_element']:.1f} ns per number"

    def lms_ns(self, n: int) -> float | None:
        """What n multiply-adds for the output and n for the update take at the peak."""
        gflops = self.numbers().get("multiply_adds_gflops")
        return 4 * n / gflops if gflops else None
