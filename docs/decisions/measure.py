"""The measurements behind the decision records: ``python docs/decisions/measure.py NAME`` (or ``all``).

Times are the best of several runs on one thread, in ns per sample unless said otherwise. They differ between machines;
the ratios are what the records argue with.
"""

from __future__ import annotations

import ctypes
import functools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import gainsched as gs
from gainsched import registry

HERE = Path(__file__).parent
KERNELS = HERE.parents[1] / "gainsched" / "kernels"
VARIANTS = ("hook through a pointer", "coefficient inlined", "direction copied", "line shifted", "ring in two parts",
            "weights checked")
TAPS = (8, 32, 128, 512)
SAMPLES = 10_000


def best(job, repeats=7):
    """Seconds of the fastest of several runs."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        job()
        times.append(time.perf_counter() - begin)
    return min(times)


def grid(jobs, scale, repeats=25):
    """Best times of several jobs, measured in turns, so that a busy spell of the machine meets all alike."""
    fastest = dict.fromkeys(jobs, np.inf)
    for _ in range(repeats):
        for key, job in jobs.items():
            fastest[key] = min(fastest[key], best(job, 1))
    return {key: seconds * scale for key, seconds in fastest.items()}


def record(T, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(T)
    return x, np.convolve(x, [0.8, -0.4, 0.2])[:T] + 0.01 * rng.standard_normal(T)


def loop_job(filter, turn=1, keep=None, **options):
    x, d = (turn * signal for signal in record(SAMPLES))
    loop = gs.Loop(filter, **options)
    return lambda: loop.run(x, d, record=keep)


def built(source, *flags):
    """A C file beside this one as a library."""
    out = Path(tempfile.mkdtemp()) / "variants.so"
    command = ["cc", "-O3", "-ffp-contract=off", "-Wno-psabi", "-shared", "-fPIC", f"-I{KERNELS}", *flags,
               str(HERE / source), "-o", str(out), "-lm"]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(out))


def compiled(*flags):
    """The variants of measure.c as a function of (variant, taps, baseline) -> job."""
    run = built("measure.c", *flags).run
    pointer = ctypes.c_void_p
    run.argtypes = [ctypes.c_int, ctypes.c_int, pointer, pointer, ctypes.c_ssize_t, pointer, pointer, ctypes.c_ssize_t,
                    ctypes.c_double]
    run.restype = ctypes.c_double

    def job(variant, n, baseline=0):
        x, d = record(SAMPLES)
        newest_first = np.concatenate([x[::-1], np.zeros(n)])
        w, line = np.empty(n), np.empty(2 * n)
        data = [a.ctypes.data for a in (newest_first, d)]
        keep = (newest_first, d, w, line)
        return lambda: run(variant, baseline, *data, SAMPLES, w.ctypes.data, line.ctypes.data, n, 0.5) if keep else None

    return job


def compare(rows):
    """Time rows of (name, function of taps -> job) side by side and print them."""
    ns = grid({(name, n): make(n) for name, make in rows for n in TAPS}, 1e9 / SAMPLES)
    table(["ns per sample, taps", *TAPS], [(name, *(ns[name, n] for n in TAPS)) for name, _ in rows])


def table(head, rows):
    print(" | ".join(f"{h:>10}" if i else f"{h:<24}" for i, h in enumerate(head)))
    for name, *values in rows:
        print(" | ".join([f"{name:<24}", *(f"{v:>10.1f}" if isinstance(v, float) else f"{v:>10}" for v in values)]))


def simd():
    """Run-time choice against the baseline, and against -march=native."""
    plain, native = compiled(), compiled("-march=native")
    compare([("16 bytes (baseline)", lambda n: plain(0, n, 1)), (f"chosen ({gs.simd()})", lambda n: plain(0, n)),
             ("chosen, -march=native", lambda n: native(0, n))])


def hooks():
    """One indirect call per sample against inlined code; a direction that is pointed at against one that is copied."""
    job = compiled()
    compare([(VARIANTS[v], lambda n, v=v: job(v, n)) for v in (1, 0, 2)])


def lines():
    """The regressor as a pointer, as a shifted line, as a ring in two parts."""
    job = compiled()
    compare([("pointer, newest first", lambda n: job(0, n)),
             *((VARIANTS[v], lambda n, v=v: job(v, n)) for v in (3, 4))])


def divergence():
    """What a look at every weight would cost; where a loop far above its bound stands when it stops."""
    job = compiled()
    compare([("error judged", lambda n: job(0, n)), (VARIANTS[5], lambda n: job(5, n))])
    x, d = record(5000)
    for gain in (0.5, 5.0, 1e100):
        run = gs.LMS(8).run(x, d, gain=gain, on_divergence="stop")
        print(f"LMS(8), gain {gain:g}: {run.status} at {run.stopped_at}, largest |w| {np.abs(run.w).max():.3g}")


def lookahead():
    """The turn of a block in three writings; whole runs, and step by step."""
    turns = built("turn.c").turns
    turns.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_ssize_t]
    turns.restype = ctypes.c_double
    x, w = np.random.default_rng(0).standard_normal(SAMPLES + 1024), np.zeros(1024)
    newest = x[SAMPLES:].ctypes.data
    compare([(name, lambda n, v=v: lambda: turns(v, newest, w.ctypes.data, n, SAMPLES // 4))
             for v, name in enumerate(("windows loaded again", "windows carried", "two chains per row"))])
    schedule = gs.Exponential(1.0, rate=0.5, every=1000, floor=0.1)
    compare([("LMS", lambda n: loop_job(gs.LMS(n), gain=0.1 / n)), ("NLMS", lambda n: loop_job(gs.NLMS(n))),
             ("DelayedLMS, one at a time", lambda n: loop_job(gs.DelayedLMS(n, delay=0), gain=0.1 / n)),
             ("LMS, complex", lambda n: loop_job(gs.LMS(n), 1 + 1j, gain=0.05 / n)),
             ("NLMS, schedule", lambda n: loop_job(gs.NLMS(n), gain=schedule))])
    loop = gs.Loop(gs.NLMS(32))
    x, d = (s.tolist() for s in record(20_000))
    step = loop.step

    def steps():
        for a, b in zip(x, d, strict=True):
            step(a, b)

    print(f"NLMS(32), step by step from Python: {best(steps) / len(x) * 1e9:.0f} ns per sample")


def tabulation():
    """Whether the values of a schedule depend on how its arguments are cut; what tabulating costs."""
    rng = np.random.default_rng(0)
    k = np.arange(200_000.0)
    cuts = np.sort(rng.choice(len(k), 3000, replace=False))
    for name, f in (("0.9997 ** k", lambda k: 0.9997**k), ("exp", lambda k: np.exp(-3e-4 * k)),
                    ("cos", lambda k: np.cos(1e-3 * k))):
        whole, pieces = f(k), np.concatenate([f(p) for p in np.split(k, cuts)])
        single = np.array([f(x) for x in k])
        print(f"{name:<12} of {len(k)} values, {np.count_nonzero(whole != pieces)} differ when cut at random, "
              f"{np.count_nonzero(whole != single)} when taken one by one")
    s = gs.Exponential(1.0, rate=0.5, every=1000, floor=0.1)
    block = np.arange(4096)
    print(f"one block of 4096: {best(lambda: s(block)) / 4096 * 1e9:.1f} ns per value; one call per sample: "
          f"{best(lambda: [s(k) for k in range(1000)]) / 1000 * 1e9:.0f} ns")


def imports():
    """Time to import the package alone, and with what it loads on first use."""
    jobs = {"python alone": "", "numpy": "import numpy", "gainsched": "import gainsched",
            "gainsched, one loop run": "import gainsched as gs; gs.NLMS(2).run([1.], [1.])",
            "all of it at once": "import gainsched, scipy.signal, pandas, matplotlib.pyplot, control"}
    for name, code in jobs.items():
        seconds = best(lambda code=code: subprocess.run([sys.executable, "-c", code], check=True), repeats=5)
        print(f"{name:<24} {seconds * 1e3:>7.0f} ms")


def numpy_api():
    """A compiled module with and without the NumPy C API: size, build time; the price of an address."""
    for name, head in (("without the NumPy C API", ""), ("with it", "cimport numpy as cnp\ncnp.import_array()\n")):
        folder = Path(tempfile.mkdtemp())
        source = folder / "probe.pyx"
        source.write_text(head + "def total(const double[::1] x):\n    cdef double s = 0\n    cdef Py_ssize_t i\n"
                          "    for i in range(x.shape[0]):\n        s += x[i]\n    return s\n")
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-m", "cython", "-3", str(source)], check=True)
        includes = [f"-I{np.get_include()}"] if head else []
        import sysconfig
        subprocess.run(["cc", "-O3", "-shared", "-fPIC", f"-I{sysconfig.get_path('include')}", *includes,
                        str(source.with_suffix(".c")), "-o", str(folder / "probe.so")], check=True)
        print(f"{name:<24} {(folder / 'probe.so').stat().st_size / 1024:>6.0f} KB, built in "
              f"{time.perf_counter() - begin:.1f} s")
    array = np.zeros(8)
    print(f"array.ctypes.data from Python: {best(lambda: [array.ctypes.data for _ in range(1000)]) * 1e6:.0f} ns "
          "(once per block of 4096 samples)")
    print("numpy", np.__version__, "runs", gs.NLMS(2).run([1.0, 2.0], [1.0, 2.0]))


def own_laws():
    """Kwong and Johnston's law built in, as a C function of one's own, and in Python; a step of gs.Descent."""
    source = Path(tempfile.mkdtemp()) / "own.c"
    source.write_text('#include "law.h"\n'
                      "void law(int64_t k, double e, const double *g, const double *u, int64_t n,\n"
                      "         const double *params, double *memory, double *gains)\n"
                      "{\n"
                      "    if (memory[1]) gains[0] = params[0] * gains[0] + params[1] * memory[0];\n"
                      "    memory[0] = e * e;\n"
                      "    memory[1] = 1.0;\n"
                      "}\n")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", f"-I{gs.CompiledLaw.include()}", str(source), "-o",
                    str(source.with_suffix(".so"))], check=True)
    in_c = gs.CompiledLaw(ctypes.CDLL(str(source.with_suffix(".so"))).law, params=(0.97, 4.8e-4), memory=2)

    def in_python(gain, e, g, u, memory):
        last, seen = memory
        memory[:] = e * e, 1.0
        return 0.97 * gain + 4.8e-4 * last if seen else gain

    compare([("number", lambda n: loop_job(gs.NLMS(n), gain=0.01)),
             ("KwongJohnston", lambda n: loop_job(gs.NLMS(n), gain=gs.KwongJohnston())),
             ("the same as CompiledLaw", lambda n: loop_job(gs.NLMS(n), gain=in_c)),
             ("the same as PythonLaw", lambda n: loop_job(gs.NLMS(n), gain=gs.PythonLaw(in_python, memory=2)))])
    curvature = np.array([1.0, 10.0])
    descent = gs.Descent(lambda w: curvature * w, np.ones(2), gain=0.1)
    valued = gs.Descent(lambda w: curvature * w, np.ones(2), lambda w: 0.5 * float(w @ (curvature * w)), gain=0.1)
    jobs = {"gs.Descent on two weights": lambda: descent.run(2000), "with a value": lambda: valued.run(2000),
            "the gradient alone": lambda: [curvature * curvature for _ in range(2000)]}
    for name, microseconds in grid(jobs, 1e6 / 2000).items():
        print(f"{name:<27} {microseconds:.1f} us per step")


def laws():
    """One gain per weight: every law against the constant gain, ns per LMS sample (and ratio)."""
    x = np.random.default_rng(0).standard_normal(SAMPLES)
    names = [name for name in registry.names("law") if registry.find("law", name).kernel.bounded]
    print(f"{'':<16}" + "".join(f"{n:>16}" for n in (32, 128)))
    times = {}
    for n in (32, 128):
        h = np.random.default_rng(1).standard_normal(n) / np.sqrt(n)
        d = np.convolve(x, h)[:SAMPLES] + 0.1 * np.random.default_rng(2).standard_normal(SAMPLES)
        gains = {"constant": 0.1 / n, "array": np.full((n, 1), 0.1 / n)} | {m: registry.find("law", m)() for m in names}
        loops = {name: gs.Loop(gs.LMS(n), gain=gain) for name, gain in gains.items()}
        jobs = {name: functools.partial(loop.run, x, d) for name, loop in loops.items()}
        times[n] = grid(jobs, 1e9 / SAMPLES, repeats=100)
    for name in times[32]:
        print(f"{name:<16}" + "".join(f"{t[name]:>8.1f} ({t[name] / t['constant']:.2f})" for t in times.values()))


def triangle():
    """RLS: passes over the triangle of P, one sample or several at a time; whole runs."""
    run = built("triangle.c").run
    run.argtypes = [ctypes.c_int, ctypes.c_double, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_ssize_t]
    sizes = (8, 32, 128, 512)
    variants = [("update, then product", 0, 1.001), ("both in one pass", 1, 1.001), ("the same, forgetting 1", 1, 1.0),
                ("2 samples, 4 rows", 2, 1.001), ("4 samples, 2 rows", 3, 1.001), ("4 samples, 4 rows", 4, 1.001)]
    memory = {n: np.zeros(n * n + 12 * (n + 40) + 8) for n in sizes}
    begin = {n: m.ctypes.data + -m.ctypes.data % 64 for n, m in memory.items()}
    rounds = {n: max(40_000_000 // (40 * n * n + 4000), 4) * 4 for n in sizes}
    jobs = {(name, n): functools.partial(run, v, scale, begin[n], n, rounds[n])
            for name, v, scale in variants for n in sizes}
    us = {key: seconds / rounds[key[1]] * 1e9 for key, seconds in grid(jobs, 1.0).items()}
    table(["ns per sample, weights", *sizes], [(name, *(us[name, n] for n in sizes)) for name, *_ in variants])
    loops = {(f, n): functools.partial(gs.Loop(gs.RLS(n, delta=1.0), forgetting=f).run, *record(max(rounds[n], 100)))
             for f in (0.999, 1.0) for n in sizes}
    ns = {key: seconds / max(rounds[key[1]], 100) * 1e9 for key, seconds in grid(loops, 1.0).items()}
    table(["Loop.run, weights", *sizes], [(f"forgetting {f:g}", *(ns[f, n] for n in sizes)) for f in (0.999, 1.0)])


def outputs():
    """Where y and e of 8 taps go: ns per sample, and page faults of one run."""
    import resource

    def faults(job):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        job()
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    print(f"{'samples':<12}{'fresh arrays':>18}{'come back':>18}{'out=':>18}")
    for T in (30_000, 300_000, 1_000_000):
        x, d = np.random.default_rng(0).standard_normal((2, T))
        loop, out = gs.Loop(gs.LMS(8), gain=0.01), (np.empty(T), np.empty(T))
        jobs = {"fresh": lambda T=T, x=x, d=d, loop=loop: loop.run(x, d, out=(np.empty(T), np.empty(T))),
                "come back": functools.partial(loop.run, x, d),
                "out": functools.partial(loop.run, x, d, out=out)}
        times = grid(jobs, 1e9 / T)
        print(f"{T:<12}" + "".join(f"{times[name]:>10.2f} ({faults(job):>5})" for name, job in jobs.items()))


MEASUREMENTS = {f.__name__: f for f in (simd, hooks, lines, divergence, lookahead, own_laws, tabulation, imports,
                                        numpy_api, laws, outputs, triangle)}

if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    wanted = sys.argv[1:] or ["all"]
    for name in MEASUREMENTS if wanted == ["all"] else wanted:
        print(f"== {name}: {MEASUREMENTS[name].__doc__}")
        MEASUREMENTS[name]()
