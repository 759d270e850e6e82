"""Does tracking pay on this record? Noise and drift from what NLMS predicts at several gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.excitation.moments import sample_moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.models import Structure

    Array = NDArray[Any]

_GAINS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.03, 0.06, 0.12, 0.25, 0.5, 0.75, 1.0, 1.4)
_SPAN = 4.5                      # the fit takes gains within this factor of the best one
_SETTLING = 10                   # memories n / gain of the slowest of them left out at the start
_BATCHES = 32                    # of the record, whose scatter gives the standard error
_ERRORS = 3.0                    # standard errors by which tracking must pay
_WORK = 1 << 23                  # weights times samples per run


def noise_and_drift(columns: Array, output: Array, model: Structure, w: Array, covariance: Array,
                    sample: Array) -> tuple[float, Array] | None:
    """(noise variance, drift covariance), or None where no adaptation predicts better than the Wiener solution.

    See `Excitation.from_data` for the method.
    """
    length = min(len(output), max(20_000, _WORK // model.n))
    errors = {gain: _squared_errors(columns[:length], output[:length], model, w, gain) for gain in (0.0, *_GAINS)}
    usable = np.all([np.isfinite(e2) for e2 in errors.values()], axis=0)
    if usable.sum() < 2 * _BATCHES:
        return None
    errors = {gain: e2[usable] for gain, e2 in errors.items()}
    power = {gain: float(e2.mean()) for gain, e2 in errors.items()}
    best = min(_GAINS, key=lambda gain: power[gain])
    batches = np.array([part.mean() for part in np.array_split(errors[0.0] - errors[best], _BATCHES)])
    if not batches.mean() > _ERRORS * batches.std(ddof=1) / np.sqrt(_BATCHES):
        return None
    near = [gain for gain in _GAINS if best / _SPAN <= gain <= best * _SPAN]
    skip = min(len(errors[best]) // 3, int(_SETTLING * model.n / near[0]))
    return _fit({gain: float(errors[gain][skip:].mean()) for gain in near}, covariance, sample)


def _squared_errors(columns: Array, output: Array, model: Structure, w: Array, gain: float) -> Array:
    """|e_k|^2 of NLMS started at the Wiener solution, NaN where nothing was adapted or the line still fills."""
    from gainsched.filters import NLMS

    scale = float(np.nanmean(np.abs(columns) ** 2)) * model.n
    run = NLMS(model, eps=1e-6 * scale).run(columns, output, gain=gain, w0=w.reshape(model.shape), nonfinite="skip",
                                            on_divergence="stop")
    e2 = np.full(len(output), np.inf)
    skipped = np.zeros(run.n, bool) if run.skipped is None else run.skipped
    e2[: run.n] = np.where(skipped, np.nan, np.abs(run.e) ** 2)
    e2[: model.n + getattr(model, "nk", 0)] = np.nan
    return e2 if run.n == len(output) else np.where(np.isnan(e2), np.nan, np.inf)


def _fit(power: dict[float, float], covariance: Array, sample: Array) -> tuple[float, Array] | None:
    """Nonnegative least squares of the relative misfit of noise (1 + alpha(gain)) + size beta(gain)."""
    values, vectors = np.linalg.eigh(covariance)
    diagonal = np.real(np.diag(covariance))
    shape = np.where(diagonal > 0, diagonal.mean() / np.where(diagonal > 0, diagonal, 1.0), 0.0)
    modal = np.real(np.einsum("ji,j,ji->i", vectors.conj(), shape, vectors))
    m = sample_moments(sample, 1e-6 * float(values.sum()))
    live = m.a > 1e-9 * m.a.max()
    rows = []
    for gain, measured in power.items():
        if not np.isfinite(measured):
            continue
        system = 2.0 * gain * np.diag(m.a[live]) - gain**2 * m.B[np.ix_(live, live)]
        c = np.linalg.solve(system, np.stack([gain**2 * m.G[live], modal[live]], axis=1))
        rows.append(np.array([1.0, 0.0] + values[live] @ c) / measured)
    matrix = np.array(rows)
    noise, size = map(float, np.linalg.lstsq(matrix, np.ones(len(matrix)), rcond=None)[0])
    if noise < 0:
        noise, size = 1e-3 * min(power.values()), float(matrix[:, 1].sum() / (matrix[:, 1] @ matrix[:, 1]))
    return (noise, np.diag(size * shape)) if size > 0 else None
