"""Every gain law on four jobs, at its defaults and tuned: the numbers of the page "Which law when".

    python docs/law_jobs.py [SAMPLES]

The base filter is LMS, 32 taps, noise 20 dB below the output. A law's main parameter, then its first gain, are tuned
on three records by the error power that a user would see; the score is measured on six others: the excess error power over the noise
power, in dB, over the last three quarters of the record. The best constant gain is tuned in the same way.
"""

from __future__ import annotations

import functools
import sys

import numpy as np

import gainsched as gs
from gainsched import registry

TAPS, SAMPLES, NOISE = 32, 20_000, 0.01
TUNING, SCORING = range(3), range(10, 16)
FACTORS = np.geomspace(1e-3, 1e3, 19)              # of the default, three per decade
JOBS = {
    "white": "a fixed plant, white input of unit power",
    "colored": "a fixed plant, first-order autoregressive input with pole 0.9",
    "drifting": "eight of the weights walk at random, white input",
    "bursty": "a fixed plant; the input is quiet and 40 dB louder in turn",
}
# what a user turns first; where a law has none of these names, its first parameter
TURNED = ("rate", "meta", "gamma", "q", "scale", "start")
TOLD = {"NPVSS": {"noise": NOISE}}                 # what a user must know beforehand


def record(job: str, seed: int, samples: int = SAMPLES) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Input, desired signal, and its part without noise."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(samples)
    w = rng.standard_normal(TAPS) * 0.85 ** np.arange(TAPS)
    w /= np.linalg.norm(w)
    if job == "colored":
        for k in range(1, samples):
            x[k] = 0.9 * x[k - 1] + np.sqrt(1 - 0.81) * x[k]
    if job == "bursty":
        x *= np.where(np.arange(samples) // 500 % 2, 1.0, 0.01)
    clean = np.convolve(x, w)[:samples]
    if job == "drifting":
        walk = np.cumsum(2e-3 * rng.standard_normal((samples, 8)), axis=0)
        for i in range(8):
            clean[i:] += walk[i:, i] * x[: samples - i]
    clean /= clean.std()
    return x, clean + np.sqrt(NOISE) * rng.standard_normal(samples), clean


def ensemble(job: str, seeds: range, samples: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Records side by side."""
    x, d, clean = zip(*(record(job, seed, samples) for seed in seeds), strict=True)
    return np.stack(x), np.stack(d), np.stack(clean)


def error_power(gain, X: np.ndarray, D: np.ndarray, target: np.ndarray) -> float:
    """Mean square of target - y over the last three quarters; infinite where a run diverged."""
    runs = gs.Loop(gs.LMS(TAPS), gain=gain, on_divergence="stop").run_many(X, D)
    if any(run.status != "done" for run in runs):
        return float("inf")
    Y = np.stack([run.y for run in runs])
    return float(np.mean((target - Y)[:, X.shape[1] // 4:] ** 2))


def main_parameter(law: type[gs.Law]) -> str:
    """The parameter that is tuned."""
    own = [p.name for p in law.parameters() if p.kind == "real" and p.name not in {q.name for q in gs.Law.parameters()}]
    return next((name for name in TURNED if name in own), own[0])


def laws() -> dict[str, gs.Law]:
    """All gain laws at their defaults."""
    found = {}
    for name in registry.names("law"):
        cls = registry.find("law", name)
        if "gain" in cls.ports:
            found[name] = cls(**TOLD.get(name, {}))
    return found


def tuned(law: gs.Law, X: np.ndarray, D: np.ndarray) -> gs.Law:
    """The law with its main parameter, then its first gain, at the best of the grid by the error that a user sees."""
    for name in dict.fromkeys((main_parameter(type(law)), "start")):
        options = {p.name: getattr(law, p.name) for p in law.parameters()}
        tried = []
        for factor in FACTORS if name in options else ():
            try:
                tried.append(type(law)(**{**options, name: options[name] * factor}))
            except ValueError:                      # out of the parameter's range
                continue
        law = min(tried, key=lambda candidate: error_power(candidate, X, D, D), default=law)
    return law


def decibels(power: float) -> float:
    """Over the noise power."""
    return 10 * np.log10(power / NOISE)


@functools.cache
def scores(samples: int = SAMPLES) -> dict[str, dict[str, tuple[float, float, str]]]:
    """Law -> job -> (score at defaults, score tuned, tuned setting)."""
    table: dict[str, dict[str, tuple[float, float, str]]] = {}
    for job in JOBS:
        X, D, _ = ensemble(job, TUNING, samples)
        X2, D2, clean = ensemble(job, SCORING, samples)
        power = float(np.mean(X**2))
        grid = np.geomspace(1e-4, 1.0, 41) * 2.0 / (TAPS * power)
        best = min(grid, key=lambda gain: error_power(float(gain), X, D, D))
        score = decibels(error_power(float(best), X2, D2, clean))
        table.setdefault("best constant", {})[job] = (float("nan"), score, f"{best:.2g}")
        for name, law in laws().items():
            better = tuned(law, X, D)
            turned = main_parameter(type(law))
            table.setdefault(name, {})[job] = (
                decibels(error_power(law, X2, D2, clean)), decibels(error_power(better, X2, D2, clean)),
                f"{turned}={getattr(better, turned):.2g}")
    return table


def kind(name: str) -> str:
    """One gain, one per weight, or a whole matrix."""
    if name == "best constant":
        return "constant"
    law = laws()[name]
    return "matrix" if law.kernel.whole else "per weight" if law.per_weight else "scalar"


def best(table: dict[str, dict[str, tuple[float, float, str]]], job: str, column: int, count: int = 4) -> list[str]:
    """The names with the least error in a job, at defaults (column 0) or tuned (1)."""
    rated = {name: row[job][column] for name, row in table.items() if np.isfinite(row[job][column])}
    return sorted(rated, key=rated.__getitem__)[:count]


def text(table: dict[str, dict[str, tuple[float, float, str]]]) -> str:
    """The table for a terminal."""
    lines = [f"{'law':20s}" + "".join(f"{job + ': default':>18s}{'tuned':>8s}" for job in JOBS)]
    for name, row in table.items():
        lines.append(f"{name:20s}" + "".join(f"{row[job][0]:18.1f}{row[job][1]:8.1f}" for job in JOBS))
    return "\n".join(lines)


if __name__ == "__main__":
    print(text(scores(int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)))
