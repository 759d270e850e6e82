"""Estimate an Excitation from a record: covariance, Wiener solution, noise, kurtosis, drift."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.excitation.tracking import noise_and_drift
from gainsched.models import FIR, Structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]

_BLOCK = 1 << 18                 # regressor entries held at a time: they stay in cache
_LARGEST = 1e60                  # abs(x) and its inverse
_SAMPLE = 1 << 20                # modal regressor entries kept


class _Normal:
    """Normal equations of the record."""

    __slots__ = ("energy", "gram", "moment", "rows")

    def __init__(self, gram: Array, moment: Array, energy: float, rows: int) -> None:
        self.gram, self.moment, self.energy, self.rows = gram, moment, energy, rows

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
    if model.feeds_back and (np.iscomplexobj(columns) or np.iscomplexobj(output)):
        raise ValueError(refusal("from_data: model", model, "must be FIR where x or d is complex",
                                 "Try gs.FIR(8), or the real parts."))
    for name, signal in (("x", columns), ("d", output)):
        _check_size(name, signal)
    n = model.n
    whole = _accumulate(_rows(columns, output, model), n)
    if whole.rows < 2 * n + 2:
        raise ValueError(refusal("from_data: usable rows (no NaN, all of the regressor within the record)", whole.rows,
                                 f"must be >= {2 * n + 2} for {n} weights", "Take a longer record or fewer weights."))
    w, rank = whole.solve()
    covariance = whole.gram / whole.rows
    noise = whole.residual(w) / (whole.rows - rank)
    rounding = (16 + n) * np.finfo(float).eps * whole.energy / whole.rows       # of sums that cancel
    values, vectors = np.linalg.eigh(covariance)
    kurtosis, burst, sample = _shape(columns, output, model, values, vectors)
    drift = None
    if noise > rounding and (found := noise_and_drift(columns, output, model, w, covariance, sample)) is not None:
        noise, drift = found
    noise = noise if noise > rounding else 0.0
    finite = np.abs(columns)[np.isfinite(columns)]
    return {"R": covariance, "noise": noise, "drift": drift, "kurtosis": kurtosis, "w_opt": w,
            "peak": float(finite.max(initial=0.0)), "burst": burst, "sample": sample}


def _numeric(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(refusal(f"from_data: {name}", array.dtype, "must hold numbers"))
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _check_size(name: str, signal: Array) -> None:
    """Refuse numbers whose fourth powers leave what a float can hold."""
    largest = float(np.abs(signal[np.isfinite(signal)]).max(initial=0.0))
    if largest and not 1 / _LARGEST <= largest <= _LARGEST:
        raise ValueError(refusal(f"from_data: largest abs({name})", largest,
                                 f"must be 0 or in [{1 / _LARGEST:g}, {_LARGEST:g}]: its fourth power is averaged",
                                 f"Scale {name} to another unit."))


def _rows(columns: Array, output: Array, model: Structure) -> Iterator[tuple[Array, Array]]:
    """(regressors, d) of the usable samples, a block at a time."""
    reach = model.n + getattr(model, "nk", 0)
    size = max(_BLOCK // model.n, 1)
    for begin in range(0, len(output), size):
        end, start = min(begin + size, len(output)), max(begin - reach, 0)
        lead = np.full((reach - (begin - start), columns.shape[1]), np.nan)     # what precedes the record is unknown
        x = np.concatenate([lead, columns[start:end]])
        d = np.concatenate([lead[:, 0], output[start:end]])
        u = model.regressors(x, d)[reach:]
        goal = d[reach:]
        usable = np.isfinite(u).all(axis=1) & np.isfinite(goal)
        yield u[usable], goal[usable]


def _accumulate(rows: Iterator[tuple[Array, Array]], n: int) -> _Normal:
    gram: Array = np.zeros((n, n))
    moment: Array = np.zeros(n)
    energy, count = 0.0, 0
    for u, d in rows:
        adjoint = u.conj().T
        gram, moment = gram + adjoint @ u, moment + adjoint @ d
        energy, count = energy + float(np.vdot(d, d).real), count + len(d)
    return _Normal(gram, moment, energy, count)


def _shape(columns: Array, output: Array, model: Structure, values: Array,
           vectors: Array) -> tuple[float, float, Array]:
    """(mean excess kurtosis of the modal inputs, largest power of a regressor, a sample of modal regressors)."""
    alive = values > len(values) * 1e-12 * max(values[-1], 0.0)
    fourth, count, burst = np.zeros(len(values)), 0, 0.0
    stride = -(-len(output) * model.n // _SAMPLE)
    kept = []
    for u, _ in _rows(columns, output, model):
        modal = u @ vectors                                                     # R = E[u* u'], so the modes are u'Q
        power = np.abs(modal) ** 2
        fourth += (power**2).sum(axis=0)
        burst = max(burst, float(power.sum(axis=1).max(initial=0.0)))
        kept.append(modal[(-count) % stride::stride])
        count += len(u)
    sample = np.concatenate(kept)
    if not alive.any():
        return 0.0, burst, sample
    is_complex = np.iscomplexobj(columns)
    excess = float(np.mean(fourth[alive] / count / values[alive] ** 2)) - (2.0 if is_complex else 3.0)
    return max(excess, -1.0 if is_complex else -2.0), burst, sample
