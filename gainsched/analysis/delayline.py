"""LMS on a real tapped delay line: bound, steady state and learning curve without the independence assumption."""

from __future__ import annotations

import math
import numbers
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gainsched.analysis.bound import Bound
from gainsched.analysis.crossing import first_crossing, radius
from gainsched.analysis.drive import Drive
from gainsched.analysis.innovations import recursion
from gainsched.analysis.moments import Map, Window
from gainsched.errors import NoTheory, refusal
from gainsched.filters import LMS
from gainsched.loop import Loop

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

LARGEST = 20_000            # unknowns: the bound of 5450 takes a second, the steady state two
REFERENCE = "Douglas and Pan, IEEE Trans. SP 43 (1995)"
_LARGEST = 1e100            # gain times power, whose square a float still holds
_FIRST = 0.1                # the search begins at this part of 2/(3 tr R)
_KINDS = ("mse", "emse", "msd")


class SteadyState(NamedTuple):
    """EMSE (power of d) and MSD (power of the weights) for k to infinity; infinite from the bound on."""

    emse: float
    msd: float


class DelayLine:
    r"""LMS on a tapped delay line, exactly: nothing is taken as independent but the samples that make the input.

    .. math:: x_k = \sqrt{\mathrm{power}} \sum_{l=0}^q c_l s_{k-l}, \qquad
              w_{k+1} = w_k + \mu_k (d_k - w_k'u_k)\, u_k, \quad u_k = (x_k, .., x_{k-N+1})

    Products of weight errors and polynomials in the recent samples: those that the update leads to are finitely many,
    and their means obey a linear recursion, a parabola of the gain (`gainsched.analysis.moments`).

    Parameters
    ----------
    taps : int
        N, the length of the line.
    color : sequence of float
        c_0 .. c_q, a moving average; scaled to sum c^2 = 1. The default is white input.
    power : float
        E x_k^2.
    noise : float
        Variance of the independent noise in d.
    samples : {"gaussian", "uniform", "binary"} or (values, probabilities)
        Distribution of the independent samples, symmetric about 0; its scale is that of power. Excess kurtosis K has
        ``([-a, 0, a], [1/(2 a*a), 1 - 1/(a*a), 1/(2 a*a)])`` with a*a = K + 3, one choice of many.

    Attributes
    ----------
    size : int
        Unknowns of the mean square.

    Raises
    ------
    ValueError
        Where there are more than 20000 unknowns. Gaussian samples: up to 5 taps with white input, 4 with a color of two
        elements, 3 with three. Binary and white: up to 11 taps.

    Notes
    -----
    The line is full when the first sample comes (stationary input), and the first weights know nothing of it.

    References
    ----------
    S. C. Douglas, W. Pan, "Exact expectation analysis of the LMS adaptive filter", IEEE Trans. SP 43 (1995).

    Examples
    --------
    >>> import gainsched as gs
    >>> line = gs.DelayLine(3, color=(1.0, 1.0), noise=0.01)
    >>> print(f"{line.bound.value:.4f}, {line.mean_bound.value:.4f}, {line.size} unknowns")
    0.1535, 0.3824, 474 unknowns
    >>> print(f"{line.growth(0.16):.3f} per sample, EMSE {line.steady_state(0.05).emse:.6f}")
    1.104 per sample, EMSE 0.000880
    """

    taps: int
    color: tuple[float, ...]
    power: float
    noise: float
    samples: Any
    size: int

    def __init__(self, taps: int, color: ArrayLike = (1.0,), power: float = 1.0, noise: float = 1.0,
                 samples: Any = "gaussian") -> None:
        if isinstance(taps, bool) or not isinstance(taps, numbers.Integral):
            raise TypeError(refusal("DelayLine: taps", taps, "must be an integer >= 1"))
        if taps < 1:
            raise ValueError(refusal("DelayLine: taps", int(taps), "must be >= 1"))
        c = np.asarray(color, dtype=np.float64)
        if c.ndim != 1 or not np.isfinite(c).all() or not c.any():
            raise ValueError(refusal("DelayLine: color", color, "must be a row of finite numbers, not all 0"))
        self.taps = int(taps)
        c = np.trim_zeros(c)
        self.color = tuple((c / np.linalg.norm(c)).tolist())
        self.power, self.noise = _positive("power", power), _positive("noise", noise, allow_zero=True)
        recursion(samples, 1)                                  # refuses what is no distribution
        self.samples = samples if isinstance(samples, str) else tuple(tuple(map(float, part)) for part in samples)
        self._window: Window = Window(self.taps, self.color, self.samples, 4)
        self.size = self._window.size
        if self.size > LARGEST:
            raise ValueError(refusal(f"DelayLine: unknowns of {self.taps} taps, color of {len(self.color)}", self.size,
                                     f"must be <= {LARGEST}", "Take fewer taps or samples of few values ('binary'), or "
                                     "ask a record: gs.analyze(loop, x=x, d=d)."))

    # -- limits ------------------------------------------------------------------------------------------------

    @cached_property
    def bound(self) -> Bound:
        """The gain up to which E|w_o - w|^2 converges."""
        value = first_crossing(self.map, _FIRST / (1.5 * self.taps)) / self.power
        return Bound(value, self.assumption, REFERENCE)

    @cached_property
    def mean_bound(self) -> Bound:
        """The gain up to which the mean of the weights converges: necessary, not sufficient."""
        of_mean = Map(Window(self.taps, self.color, self.samples, 2))
        value = first_crossing(of_mean, self.bound.value * self.power) / self.power
        only = "the mean of the weights only: necessary, not sufficient"
        return Bound(value, f"{self.assumption}; {only}", REFERENCE)

    @property
    def assumption(self) -> str:
        """What the numbers rest on."""
        kind = {"gaussian": "Gaussian"}.get(self.samples, self.samples) if isinstance(self.samples, str) else "discrete"
        how = f"moving average over {len(self.color)} independent" if len(self.color) > 1 else "independent"
        return f"a real delay line, its input {'a ' if len(self.color) > 1 else ''}{how} {kind} samples"

    def growth(self, gain: float) -> float:
        """Asymptotic factor per sample of the error power at a constant gain: above 1 the mean square diverges.

        Examples
        --------
        >>> import gainsched as gs
        >>> print(round(gs.DelayLine(1).growth(0.1), 12))            # one Gaussian weight: 1 - 2 mu + 3 mu^2
        0.83
        """
        load = _positive("gain", gain, allow_zero=True) * self.power
        return radius(self.map, load) if load < _LARGEST else math.inf

    # -- powers ------------------------------------------------------------------------------------------------

    def steady_state(self, gain: float) -> SteadyState:
        """(emse, msd) at a constant gain, for k to infinity.

        Examples
        --------
        >>> import gainsched as gs
        >>> emse, msd = gs.DelayLine(4, noise=0.01).steady_state(0.1)
        >>> print(f"{emse:.5f} {msd:.5f}")
        0.00292 0.00282
        """
        from scipy.sparse import csc_array, eye_array
        from scipy.sparse.linalg import spsolve

        mu = _positive("gain", gain) * self.power
        if gain >= self.bound.value:
            return SteadyState(math.inf, math.inf)
        of = self.map
        moments = spsolve(csc_array(eye_array(of.size) - of.at(mu)), mu**2 * self.noise * of.forcing)
        return SteadyState(float(of.emse @ moments), float(of.msd @ moments) / self.power)

    def learning_curve(self, n: int, gain: Any, w_opt: ArrayLike | None = None, w_opt_power: float = 1.0,
                       kind: str = "mse", every: int = 1) -> Array:
        """Error power before samples 0, every, .. of n, from weights 0, under a number, an array or a schedule.

        Parameters
        ----------
        n : int
        gain : number, (n,) array or Schedule
        w_opt : (taps,) array, optional
            The optimal weights. Default: isotropic of power w_opt_power.
        w_opt_power : float
        kind : {"mse", "emse", "msd"}
        every : int

        Returns
        -------
        (ceil(n / every),) array
            Infinite where it leaves what a float holds.

        Raises
        ------
        ValueError
            When n, every, kind or w_opt is out of range, or the array of gains ends too soon.
        NoTheory
            Where data drive the gain, or every weight has its own.

        Examples
        --------
        >>> import gainsched as gs
        >>> line = gs.DelayLine(2, color=(1.0, 0.5), noise=0.01)
        >>> print(line.learning_curve(600, gs.Cosine(0.1, 0.0, steps=500), every=200).round(4))
        [1.01   0.0108 0.0102]
        """
        for name, value in (("n", n), ("every", every)):
            if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
                raise ValueError(refusal(f"learning_curve: {name}", value, "must be an integer >= 1"))
        if kind not in _KINDS:
            raise ValueError(refusal("learning_curve: kind", kind, f"must be one of {', '.join(map(repr, _KINDS))}"))
        drive = Drive(Loop(LMS(self.taps), gain=gain))
        if not drive.known:
            raise NoTheory("DelayLine: the gain must be one number per sample, known beforehand.")
        if n > drive.length:
            raise ValueError(refusal("learning_curve: n", int(n), f"must be <= {drive.length:.0f}, where gains end"))
        of = self.map
        read = (of.msd / self.power if kind == "msd" else of.emse)
        out = np.full(-(-n // every), math.inf)
        m = self._start(w_opt, w_opt_power)
        with np.errstate(over="ignore", invalid="ignore"):
            for k, mu in enumerate((drive(np.arange(n)) * self.power).tolist()):
                if not np.isfinite(m).all():
                    break
                if k % every == 0:
                    out[k // every] = read @ m
                first, second, third = (part @ m for part in of.parts)
                m = first + mu * second + mu**2 * (third + self.noise * of.forcing)
        return out + (self.noise if kind == "mse" else 0.0)

    def _start(self, w_opt: ArrayLike | None, power: float) -> Array:
        of = self.map
        if w_opt is None:
            products = _positive("w_opt_power", power, allow_zero=True) / self.taps * np.eye(self.taps)
        else:
            goal = np.asarray(w_opt, dtype=np.float64)
            if goal.shape != (self.taps,) or not np.isfinite(goal).all():
                raise ValueError(refusal("learning_curve: w_opt", w_opt, f"must be {self.taps} finite weights"))
            products = np.outer(goal, goal)
        m = np.zeros(of.size)
        for (i, j), where in zip(self._window.elements, of.rest.tolist(), strict=True):
            if where >= 0:
                m[where] = products[i, j] * self.power
        return m

    # -- inside ------------------------------------------------------------------------------------------------

    @cached_property
    def map(self) -> Map:
        """The recursion of the moments, for input of power 1."""
        return Map(self._window)

    def __repr__(self) -> str:
        return (f"DelayLine({self.taps}, color={self.color}, power={self.power!r}, noise={self.noise!r}, "
                f"samples={self.samples!r})")


def _positive(name: str, value: Any, *, allow_zero: bool = False) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(refusal(f"DelayLine: {name}", value, "must be a number"))
    number = float(value)
    if not (math.isfinite(number) and (number > 0 or (allow_zero and number == 0))):
        raise ValueError(refusal(f"DelayLine: {name}", number, f"must be finite and {'>=' if allow_zero else '>'} 0"))
    return number
