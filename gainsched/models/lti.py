"""Discrete linear systems as plain tuples (num, den, dt): what filters store, compare, print and run in their loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

LTI = tuple[tuple[float, ...], tuple[float, ...], "float | bool"]

_FORMS = "must be FIR taps, (num, den[, dt]) in powers of z, or a discrete single-input single-output control system"


def as_lti(value: Any, who: str) -> LTI:
    """Normalize any accepted form to (num, den, dt): den monic, num padded to den's length.

    Taps s_0, s_1, ... mean s_0 + s_1 z^-1 + ...; (num, den) are polynomials in z, highest power first.

    Examples
    --------
    >>> as_lti([0.0, 0.5], "path")
    ((0.0, 0.5), (1.0, 0.0), True)
    >>> as_lti(([1.0], [2.0, -1.0]), "plant")
    ((0.0, 0.5), (1.0, -0.5), True)
    """
    dt: float | bool = True
    if hasattr(value, "dt") and (hasattr(value, "num") or hasattr(value, "A")):
        num, den, dt = _from_control(value, who)
    elif isinstance(value, tuple | list) and len(value) in (2, 3) and np.ndim(value[0]) == 1:
        num, den = (_polynomial(p, who) for p in value[:2])
        dt = value[2] if len(value) == 3 else True
    else:
        num = _polynomial(value, who)
        den = np.eye(1, len(num))[0]
    if dt is not True and not (isinstance(dt, int | float) and dt > 0):
        raise ValueError(refusal(f"{who}: dt", dt, "must be True or a sample time > 0",
                                 "Discretize a continuous system first: control.sample_system(sys, dt)."))
    num, den = np.trim_zeros(num, "f"), np.trim_zeros(den, "f")
    if not len(den):
        raise ValueError(refusal(f"{who}: den", 0.0, "must not be zero"))
    if len(num) > len(den):
        raise ValueError(refusal(f"{who}: degree of num", len(num) - 1, f"must not exceed that of den ({len(den) - 1})",
                                 "The system would answer before it is asked."))
    padded = np.concatenate([np.zeros(len(den) - len(num)), num])
    return tuple(map(float, padded / den[0])), tuple(map(float, den / den[0])), dt if dt is True else float(dt)


def lti_constants(lti: LTI) -> tuple[float, ...]:
    """[order, b_0 .. b_order, a_1 .. a_order], as the compiled loops read it."""
    num, den, _ = lti
    return (float(len(den) - 1), *num, *den[1:])


def lti_order(lti: LTI) -> int:
    """Number of state variables."""
    return len(lti[1]) - 1


def lti_response(lti: LTI, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The system's answer to a whole signal, from rest."""
    from scipy.signal import lfilter

    num, den, _ = lti
    return np.asarray(lfilter(num, den, x), dtype=np.float64)


def _polynomial(value: Any, who: str) -> NDArray[np.float64]:
    try:
        p = np.atleast_1d(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError):
        raise TypeError(refusal(who, value, _FORMS)) from None
    if p.ndim != 1 or not len(p) or not np.isfinite(p).all():
        raise ValueError(refusal(who, value, _FORMS))
    return p


def _from_control(system: Any, who: str) -> tuple[NDArray[np.float64], NDArray[np.float64], float | bool]:
    import control

    if (system.ninputs, system.noutputs) != (1, 1):
        raise ValueError(refusal(who, f"{system.noutputs} x {system.ninputs} system", _FORMS))
    if system.dt == 0:
        raise ValueError(refusal(f"{who}: dt", 0, "must be True or a sample time > 0",
                                 "Discretize a continuous system first: control.sample_system(sys, dt)."))
    tf = control.tf(system)
    return np.real(tf.num[0][0]), np.real(tf.den[0][0]), True if system.dt is None else system.dt
