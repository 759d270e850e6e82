"""What scenarios have in common: trials that depend on seed and number alone, and the truth behind them."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.excitation import Excitation
from gainsched.tuning import arguments
from gainsched.tuning.scenarios.coloring import toeplitz

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Trial:
    """One realization, and what is true of it.

    Attributes
    ----------
    x : (T,) or (T, channels) array
        Input.
    d : (T,) array
        Desired signal.
    noise : (T,) array or None
        The part of d that is independent of the input: e minus it is the excess error. None: there is no such part.
    weights : (n,) or (T + 1, n) array, or None
        The weights that made d; where they move, row k is what they are before sample k.
    """

    x: NDArray[Any]
    d: NDArray[Any]
    noise: NDArray[Any] | None = None
    weights: NDArray[Any] | None = None


class Scenario:
    """A source of trials with known truth. Trial i of a seed is the same whichever others are drawn, and where.

    A scenario of one's own is a frozen dataclass with the field `samples` that derives from this class and defines
    `draw`, and `excitation` where theory should know it.
    """

    samples: int

    def draw(self, rng: np.random.Generator) -> Trial:
        """One trial, from this generator."""
        raise NotImplementedError

    def excitation(self, n: int) -> Excitation:
        """The operating point of a loop with n weights: what `gainsched.analyze` wants to know."""
        raise NotImplementedError

    @property
    def noise_power(self) -> float:
        """Variance of `Trial.noise`."""
        return 0.0

    def trial(self, index: int, seed: int = 0) -> Trial:
        """Trial number `index` of a seed.

        Examples
        --------
        >>> import gainsched as gs
        >>> scenario = gs.scenarios.Identification(4, samples=100)
        >>> bool((scenario.trial(7, seed=1).x == scenario.trial(7, seed=1).x).all())
        True
        """
        return self.draw(np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,))))

    @property
    def width(self) -> int:
        """Input channels of a trial."""
        return 1


def put(owner: Scenario, name: str, value: Any) -> None:
    """A field of a frozen scenario takes its checked value."""
    object.__setattr__(owner, name, value)


def whole(owner: Scenario, name: str, low: int) -> int:
    """A field that is an integer of at least `low`."""
    return arguments.whole(f"{type(owner).__name__}: {name}", getattr(owner, name), low)


def real(owner: Scenario, name: str, low: float = -math.inf, *, exclusive: bool = False) -> float:
    """A field that is a finite number of at least `low`, or above it."""
    value = getattr(owner, name)
    sound = isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
    if not sound or value < low or (exclusive and value == low):
        limit = "" if low == -math.inf else f" {'>' if exclusive else '>='} {low:g}"
        raise ValueError(refusal(f"{type(owner).__name__}: {name}", value, f"must be a finite number{limit}"))
    return float(value)


def response(owner: Scenario, name: str) -> tuple[float, ...]:
    """A field that is a finite impulse response, not all of it zero."""
    taps = np.atleast_1d(np.asarray(getattr(owner, name), dtype=np.float64))
    if taps.ndim != 1 or not np.isfinite(taps).all() or not taps.any():
        raise ValueError(refusal(f"{type(owner).__name__}: {name}", getattr(owner, name),
                                 "must hold finite taps, one of them at least not 0"))
    return tuple(taps.tolist())


def choice(owner: Scenario, name: str, allowed: tuple[str, ...]) -> str:
    """A field that is one of a few words."""
    value = getattr(owner, name)
    if value not in allowed:
        raise ValueError(refusal(f"{type(owner).__name__}: {name}", value,
                                 "must be one of " + ", ".join(map(repr, allowed))))
    return str(value)


def ratio(db: float) -> float:
    """Power ratio of decibels.

    Examples
    --------
    >>> ratio(20.0)
    100.0
    """
    return float(10.0 ** (db / 10.0))


def on_delay_line(r: Array, spread: Array, noise: float, n: int, w: Array | None = None) -> Excitation:
    r"""The operating point of n taps that identify a response w of any length, from second moments.

    .. math:: w_o = R_n^{-1} C w, \qquad \sigma^2 = \sigma_n^2 + \mathrm{tr}(R_L S) - \mathrm{tr}(R_n^{-1} C S C')

    r is the input's autocovariance, S = E[w w'], C the covariance of the n newest inputs with the L that w sees.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.array([1.0, 0.5])
    >>> exc = on_delay_line(np.array([1.0, 0.0]), np.outer(w, w), 0.01, 1, w)      # the second tap is noise to one
    >>> exc.noise, exc.w_opt
    (0.26, array([1.]))
    """
    size = len(spread)
    full = toeplitz(r[:max(n, size)])
    R, C = full[:n, :n], full[:n, :size]
    back = np.linalg.solve(R, C)
    tail = float(np.trace(full[:size, :size] @ spread) - np.trace(back @ spread @ C.T)) if n < size else 0.0
    return Excitation(R, noise + max(tail, 0.0), w_opt=None if w is None else back @ w)


def wiener(R: NDArray[Any], p: NDArray[Any], power: float) -> Excitation:
    """The operating point of weights that estimate a signal of this power: its noise is what the best of them leave.

    Examples
    --------
    >>> import numpy as np
    >>> wiener(np.eye(1) * 2.0, np.array([1.0]), 1.0)
    Excitation([[2.0]], noise=0.5, w_opt=[0.5])
    """
    w = np.linalg.solve(R, p)
    return Excitation(R, max(float(power - (p.conj() @ w).real), 0.0), w_opt=w)
