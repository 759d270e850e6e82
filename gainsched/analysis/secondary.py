r"""Matrices of the mean of FxLMS: what a path, its estimate and the input's autocorrelation make of a correction.

.. math:: P_j = s_j\sum_i\hat s_i\,E[u_{k-i}u_{k-j}']
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import NoTheory
from gainsched.excitation import Excitation
from gainsched.models.lti import lti_response

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.filters import FxLMS

    Array = NDArray[np.float64]

EDGE = 1e-8                  # above 1, in which the eigenvalues of a defective matrix may err
_EPS = float(np.finfo(float).eps)
_LONGEST = 20_000            # samples of an impulse response
_STATES = 500                # weights times lags: one spectral radius takes a quarter of a second
_HALVINGS, _STEP, _STEPS = 40, 1.6, 60


class Pulls:
    """The matrices P_j of the mean, and the power of the filtered input."""

    def __init__(self, filter: FxLMS, exc: Excitation, x: ArrayLike | None = None) -> None:
        model = filter.model
        self.known: dict[float, float] = {}                                 # radii: the larger ones take their time
        self.n, taps = model.n, model.taps
        self.path = impulse_response(filter.secondary, "secondary path")
        estimate = self.path if filter.estimate is None else impulse_response(filter.estimate, "estimate")
        last = max(len(self.path), len(estimate)) + taps - 2                  # largest lag of the correlations below
        own = _white(exc, model.channels, last) if x is None else _of_record(model.columns(x), last + len(estimate))
        middle, count = len(own) // 2, model.channels
        cross = np.zeros((last + taps, count, count))                       # E[(filtered x)_k x_{k-l}'], l >= 1 - taps
        for i in np.flatnonzero(estimate).tolist():
            lags = np.arange(1 - taps, last + 1) - i + middle
            inside = (lags >= 0) & (lags < len(own))
            cross[inside] += estimate[i] * own[lags[inside]]
        self.power = float(np.einsum("i,icc->", estimate, cross[taps - 1:taps - 1 + len(estimate)]))
        ahead = np.subtract.outer(np.arange(taps), np.arange(taps)).T + taps - 1
        sizes = np.abs(self.path) * [np.abs(cross[j:j + 2 * taps - 1]).max() for j in range(len(self.path))]
        rest = np.append(np.cumsum(sizes[::-1])[::-1], 0.0)
        self.lags = max(int(np.sum(rest[:-1] > _EPS * rest[0])), 1)
        if self.n * self.lags > _STATES:
            raise NoTheory(f"no theory for FxLMS with {self.n} weights behind {self.lags} samples of path: its mean "
                           f"has {self.n * self.lags} states, and {_STATES} are the limit.")
        self.matrices = np.array([
            self.path[j] * cross[ahead + j].transpose(0, 2, 1, 3).reshape(self.n, self.n) for j in range(self.lags)])

    def companion(self, gain: float) -> Array:
        """The map from the mean weight errors of the last samples to those one sample later."""
        n = self.n
        A = np.eye(n * self.lags, k=-n)
        A[:n] = -gain * np.hstack(list(self.matrices))
        A[:n, :n] += np.eye(n)
        return A

    def radius(self, gain: float) -> float:
        """Growth of the mean per sample."""
        if gain not in self.known:
            self.known[gain] = float(np.abs(np.linalg.eigvals(self.companion(gain))).max())
        return self.known[gain]

    @cached_property
    def slow(self) -> NDArray[Any]:
        """Eigenvalues of the sum of all P_j, by which small gains correct: E[(filtered x) (x behind the path)']."""
        return np.linalg.eigvals(self.matrices.sum(axis=0))

    @cached_property
    def bound(self) -> float:
        """The smallest gain from which the mean grows; 0 where small gains do, inf where there is no power."""
        from scipy.optimize import brentq

        size = float(sum(np.linalg.norm(P, 2) for P in self.matrices))
        if not size:
            return math.inf
        if self.slow.real.min() < -EDGE * size:
            return 0.0
        gain = 0.5 / (max(float(np.abs(self.slow).max()), 0.1 * size) * self.lags)
        for _ in range(_HALVINGS):
            if self.radius(gain) <= 1.0 + EDGE:
                break
            gain /= 2.0
        else:
            return 0.0
        for _ in range(_STEPS):
            if self.radius(gain * _STEP) > 1.0 + EDGE:
                break
            gain *= _STEP
        else:
            return math.inf
        edge = 1.0 if self.radius(gain) < 1.0 - EDGE else 1.0 + EDGE         # a mode without power stays at 1
        return float(brentq(lambda g: self.radius(g) - edge, gain, gain * _STEP, xtol=1e-9 * gain))

    @cached_property
    def single(self) -> tuple[int, float] | None:
        """(lag, eigenvalue) where one lag alone pulls, with real eigenvalues: the loop of its worst mode."""
        used = np.flatnonzero(np.abs(self.matrices).max(axis=(1, 2)) > 0)
        if len(used) != 1:
            return None
        values = np.linalg.eigvals(self.matrices[used[0]])
        if np.abs(values.imag).max() > EDGE * np.abs(values).max():
            return None
        low, high = float(values.real.min()), float(values.real.max())
        return int(used[0]), low if low < -EDGE * high else high


def heard(filter: FxLMS, x: ArrayLike, d: ArrayLike) -> Excitation:
    """A record's operating point: R of the input itself; noise, drift, optimal weights of the input behind the path."""
    columns = filter.model.columns(x)
    try:
        path = impulse_response(filter.secondary, "secondary path")
    except NoTheory:
        return Excitation.from_data(x, d, model=filter.model)                 # no theory will ask
    behind = np.stack([np.convolve(column, path)[:len(column)] for column in columns.T], axis=1)
    plain, far = (Excitation.from_data(signal, d, model=filter.model) for signal in (columns, behind))
    return Excitation(plain.R, far.noise, far.drift, plain.kurtosis, w_opt=far.w_opt, peak=plain.peak,
                      burst=plain.burst, sample=plain.sample)


def pure_delay(filter: FxLMS) -> tuple[int, float] | None:
    """(samples, product of both gains) where path and estimate are the same pure delay but for the gain."""
    paths = [np.array(lti[0]) for lti in (filter.secondary, filter.estimate or filter.secondary) if not any(lti[1][1:])]
    lags = [np.flatnonzero(path).tolist() for path in paths]
    if len(paths) < 2 or len(lags[0]) != 1 or lags[0] != lags[1]:
        return None
    lag = lags[0][0]
    return lag, float(paths[0][lag] * paths[1][lag])


def impulse_response(lti: Any, who: str) -> Array:
    """Until it has decayed below double precision."""
    den = lti[1]
    order = len(den) - 1
    slowest = float(np.abs(np.roots(den)).max(initial=0.0))
    length = order + 1
    if slowest > 0:
        needed = math.inf if slowest >= 1 else 2.0 * math.log(_EPS) / math.log(slowest) + order
        if not needed < _LONGEST:
            raise NoTheory(f"no theory for FxLMS with a {who} that does not decay within {_LONGEST // 2} samples: its "
                           f"slowest pole has magnitude {slowest:.6g}.")
        length += math.ceil(needed)
    response = lti_response(lti, np.eye(1, length)[0])
    left = np.append(np.cumsum(np.abs(response[::-1]))[::-1], 0.0)
    return response[:max(int(np.sum(left[:-1] > _EPS * left[0])), 1)]


def _white(exc: Excitation, channels: int, last: int) -> Array:
    """Autocorrelation of white input at lags -last .. last; refused where the input is not white."""
    power = float(np.mean(np.diag(exc.R).real))
    if exc.circular or np.abs(exc.R - power * np.eye(len(exc.R))).max() > 1e-12 * power:
        raise NoTheory("no theory for FxLMS with this input: the covariance does not say how the input is correlated "
                       "beyond the line (white input or a record does).")
    own = np.zeros((2 * last + 1, channels, channels))
    own[last] = power * np.eye(channels)
    return own


def _of_record(columns: NDArray[Any], last: int) -> Array:
    """E[x_k x_{k-l}'] of a record at lags -last .. last, gaps as zeros: positive semidefinite, as is needed."""
    from scipy.signal import correlate

    if np.iscomplexobj(columns):
        raise NoTheory("no theory for FxLMS with complex signals.")
    whole = np.isfinite(columns).all(axis=1)
    x = np.where(whole[:, None], columns, 0.0)
    T, channels = x.shape
    own = np.zeros((2 * last + 1, channels, channels))
    reach = min(last, T - 1)
    for one in range(channels):
        for other in range(channels):
            full = correlate(x[:, one], x[:, other], mode="full")
            own[last - reach:last + reach + 1, one, other] = full[T - 1 - reach:T + reach] / max(int(whole.sum()), 1)
    return own
