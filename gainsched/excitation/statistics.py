"""Excitation: covariance of the regressor, noise, drift, kurtosis; all that theory takes."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gainsched.errors import refusal
from gainsched.excitation.moments import Moments, linear_moments, normalized_moments, sample_moments

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from gainsched.models import Structure

_FIELDS = ("R", "noise", "drift", "kurtosis", "w_opt", "peak", "burst", "sample")
_SHOWN = 16                                    # modes up to which repr writes the covariance out


class Excitation:
    r"""The operating point of an adaptation loop: second-order statistics of its regressor u, its noise, its drift.

    .. math:: d_k = w_{o,k}'u_k + n_k, \quad R = E[u_k u_k'], \quad w_{o,k+1} = w_{o,k} + q_k, \quad
              E n_k^2 = \mathrm{noise}, \quad E q_k q_k' = \mathrm{drift}

    Parameters
    ----------
    R : (N, N) array, or number
        Covariance of the regressor, power of x; symmetric (complex Hermitian means circular complex signals,
        :math:`R = E[u^* u^T]`) and positive semidefinite. A number: white input of that power, of any length.
    noise : float
        Variance of the part of d that no weights explain. The default 1 gives EMSE in units of the noise.
    drift : (N, N) array, number, or None
        Covariance of the step of the optimal weights per sample (a number: that times I). None: they stand still.
    kurtosis : float
        Excess kurtosis of the regressor's modes, >= -2 (0 Gaussian, -2 binary).
    w_opt : (N,) array, optional
        The optimal weights, if known, in the loop's order; `from_data` gives the Wiener solution.
    peak, burst : float, optional
        Largest abs(x), and largest :math:`|u_k|^2`, of a record.
    sample : (m, N) array, optional
        Regressors of a record in modal coordinates; NLMS theory averages over them instead of over a Gaussian.

    Attributes
    ----------
    modes : (N,) array
        Eigenvalues of R, ascending.
    amplitude : float
        ``peak`` where known, else sqrt(R[0, 0]).

    Raises
    ------
    ValueError
        Where R or drift is no covariance, or a number is out of range; the message says how far off.

    Examples
    --------
    >>> import gainsched as gs
    >>> exc = gs.Excitation([[1.0, 0.7], [0.7, 1.0]], noise=0.01)
    >>> print(exc.modes.round(3))
    [0.3 1.7]
    >>> exc
    Excitation([[1.0, 0.7], [0.7, 1.0]], noise=0.01)
    """

    __slots__ = ("R", "_known", "burst", "drift", "kurtosis", "noise", "peak", "sample", "w_opt")

    R: Any
    noise: float
    drift: Any
    kurtosis: float
    w_opt: NDArray[Any] | None
    peak: float | None
    burst: float | None
    sample: NDArray[Any] | None
    _known: dict[Any, Any]

    def __init__(self, R: ArrayLike, noise: float = 1.0, drift: ArrayLike | None = None, kurtosis: float = 0.0, *,
                 w_opt: ArrayLike | None = None, peak: float | None = None, burst: float | None = None,
                 sample: ArrayLike | None = None) -> None:
        put = object.__setattr__
        put(self, "_known", {})                # decomposition and moments: a search asks for them at every gain
        put(self, "R", _covariance("R", R))
        put(self, "noise", _number("noise", noise, 0.0))
        put(self, "drift", None if drift is None else _covariance("drift", drift))
        put(self, "kurtosis", _number("kurtosis", kurtosis, -2.0))
        put(self, "w_opt", None if w_opt is None else _frozen(np.array(w_opt).ravel()))
        put(self, "peak", None if peak is None else _number("peak", peak, 0.0))
        put(self, "burst", None if burst is None else _number("burst", burst, 0.0))
        put(self, "sample", None if sample is None else _frozen(np.atleast_2d(sample)))
        sizes = {name: len(value) for name in ("R", "drift", "w_opt") if np.ndim(value := getattr(self, name))}
        if len(set(sizes.values())) > 1:
            raise ValueError(refusal("Excitation: sizes", sizes, "must agree"))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"Excitation is frozen: make a new one to change {name}.")

    __delattr__ = __setattr__  # type: ignore[assignment]

    # -- what it is --------------------------------------------------------------------------------------------

    @property
    def n(self) -> int | None:
        """Size of R; None for a number (white, any size)."""
        return len(self.R) if np.ndim(self.R) else None

    @property
    def circular(self) -> bool:
        """Whether the signals are circular complex."""
        return bool(np.iscomplexobj(self.R))

    @property
    def modes(self) -> NDArray[np.float64]:
        """Eigenvalues of R, ascending; those below rounding are zero. A number: that one."""
        if not np.ndim(self.R):
            return np.array([self.R])
        return self.basis()[0]

    def basis(self) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """(eigenvalues ascending, eigenvectors in columns) of R."""
        if "basis" not in self._known:
            values, vectors = np.linalg.eigh(np.atleast_2d(self.R))
            values[values < len(values) * np.finfo(float).eps * max(values[-1], 0.0)] = 0.0
            self._known["basis"] = _frozen(values), _frozen(vectors)
        found: tuple[NDArray[np.float64], NDArray[Any]] = self._known["basis"]
        return found

    @property
    def amplitude(self) -> float:
        """The largest abs(x) of a record, else sqrt(R[0, 0])."""
        if self.peak is not None:
            return self.peak
        return math.sqrt(abs(self.R[0, 0] if np.ndim(self.R) else self.R))

    def sized(self, n: int) -> Excitation:
        """The same excitation with R and drift written out for n weights; refuses another size than R's own.

        Examples
        --------
        >>> import gainsched as gs
        >>> print(gs.Excitation(2.0).sized(2).R)
        [[2. 0.]
         [0. 2.]]
        """
        if self.n not in (None, n):
            raise ValueError(refusal("Excitation: size of R", self.n, f"must be {n}, the filter's number of weights",
                                     "Use Excitation.from_data(x, d, model=filter.model), or a number (white input)."))
        for name in ("drift", "w_opt"):
            value = getattr(self, name)
            if np.ndim(value) and len(value) != n:
                raise ValueError(refusal(f"Excitation: size of {name}", len(value), f"must be {n}, one per weight"))
        if self.n is not None and (self.drift is None or np.ndim(self.drift)):
            return self
        R = self.R if np.ndim(self.R) else self.R * np.eye(n)
        drift = self.drift if self.drift is None or np.ndim(self.drift) else self.drift * np.eye(n)
        return Excitation(R, self.noise, drift, self.kurtosis, w_opt=self.w_opt, peak=self.peak, burst=self.burst,
                          sample=self.sample)

    # -- moments -----------------------------------------------------------------------------------------------

    def linear_moments(self) -> Moments:
        """Moments of updates along u (LMS); see `gainsched.excitation.linear_moments`."""
        return self._moments("linear", lambda: linear_moments(self.modes, self.kurtosis, self.circular))

    def normalized_moments(self, eps: float) -> Moments:
        """Moments of updates along u/(eps + u'u) (NLMS): over the record's own regressors, else Gaussian.

        See `gainsched.excitation.normalized_moments`.
        """
        if (sample := self.sample) is not None:
            return self._moments(eps, lambda: sample_moments(sample, eps))
        return self._moments(eps, lambda: normalized_moments(self.modes, eps, self.circular))

    def _moments(self, key: str | float, work: Callable[[], Moments]) -> Moments:
        if key not in self._known:
            self._known[key] = work()
        found: Moments = self._known[key]
        return found

    # -- from a record -----------------------------------------------------------------------------------------

    @classmethod
    def from_data(cls, x: ArrayLike, d: ArrayLike, model: int | Structure) -> Self:
        r"""Estimate everything from a record.

        Rows whose regressor or d holds a NaN (or reaches before the record) are left out.

        * R: mean of :math:`u_k u_k'`; w_opt: the Wiener solution :math:`R^{-1} E[u d]`, minimum norm where R is
          singular.
        * noise: residual power of the Wiener solution over (rows - rank), unless drift is found; 0 where it is below
          the rounding of d's power.
        * kurtosis: mean excess kurtosis of the components of u along the eigenvectors of R.
        * drift: NLMS started at the Wiener solution predicts the record at gain 0 and at 13 gains from .001 to 1.4.
          Where the best of them beats gain 0 by three standard errors (of 32 batches), tracking pays, and noise and
          drift are those that explain the error powers measured at the gains around it,
          :math:`E e^2 = \mathrm{noise}\,(1 + \alpha(\mu)) + q\,\beta(\mu)`, with the mean-square theory's alpha and
          beta over the record's own regressors. The drift is diagonal, inversely proportional to the power of each
          regressor: weights of large inputs move less. Correlated noise counts as drift: it can be tracked. None: no
          gain beats standing still.
        * sample: regressors evenly spread over the record, for averages over the record's own distribution.

        Parameters
        ----------
        x : (T,) or (T, channels) array
        d : (T,) array
        model : int or Structure
            What the weights multiply; an int is `FIR` taps. ARX regressors hold the past d.

        Raises
        ------
        ValueError
            When fewer than 2 N + 2 usable rows remain, x or d is outside 1e-60 .. 1e60, or complex for another
            structure than FIR.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> rng = np.random.default_rng(0)
        >>> x, v = rng.standard_normal((2, 20_000))
        >>> d = np.convolve(x, [1.0, -0.5])[:20_000] + 0.1 * v
        >>> exc = gs.Excitation.from_data(x, d, model=gs.FIR(2))
        >>> print(exc.w_opt.round(2), round(exc.noise, 3), exc.drift)
        [ 1.  -0.5] 0.01 None
        """
        from gainsched.excitation.record import estimate

        return cls(**estimate(x, d, model))

    # -- as a value --------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers, ready for strict JSON (complex arrays as {"re": .., "im": ..}); not the sample."""
        return {name: _plain(getattr(self, name)) for name in _FIELDS if name != "sample"}

    def _key(self) -> tuple[Any, ...]:
        return tuple(value.tobytes() if isinstance(value := getattr(self, name), np.ndarray) else value
                     for name in _FIELDS)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Excitation) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, tuple(getattr(self, name) for name in _FIELDS)

    def __repr__(self) -> str:
        if (self.n or 1) > _SHOWN:
            lam = self.modes
            drift = "" if self.drift is None else ", drifting"
            return f"<Excitation: {self.n} modes from {lam[0]:.4g} to {lam[-1]:.4g}, noise {self.noise:.4g}{drift}>"
        text = [_written(self.R), f"noise={self.noise!r}"]
        for name, default in (("drift", None), ("kurtosis", 0.0), ("w_opt", None), ("peak", None), ("burst", None)):
            value = getattr(self, name)
            if value is not default and not (np.ndim(value) == 0 and value == default):
                text.append(f"{name}={_written(value)}")
        return f"Excitation({', '.join(text)})"


def _rebuild(*values: Any) -> Excitation:
    return Excitation(**dict(zip(_FIELDS, values, strict=True)))


def _number(name: str, value: Any, low: float) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(refusal(f"Excitation: {name}", value, "must be a number"))
    number = float(value)
    if not (math.isfinite(number) and number >= low):
        raise ValueError(refusal(f"Excitation: {name}", number, f"must be finite and >= {low:g}"))
    return number


def _covariance(name: str, value: Any) -> Any:
    """A number >= 0, or a frozen Hermitian positive semidefinite matrix, symmetric to the last bit."""
    matrix = np.asarray(value)
    if matrix.ndim == 0:
        return _number(name, matrix.item(), 0.0)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(refusal(f"Excitation: {name}", matrix.shape, "must be a number or a square (N, N) matrix"))
    try:
        matrix = matrix.astype(np.complex128 if np.iscomplexobj(matrix) else np.float64)
    except (TypeError, ValueError):
        raise TypeError(refusal(f"Excitation: {name}", value, "must hold numbers")) from None
    if not np.isfinite(matrix).all():
        raise ValueError(refusal(f"Excitation: {name}", "NaN or infinity", "must be finite"))
    size, adjoint = float(np.abs(matrix).max()), matrix.conj().T
    if (skew := float(np.abs(matrix - adjoint).max())) > 1e-8 * size:
        raise ValueError(refusal(f"Excitation: {name} - {name}'", skew, f"must be 0 (largest element {size:.4g}): "
                                 "a covariance is symmetric"))
    matrix = (matrix + adjoint) / 2
    if (lowest := float(np.linalg.eigvalsh(matrix)[0])) < -1e-8 * len(matrix) * size:
        raise ValueError(refusal(f"Excitation: smallest eigenvalue of {name}", lowest,
                                 "must be >= 0: a covariance is positive semidefinite"))
    return _frozen(matrix)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array = np.array(array, dtype=np.complex128 if np.iscomplexobj(array) else np.float64)
    array.flags.writeable = False
    return array


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"re": value.real.tolist(), "im": value.imag.tolist()} if np.iscomplexobj(value) else value.tolist()
    return value


def _written(value: Any) -> str:
    return repr(value.tolist() if isinstance(value, np.ndarray) else value)
