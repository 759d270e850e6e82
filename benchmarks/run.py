"""One command, one table: our filters and the peers' on the same job, in one run.

    python benchmarks/run.py                          under two minutes
    python benchmarks/run.py --quick                  a quarter of that
    python benchmarks/run.py --taps 8,32,2048 --algorithms LMS --only gainsched,numba
    python benchmarks/run.py --check                  exit code 1 if a required ratio is missed

Prints ns per sample, and in brackets how many times our own time that is. Results go to benchmarks/results/ as JSON
and PNG. Peers come with `pip install --group bench`; those that are missing are named in the table.
"""

from __future__ import annotations

import os
import sys


def main() -> int:
    for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(threads, "1")              # one thread for everybody, set before NumPy loads
    from command import compare
    return compare(__doc__)


if __name__ == "__main__":
    sys.exit(main())
