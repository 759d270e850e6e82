"""How it is measured: one job, contenders in turn, the least CPU time of several turns.

Times of a shared machine differ by half between minutes, ratios within one turn do not: so every turn runs all
contenders one after another, the measured limits among them, and only ratios of one table are worth quoting.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from contenders import EPS, FORGETTING, GAIN, Contender, Run, lms_gain

if TYPE_CHECKING:
    from limits import Limits

STEPS = 20_000          # floats that stay in cache: a step is measured, not the memory its argument comes from
SAME = 1e-4                      # relative: the peers regularize at slightly different places


@dataclass
class Timing:
    """One cell of the table: ns per sample over `samples` samples, or why there is none."""

    contender: str
    algorithm: str
    n: int
    ns: float | None = None
    samples: int = 0
    same_job: bool | None = None
    note: str = ""

    def to_dict(self) -> dict:
        return asdict(self)


def job(n: int, samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """White input of unit power, a random response of n taps, noise at -60 dB."""
    rng = np.random.default_rng(seed)
    h = rng.standard_normal(n) / np.sqrt(n)
    x = rng.standard_normal(samples)
    size = 1 << (samples + n - 1).bit_length()
    d = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(h, size), size)[:samples]
    return x, d + 1e-3 * rng.standard_normal(samples)


def expected(algorithm: str, n: int, x: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Final weights by the plainest NumPy loop."""
    u, w, P = np.zeros(n), np.zeros(n), np.eye(n)
    for x_k, d_k in zip(x, d, strict=True):
        u = np.concatenate([[x_k], u[:-1]])
        e = d_k - w @ u
        if algorithm == "RLS":
            K = P @ u / (FORGETTING + u @ P @ u)
            w = w + K * e
            P = (P - np.outer(K, u @ P)) / FORGETTING
        else:
            w = w + (lms_gain(n) if algorithm == "LMS" else GAIN / (EPS + u @ u)) * e * u
    return w


def same_job(run: Run, algorithm: str, n: int, x: np.ndarray, d: np.ndarray, truth: np.ndarray) -> bool:
    """Whether a contender ends at the weights the algorithm should end at; also its warm-up."""
    w = run(x, d)
    return w is not None and bool(np.linalg.norm(np.ravel(w) - truth) <= SAME * np.linalg.norm(truth))


def seconds(run: Run, x: np.ndarray, d: np.ndarray) -> float:
    start = time.process_time()
    run(x, d)
    return time.process_time() - start


LONGEST = 100_000        # samples of a job: far longer records time the main memory, not the loops


def enough(run: Run, n: int, cap: int, budget: float) -> int:
    """The number of samples that takes about `budget` seconds, at most `cap` and LONGEST."""
    cap = min(cap, LONGEST)
    samples = min(64, cap)
    while True:
        took = seconds(run, *job(n, samples))
        if took >= budget / 4 or samples >= cap:
            return int(np.clip(samples * budget / max(took, 1e-9), 64, cap))
        samples = min(4 * samples, cap)


def measure(algorithm: str, n: int, contenders: list[Contender], budget: float, turns: int,
            limits: Limits) -> list[Timing]:
    """Time every contender that has the algorithm, in turns with the limits; those that lack it are left out."""
    x, d = job(n, 300 if n <= 128 else 120)
    truth = expected(algorithm, n, x, d)
    timings, ready = [], []
    for c in contenders:
        cell = Timing(c.name, algorithm, n)
        try:
            run = c.make(algorithm, n)
        except ImportError as error:
            timings.append(cell)
            cell.note = f"not installed: pip install {c.package}" + ("" if error.name == c.package else f" ({error})")
            continue
        if run is None:
            continue
        if c.adapts:
            cell.same_job = same_job(run, algorithm, n, x, d, truth)
        stepping = algorithm.endswith("step")
        cell.samples = enough(run, n, min(c.cap(n), STEPS) if stepping else c.cap(n), budget)
        timings.append(cell)
        signals = job(n, cell.samples)
        ready.append((cell, run, tuple(s.tolist() for s in signals) if stepping else signals))
    for _ in range(turns):
        limits.turn()
        for cell, run, signals in ready:
            spent = 0.0
            while spent < budget:                # the first run of a turn finds the caches full of the others' numbers
                spent += (took := seconds(run, *signals))
                ns = took / cell.samples * 1e9
                cell.ns = ns if cell.ns is None else min(cell.ns, ns)
    return timings
