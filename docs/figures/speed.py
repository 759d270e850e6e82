"""ns per sample against the number of taps: the numbers of benchmarks.rst, drawn as `make bench` draws them."""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt

HERE = Path(__file__).parent if "__file__" in globals() else Path.cwd()
sys.path.insert(0, str(HERE.parents[1] / "benchmarks"))

from figure import draw  # noqa: E402

record = json.loads((HERE / "speed.json").read_text())
numbers = {(job, n, who): value for job, n, who, value in record["numbers"]}
draw(numbers, plt.figure(figsize=(9.5, 4.2), layout="constrained"))
