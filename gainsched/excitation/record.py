"""Estimate an Excitation from a record: covariance, Wiener solution, noise, kurtosis, drift."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.models import FIR, Structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]

_BLOCK = 1 << 22                 # regressor entries held at a time
_STORE = 1 << 24                 # entries of all segment matrices together
_SEGMENTS = 16                   # fewest segments that a drift is estimated from
_ERRORS = 3.0                    # standard errors above zero that make a drift


class _Segment:
    """Normal equations of a stretch of the record."""

    __slots__ = ("energy", "gram", "moment", "rows")

    def __init__(self, gram: Array, moment: Array, energy: float, rows: int) -> None:
        self.gram, self.moment, self.energy, self.rows = gram, moment, energy, rows

    def __add__(self, other: _Segment) -> _Segment:
        return _Segment(self.gram + other.gram, self.moment + other.moment, self.energy + other.energy,
                        self.rows + other.rows)

    def solve(self) -> tuple[Array, int]:
        """The least-squares weights of minimum norm, and the rank."""
        values, vectors = np.linalg.eigh(self.gram)
        keep = values > len(values) * 1e-14 * max(values[-1], 0.0)
        inverse = np.where(keep, 1.0 / np.where(keep, values, 1.0), 0.0)
        return vectors @ (inverse * (vectors.conj().T @ self.moment)), int(keep.sum())

    def residual(self, w: Array) -> float:
        """Sum of squared residuals; cancellation cannot make it negative."""
        explained = np.real(2 * np.vdot(w, self.moment) - np.vdot(w, self.gram @ w))
        return max(float(self.energy - explained), 0.0)


def estimate(x: ArrayLike, d: ArrayLike, model: int | Structure) -> dict[str, Any]:
    """The arguments of an `Excitation`, by name; see `Excitation.from_data`."""
    if isinstance(model, numbers.Integral) and not isinstance(model, bool):
        model = FIR(taps=int(model))
    if not isinstance(model, Structure):
        raise TypeError(refusal("from_data: model", model, "must be a number of taps or a structure", "Try gs.FIR(8)."))
    columns, output = model.columns(_numeric("x", x)), _numeric("d", d)
    if output.shape != (len(columns),):
        raise ValueError(refusal("from_data: d", output.shape, f"must have shape ({len(columns)},), one per row of x"))
    n = model.n
    base = max(64, 4 * n, -(-len(output) * n * n // _STORE))
    segments = [_accumulate(_rows(columns, output, model, first, first + base), n)
                for first in range(0, len(output), base)]
    whole = sum(segments[1:], segments[0]) if segments else _accumulate(iter(()), n)
    if whole.rows < 2 * n + 2:
        raise ValueError(refusal("from_data: usable rows (no NaN, all of the regressor within the record)", whole.rows,
                                 f"must be >= {2 * n + 2} for {n} weights", "Take a longer record or fewer weights."))
    w, rank = whole.solve()
    covariance = whole.gram / whole.rows
    noise = whole.residual(w) / (whole.rows - rank)
    values, vectors = np.linalg.eigh(covariance)
    kurtosis, burst = _shape(columns, output, model, values, vectors)
    drift = _drift(segments, base, n, vectors)
    if drift is not None:
        noise = _local_noise(segments, base, covariance, drift, noise)
    finite = np.abs(columns)[np.isfinite(columns)]
    return {"R": covariance, "noise": noise, "drift": drift, "kurtosis": kurtosis, "w_opt": w,
            "peak": float(finite.max(initial=0.0)), "burst": burst}


def _numeric(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(refusal(f"from_data: {name}", array.dtype, "must hold numbers"))
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _rows(columns: Array, output: Array, model: Structure, first: int, last: int) -> Iterator[tuple[Array, Array]]:
    """(regressors, d) of the usable samples first..last-1, a block at a time."""
    reach = model.n + getattr(model, "nk", 0)
    size = max(_BLOCK // model.n, 1)
    last = min(last, len(output))
    for begin in range(first, last, size):
        end, start = min(begin + size, last), max(begin - reach, 0)
        lead = np.full((reach - (begin - start), columns.shape[1]), np.nan)     # what precedes the record is unknown
        x = np.concatenate([lead, columns[start:end]])
        d = np.concatenate([lead[:, 0], output[start:end]])
        u = model.regressors(x, d)[reach:]
        goal = d[reach:]
        usable = np.isfinite(u).all(axis=1) & np.isfinite(goal)
        yield u[usable], goal[usable]


def _accumulate(rows: Iterator[tuple[Array, Array]], n: int) -> _Segment:
    total = _Segment(np.zeros((n, n)), np.zeros(n), 0.0, 0)
    for u, d in rows:
        adjoint = u.conj().T
        total += _Segment(adjoint @ u, adjoint @ d, float(np.vdot(d, d).real), len(d))
    return total


def _shape(columns: Array, output: Array, model: Structure, values: Array, vectors: Array) -> tuple[float, float]:
    """(mean excess kurtosis of the modal inputs, largest power of a regressor)."""
    alive = values > len(values) * 1e-12 * max(values[-1], 0.0)
    fourth, count, burst = np.zeros(len(values)), 0, 0.0
    is_complex = np.iscomplexobj(columns)
    for u, _ in _rows(columns, output, model, 0, len(output)):
        power = np.abs(u @ vectors) ** 2                                        # R = E[u* u'], so the modes are u'Q
        fourth += (power**2).sum(axis=0)
        count += len(u)
        burst = max(burst, float(power.sum(axis=1).max(initial=0.0)))
    if not alive.any():
        return 0.0, burst
    excess = float(np.mean(fourth[alive] / count / values[alive] ** 2)) - (2.0 if is_complex else 3.0)
    return max(excess, -1.0 if is_complex else -2.0), burst


def _drift(segments: list[_Segment], base: int, n: int, vectors: Array) -> Array | None:
    """Covariance of the random walk of the weights per sample, or None."""
    best, clearest = None, _ERRORS
    length = base
    while len(segments) >= _SEGMENTS:
        unknown = np.full(n, np.nan)
        weights = np.array([vectors.conj().T @ s.solve()[0] if s.rows >= 2 * n else unknown for s in segments])
        one, two = (np.abs(weights[h:] - weights[:-h]) ** 2 for h in (1, 2))
        slope = two - (one[1:] + one[:-1]) / 2                                  # per mode and position, mean S Q
        slope = slope[np.isfinite(slope).all(axis=1)] / length
        if len(slope) >= _SEGMENTS - 2:
            total = slope.sum(axis=1)
            error = _standard_error(total)
            if error > 0 and total.mean() / error > clearest:
                clearest = float(total.mean() / error)
                modal = np.maximum(slope.mean(axis=0), 0.0)
                best = modal * (total.mean() / modal.sum())
        segments = [a + b for a, b in zip(segments[::2], segments[1::2], strict=False)]
        length *= 2
    if best is None:
        return None
    drift = (vectors * best) @ vectors.conj().T
    return np.asarray((drift + drift.conj().T) / 2)


def _standard_error(values: Array) -> float:
    """Of the mean of a sequence whose neighbors share segments: variance with autocovariances up to lag 2."""
    centered = values - values.mean()
    n = len(values)
    spread = centered @ centered + 2 * sum(centered[h:] @ centered[:-h] for h in (1, 2))
    return float(np.sqrt(max(spread, centered @ centered) / n / n))


def _local_noise(segments: list[_Segment], base: int, covariance: Array, drift: Array, whole: float) -> float:
    """Residual power within segments, less what the drift adds there; at least 1 % of it."""
    residual, freedom = 0.0, 0
    for segment in segments:
        w, rank = segment.solve()
        if segment.rows > 2 * rank:
            residual += segment.residual(w)
            freedom += segment.rows - rank
    if not freedom:
        return whole
    local = residual / freedom
    return max(local - base / 6 * float(np.trace(covariance @ drift).real), 0.01 * local)
