"""Instructions per sample of three kernels, counted by valgrind: a loop that got slower shows, on any machine, under any load.

Counts belong to one compiler; under another one there is nothing to compare with, and the test is skipped. After a change
that is meant, or with another compiler, renew them (half a minute):

    python -m tests.test_instructions
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import gainsched as gs
from gainsched.kernels import engine

RECORDED = Path(__file__).with_name("instructions.json")
KERNELS = ("LMS, n = 32", "NLMS, n = 8", "RLS, n = 32")
SAMPLES = 4096                      # a block of the engine: twice as many are one block more, and start-up cancels
TOLERANCE = 0.03
ENTRY = rb"(__pyx_pw_\w+Engine_\d+advance)\0"
CODE = f"""
import numpy as np, gainsched as gs
loops = gs.Loop(gs.LMS(32), gain=1e-3), gs.Loop(gs.NLMS(8), gain=0.5), gs.Loop(gs.RLS(32), forgetting=0.999)
x = np.cos(0.7 * np.arange({2 * SAMPLES}) ** 2)
for loop in loops:
    start = loop.state
    for m in ({SAMPLES}, {2 * SAMPLES}):
        loop.state = start
        loop.run(x[:m], x[m - 1::-1].copy())
"""


def in_engine(pattern):
    """What the engine's binary says about itself; None where it says nothing (another compiler, or stripped)."""
    found = re.search(pattern, Path(engine.__file__).read_bytes())
    return found[1].decode() if found else None


def compiler():
    return f"gcc {in_engine(rb'GCC: [(][^)]*[)] ([0-9.]+)')}"


def counted(level):
    """Instructions per sample by kernel: callgrind dumps what it has counted whenever `Engine.advance` begins or ends."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts"
        door = in_engine(ENTRY)
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}", f"--dump-before={door}", f"--dump-after={door}",
             sys.executable, "-c", CODE], check=True, capture_output=True, timeout=600,
            env={**os.environ, "GAINSCHED_SIMD": level, "PYTHONHASHSEED": "0",
                 "PYTHONPATH": str(Path(gs.__file__).parents[1])})
        inside = [int(re.search(r"(?m)^summary: (\d+)", counts.with_suffix(f".{i}").read_text())[1])
                  for i in range(2, 4 * len(KERNELS) + 1, 2)]
    return {name: (inside[2 * i + 1] - inside[2 * i]) / SAMPLES for i, name in enumerate(KERNELS)}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("valgrind") is None, reason="needs valgrind")
def test_kernels_take_no_more_instructions_than_they_did():
    recorded = json.loads(RECORDED.read_text())
    here = {"arch": platform.machine(), "compiler": compiler()}
    if here != {key: recorded[key] for key in here} or in_engine(ENTRY) is None:
        pytest.skip(f"counts are of {recorded['compiler']} on {recorded['arch']}; renew: python -m tests.test_instructions")
    now, then = counted(gs.simd()), recorded["counts"][gs.simd()]
    changed = {name: f"{then[name]:.1f} -> {n:.1f}" for name, n in now.items() if abs(n / then[name] - 1.0) > TOLERANCE}
    assert not changed, f"instructions per sample moved by more than 3 %: {changed}. Meant? python -m tests.test_instructions"


if __name__ == "__main__":
    levels = dict.fromkeys(("baseline", gs.simd()))
    RECORDED.write_text(json.dumps({"arch": platform.machine(), "compiler": compiler(), "counts": {
        level: {name: round(n, 2) for name, n in counted(level).items()} for level in levels}}, indent=1) + "\n")
    sys.stdout.write(RECORDED.read_text())
