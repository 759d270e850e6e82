"""Records whose optimal weights are known: what an excitation describes, drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import NoTheory
from gainsched.models import FIR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.excitation import Excitation
    from gainsched.filters import Filter

    Array = NDArray[np.float64]

_TOEPLITZ = 1e-9             # relative, by which the diagonals of a delay line's covariance may vary


@dataclass(frozen=True, eq=False)
class Known:
    """A source of records for one filter and excitation.

    A delay line is fed the autoregressive process that has exactly its covariance, where that is Toeplitz; otherwise
    regressors are drawn independently, and the filter takes them channel by channel.

    Attributes
    ----------
    filter : Filter
        What runs on the records: the filter given, or the same update on channels.
    exc : Excitation
        Sized.
    line : bool
        Whether the records run through the filter's own delay line.
    factor : (N, N) array
        Square root of the covariance.
    past : (N - 1,) array
        Weights of the process's last values, where there is a line.
    """

    filter: Filter
    exc: Excitation
    line: bool
    factor: Array
    past: Array

    @classmethod
    def of(cls, filter: Filter, exc: Excitation) -> Known:
        """Records for this filter."""
        n = filter.model.n
        exc = exc.sized(n)
        if exc.circular or exc.kurtosis or exc.sample is not None:
            raise NoTheory("no records are drawn for complex, or other than Gaussian, excitation: run on your own.")
        values, vectors = exc.basis()
        factor = vectors * np.sqrt(values)
        model: Any = filter.model
        line = isinstance(model, FIR) and model.channels == 1 and model.taps > 1 and values[0] > 0 and _toeplitz(exc.R)
        if not line:
            spec: Any = filter
            filter = replace(spec, model=FIR(taps=1, channels=n))
        past = np.linalg.solve(exc.R[:-1, :-1], exc.R[0, 1:]) if line else np.zeros(0)
        return cls(filter, exc, line, factor, past)

    def draw(self, steps: int, power: float, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """(x, d, w_opt after the last sample)."""
        n, exc = len(self.factor), self.exc
        goal = np.sqrt(power / n) * rng.standard_normal(n) if exc.w_opt is None else np.real(exc.w_opt)
        x, rows = self._input(steps, rng)
        w = np.broadcast_to(goal, (steps, n))
        last = goal
        if exc.drift is not None:
            values, vectors = np.linalg.eigh(exc.drift)
            walk = goal + np.cumsum(rng.standard_normal((steps, n)) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T,
                                    axis=0)
            w, last = np.concatenate([goal[None], walk[:-1]]), walk[-1]
        d = np.einsum("ki,ki->k", rows, w) + np.sqrt(exc.noise) * rng.standard_normal(steps)
        return x, d, last

    def _input(self, steps: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """(x, regressors)."""
        n = len(self.factor)
        if not self.line:
            x = rng.standard_normal((steps, n)) @ self.factor.T
            return x, x
        from scipy.signal import lfilter, lfiltic

        before = self.factor[: n - 1] @ rng.standard_normal(n)                     # newest first
        left = float(self.exc.R[0, 0] - self.past @ self.exc.R[0, 1:])
        poles = np.concatenate([[1.0], -self.past])
        memory = lfiltic([1.0], poles, before)
        x = np.asarray(lfilter([1.0], poles, np.sqrt(left) * rng.standard_normal(steps), zi=memory)[0])
        padded = np.concatenate([np.zeros(n - 1), x])                              # as a loop sees it: zeros before
        return x, np.lib.stride_tricks.sliding_window_view(padded, n)[:, ::-1]


def _toeplitz(R: Array) -> bool:
    return all(np.ptp(np.diag(R, lag)) <= _TOEPLITZ * R[0, 0] for lag in range(len(R)))
