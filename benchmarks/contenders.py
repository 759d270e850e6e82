"""Who takes part: each contender does the same identification job in its own idiom.

A contender is called as `contender(algorithm, n)` and returns `run(x, d) -> w`, or None where it has no such
algorithm. `w` are the final weights, newest sample first, by which `timing.same_job` sees that all did one job;
None where nothing adapts. Outputs go into used memory wherever that can be had: the numba loops write into arrays that
are kept, gainsched's memory serves again once a run is let go; the other interfaces make theirs anew. An import that
fails means: not installed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Run = Callable[[np.ndarray, np.ndarray], "np.ndarray | None"]

GAIN, EPS, FORGETTING = 0.5, 1e-6, 0.999        # NLMS gain and regularization, RLS forgetting; P_0 = I


def lms_gain(n: int) -> float:
    """A gain that is stable for white input of unit power at every n."""
    return 0.2 / n


@dataclass(frozen=True)
class Contender:
    """A name for the table, how to get it, and the most samples it should be given (its memory grows with them)."""

    name: str
    package: str
    make: Callable[[str, int], Run | None]
    cap: Callable[[int], int] = lambda n: 200_000
    adapts: bool = True


CONTENDERS: list[Contender] = []


def contender(name: str, package: str, **options) -> Callable:
    def enter(make):
        CONTENDERS.append(Contender(name, package, make, **options))
        return make
    return enter


def per_sample(update: Callable[[float, float], object], weights: Callable[[], np.ndarray]) -> Run:
    """A run that calls `update(x_k, d_k)` from Python for every sample."""
    def run(x, d):
        for x_k, d_k in zip(x, d, strict=True):
            update(x_k, d_k)
        return weights()
    return run


@contender("gainsched", "gainsched")
def ours(algorithm, n):
    import gainsched as gs
    loop = {
        "LMS": lambda: gs.Loop(gs.LMS(n), gain=lms_gain(n)),
        "NLMS": lambda: gs.Loop(gs.NLMS(n, eps=EPS), gain=GAIN),
        "RLS": lambda: gs.Loop(gs.RLS(n, delta=1.0), forgetting=FORGETTING),
        "NLMS step": lambda: gs.Loop(gs.NLMS(n, eps=EPS), gain=GAIN),
    }[algorithm]()
    before = loop.state                             # the peers' functions are compiled beforehand, too

    def run(x, d):
        loop.state = before
        if algorithm == "NLMS step":
            return per_sample(loop.step, lambda: loop.w)(x, d)
        return loop.run(x, d).w
    return run


@contender("padasip", "padasip", cap=lambda n: 6_000_000 // n)
def padasip(algorithm, n):
    import padasip as pa
    filters = {
        "LMS": lambda: pa.filters.FilterLMS(n, mu=lms_gain(n), w="zeros"),
        "NLMS": lambda: pa.filters.FilterNLMS(n, mu=GAIN, eps=EPS, w="zeros"),
        "RLS": lambda: pa.filters.FilterRLS(n, mu=FORGETTING, eps=1.0, w="zeros"),
    }
    if algorithm not in filters:
        return None

    def run(x, d):
        rows = np.lib.stride_tricks.sliding_window_view(np.concatenate([np.zeros(n - 1), x]), n)[:, ::-1]
        f = filters[algorithm]()
        f.run(d, rows)
        return f.w
    return run


@contender("pydaptivefiltering", "pydaptivefiltering", cap=lambda n: 4_000_000 // n)
def pydaptivefiltering(algorithm, n):
    import pydaptivefiltering as pdf
    filters = {
        "LMS": lambda: pdf.LMS(n - 1, step_size=lms_gain(n)),
        "NLMS": lambda: pdf.NLMS(n - 1, step_size=GAIN, gamma=EPS),
        "RLS": lambda: pdf.RLS(n - 1, delta=1.0, forgetting_factor=FORGETTING),
    }
    if algorithm not in filters:
        return None

    def run(x, d):
        f = filters[algorithm]()
        f.optimize(x, d)
        return np.real(f.w)
    return run


@contender("pyroomacoustics", "pyroomacoustics")
def pyroomacoustics(algorithm, n):
    from pyroomacoustics import adaptive
    filters = {
        "NLMS": lambda: adaptive.NLMS(n, mu=GAIN),
        "NLMS step": lambda: adaptive.NLMS(n, mu=GAIN),
        "RLS": lambda: adaptive.RLS(n, lmbd=FORGETTING, delta=1.0, dtype=np.float64),
    }
    if algorithm not in filters:
        return None

    def run(x, d):                                  # its only interface is one update per call
        f = filters[algorithm]()
        return per_sample(f.update, lambda: f.w)(x, d)
    return run


def numba_loops(fastmath: bool) -> Callable[[str, int], Run | None]:
    """What a user would write with numba: the textbook loops, compiled, into arrays that are made once."""
    def make(algorithm, n):
        from loops_numba import compiled
        lms, nlms, rls, step = compiled(fastmath)

        kept: dict[int, list[np.ndarray]] = {}          # by the record's length: padded input, y, e

        def arrays(x, d):
            if d.size not in kept:
                kept[d.size] = [np.zeros(n - 1 + d.size), np.empty(d.size), np.empty(d.size)]
            padded, y, e = kept[d.size]
            padded[n - 1:] = x
            return padded, d, y, e

        def steps(x, d):
            w, u = np.zeros(n), np.zeros(n)
            return per_sample(lambda x_k, d_k: step(w, u, x_k, d_k, GAIN, EPS), lambda: w)(x, d)

        return {
            "LMS": lambda x, d: lms(*arrays(x, d), n, lms_gain(n)),
            "NLMS": lambda x, d: nlms(*arrays(x, d), n, GAIN, EPS),
            "RLS": lambda x, d: rls(*arrays(x, d), n, FORGETTING),
            "NLMS step": steps,
        }[algorithm]
    return make


contender("numba", "numba")(numba_loops(fastmath=False))
contender("numba fastmath", "numba")(numba_loops(fastmath=True))


@contender("scipy lfilter (no adaptation)", "scipy", adapts=False)
def lfilter(algorithm, n):
    from scipy.signal import lfilter as filter_only
    if algorithm != "LMS":
        return None
    taps = np.random.default_rng(1).standard_normal(n)

    def run(x, d):
        filter_only(taps, 1.0, x)
    return run
