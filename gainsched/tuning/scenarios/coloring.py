"""Colored input: an autoregressive process of a given power, and its autocovariance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_ROUNDING = 1e-17            # of its largest, what an impulse response may leave out


def color_of(name: str, color: float | Sequence[float]) -> tuple[float, ...]:
    """Coefficients of a stable autoregression; a number is AR(1), 0 is white.

    Examples
    --------
    >>> color_of("color", 0.7), color_of("color", 0)
    ((0.7,), ())
    """
    given = (color,) if isinstance(color, int | float) else tuple(color)
    coefficients = tuple(float(c) for c in given)
    while coefficients and coefficients[-1] == 0:
        coefficients = coefficients[:-1]
    if not all(map(math.isfinite, coefficients)) or _radius(coefficients) >= 1:
        raise ValueError(refusal(name, color, "must be the coefficients of a stable autoregression: all poles within "
                                 "the unit circle", "Try 0.7."))
    return coefficients


def colored(rng: np.random.Generator, shape: tuple[int, ...], color: tuple[float, ...], power: float) -> Array:
    r"""Gaussian, along the first axis :math:`x_k = c_1 x_{k-1} + \dots + v_k`, stationary from the first sample on.

    Examples
    --------
    >>> import numpy as np
    >>> x = colored(np.random.default_rng(0), (100_000,), (0.7,), 2.0)
    >>> round(float(np.mean(x**2)), 1), round(float(np.mean(x[1:] * x[:-1])), 1)
    (2.0, 1.4)
    """
    response = _response(color, power)
    before = len(response) - 1
    drive = rng.standard_normal((shape[0] + before, *shape[1:]))
    if not before:
        return np.asarray(response[0] * drive)
    from scipy.signal import lfilter

    return np.asarray(lfilter([response[0]], [1.0, *(-c for c in color)], drive, axis=0)[before:])


def autocovariance(color: tuple[float, ...], power: float, n: int) -> Array:
    """E x_k x_{k-m} for m = 0 .. n-1.

    Examples
    --------
    >>> print(autocovariance((0.5,), 1.0, 3).round(3))
    [1.   0.5  0.25]
    """
    response = _response(color, power)
    full = np.correlate(response, response, mode="full")[len(response) - 1:]
    return np.concatenate([full, np.zeros(n)])[:n]


def toeplitz(r: Array) -> Array:
    """The covariance of as many samples of a process as its autocovariance r has lags.

    Examples
    --------
    >>> print(toeplitz(autocovariance((0.5,), 1.0, 2)).round(3))
    [[1.  0.5]
     [0.5 1. ]]
    """
    k = np.arange(len(r))
    return np.asarray(r[np.abs(np.subtract.outer(k, k))])


def _radius(color: tuple[float, ...]) -> float:
    return float(np.abs(np.roots([1.0, *(-c for c in color)])).max()) if color else 0.0


def _response(color: tuple[float, ...], power: float) -> Array:
    """Impulse response of the autoregression, with the given power, until it is below rounding."""
    length = 1 if not color else len(color) + math.ceil(math.log(_ROUNDING) / math.log(max(_radius(color), 1e-9)))
    h = np.zeros(length)
    h[0] = 1.0
    for k in range(1, length):
        h[k] = sum(c * h[k - i] for i, c in enumerate(color, 1) if i <= k)
    return np.asarray(h * math.sqrt(power / float(h @ h)))
