"""A single loop L = num/den as margins need it: values on the stability boundary, crossings, closed-loop poles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.polynomial import chebyshev

from gainsched.errors import refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_GRID = 2000                      # scan points beside the exact roots; they only ever add crossings


class Rational:
    """L = num/den (powers falling) on the boundary: e^{jw}, 0 < w < pi, or jw, 0 < w < inf.

    Continuous loops are scaled in frequency by `scale` so that their coefficients stay comparable; `frequencies`
    in and out of this class are scaled ones.
    """

    def __init__(self, loop: Any) -> None:
        self.discrete = bool(loop.dt)
        self.state_space = None
        if hasattr(loop, "A"):
            self.state_space = tuple(np.asarray(m, float) for m in (loop.A, loop.B, loop.C, loop.D))
            num, den = _polynomials(*self.state_space)
        else:
            num, den = (np.trim_zeros(np.atleast_1d(np.asarray(p[0][0], float)), "f") for p in (loop.num, loop.den))
        if not (np.all(np.isfinite(num)) and np.all(np.isfinite(den))):
            raise ValueError(refusal("L", loop, "must have finite coefficients"))
        self.order = max(len(num), len(den)) - 1
        num, den = (np.concatenate([np.zeros(self.order + 1 - len(p)), p]) for p in (num, den))
        self.scale = 1.0
        if not self.discrete and self.order:
            self.scale = _natural_frequency(num, den)
            powers = self.scale ** np.arange(self.order, -1.0, -1.0)
            num, den = num * powers, den * powers
        size = np.max(np.abs(den))
        self.num, self.den = num / size, den / size
        self._near_one = (_taylor_at_one(self.num), _taylor_at_one(self.den)) if self.discrete else None

    # -- values ------------------------------------------------------------------------------------------------
    def parts(self, w: Array) -> tuple[Array, Array]:
        """(num, den) at frequency w; near z = 1 in powers of z - 1, where an integrator would cancel."""
        w = np.asarray(w, float)
        if not self.discrete:
            return np.polyval(self.num, 1j * w), np.polyval(self.den, 1j * w)
        z = np.exp(1j * w)
        num, den = np.polyval(self.num, z), np.polyval(self.den, z)
        near = w < 0.1 / (self.order + 1)
        if self._near_one is not None and np.any(near):
            step = np.expm1(1j * w)
            num = np.where(near, np.polyval(self._near_one[0], step), num)
            den = np.where(near, np.polyval(self._near_one[1], step), den)
        return num, den

    def __call__(self, w: Array) -> Array:
        """L at frequency w; inf on a pole."""
        num, den = self.parts(w)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(den == 0, np.inf, num / np.where(den == 0, 1.0, den)))

    def edges(self) -> list[tuple[float, float]]:
        """(frequency, real L) at the ends of the boundary: z = +1 and z = -1, or s = 0 and s = infinity."""
        out = []
        if self.discrete:
            signs, size = (-1.0) ** np.arange(self.order, -1, -1), np.abs(self.den).sum()
            ends = [(0.0, self.num.sum(), self.den.sum(), size), (np.pi, self.num @ signs, self.den @ signs, size)]
        else:
            size = np.abs(self.den).max()
            ends = [(0.0, self.num[-1], self.den[-1], size), (np.inf, self.num[0], self.den[0], size)]
        for w, n, d, size in ends:
            if abs(d) > 1e-14 * size:
                out.append((w, float(n / d)))
        return out

    def end_gain(self) -> float:
        """abs(L) at the far end, z = -1 or s = infinity; inf on a pole there (an improper loop has one)."""
        if self.discrete:
            signs = (-1.0) ** np.arange(self.order, -1, -1)
            num, den = abs(self.num @ signs), abs(self.den @ signs)
            num, den = (value if value > 1e-14 * np.abs(p).sum() else 0.0
                        for value, p in ((num, self.num), (den, self.den)))
        else:
            num, den = abs(self.num[0]), abs(self.den[0])
        return float(num / den) if den else (np.inf if num else 0.0)

    # -- crossings ---------------------------------------------------------------------------------------------
    def real_crossings(self) -> Array:
        """Frequencies inside the boundary where L is real: roots of Im(num conj(den))."""
        if self.discrete:
            r = np.correlate(self.num, self.den, "full")[::-1]       # coefficient of e^{jmw}, m = -n..n
            odd = r[self.order + 1:] - r[:self.order][::-1]          # of 1j*... sin(m w), m = 1..n
            roots = _cosine_roots(_second_kind(odd))
        else:
            roots = _line_roots(_even_odd(self.num, self.den)[1])
        return self._polished(roots, self._imag)

    def unit_crossings(self) -> Array:
        """Frequencies inside the boundary where |L| = 1: roots of |num|^2 - |den|^2."""
        if self.discrete:
            power = [np.correlate(p, p, "full")[self.order:] for p in (self.num, self.den)]
            series = power[0] - power[1]
            series[1:] *= 2.0
            roots = _cosine_roots(series)
        else:
            roots = _line_roots(_even_odd(self.num, self.num)[0] - _even_odd(self.den, self.den)[0])
        found = self._polished(roots, self._level)
        return found[np.abs(self._level(found)) < 1e-6]

    def _imag(self, w: Array) -> Array:
        num, den = self.parts(w)
        return np.asarray((num * den.conj()).imag)

    def _level(self, w: Array) -> Array:
        num, den = self.parts(w)
        top, bottom = np.abs(num) ** 2, np.abs(den) ** 2
        return np.asarray((top - bottom) / (top + bottom + 1e-300))

    def grid(self) -> Array:
        """Scan frequencies: even, logarithmic towards the low end, and dense around every pole."""
        if self.discrete:
            base = [np.linspace(0, np.pi, _GRID + 16 * self.order)[1:-1], np.geomspace(1e-13, np.pi, _GRID)[:-1]]
        else:
            base = [np.geomspace(1e-9, 1e9, 2 * _GRID)]
        poles = np.concatenate([np.roots(self.den), np.roots(self.den + self.num)])
        centre = np.abs(np.angle(poles)) if self.discrete else np.abs(poles.imag)
        width = np.abs(1 - np.abs(poles)) if self.discrete else np.abs(poles.real)
        spread = np.array([-8, -4, -2, -1, -.5, -.25, 0, .25, .5, 1, 2, 4, 8])
        local = (centre[:, None] + spread * np.maximum(width, 1e-12)[:, None]).ravel()
        w = np.unique(np.concatenate([*base, local]))
        return w[(w > 0) & (w < (np.pi if self.discrete else np.inf))]

    def _polished(self, roots: Array, f: Any) -> Array:
        from scipy.optimize import brentq

        w = self.grid()
        value = f(w)
        at = np.flatnonzero(np.sign(value[:-1]) * np.sign(value[1:]) < 0)
        found = [brentq(f, w[i], w[i + 1], xtol=1e-300, rtol=1e-14) for i in at]
        for root in roots:
            near = (root * (1 - 1e-5), min(root * (1 + 1e-5), np.pi if self.discrete else np.inf))
            if f(near[0]) * f(near[1]) < 0:
                root = brentq(f, *near, xtol=1e-300, rtol=1e-14)
            found.append(root)
        kept: list[float] = []
        for root in sorted(found):
            if root > 0 and (not kept or root > kept[-1] * (1 + 1e-9)):
                kept.append(float(root))
        return np.array(kept)

    # -- closed loop -------------------------------------------------------------------------------------------
    def stable(self, factor: float, delay: int = 0) -> bool:
        """Whether every pole of 1 + factor z^-delay L lies strictly inside; a static loop needs 1 + L > 0."""
        if self.order + delay == 0:
            return bool(self.den[0] * (self.den[0] + factor * self.num[0]) > 0)
        if self.state_space is not None and not delay:
            a, b, c, d = self.state_space
            through = 1.0 + factor * d[0, 0]
            if through == 0.0:
                return False
            poles = np.linalg.eigvals(a - factor / through * (b @ c))
        else:
            closed = np.concatenate([self.den, np.zeros(delay)])
            closed[delay:] += factor * self.num
            if self.den[0] != 0 and closed[0] == 0:
                return False                                          # not well posed: a pole at infinity
            poles = np.roots(closed)
        return bool(np.all(np.abs(poles) < 1) if self.discrete else np.all(poles.real < 0))


def _polynomials(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """(num, den) of C (zI - A)^-1 B + D; the zeros at infinity are taken from the Markov parameters, exactly."""
    n = len(a)
    den = _characteristic(a)
    num = _characteristic(a - b @ c) - den + d[0, 0] * den
    column, value, size = b, d[0, 0], abs(d[0, 0])
    for i in range(n + 1):
        if abs(value) > 1e-13 * size:
            num[i] = value
            return num, den
        num[i] = 0.0
        value, size = (c @ column)[0, 0], np.linalg.norm(c) * np.linalg.norm(column)
        column = a @ column
    return np.zeros(1), den


def _characteristic(a: Array) -> Array:
    """det(zI - A), falling, by La Budde's recursion on the Hessenberg form.

    Multiplying out eigenvalues loses half the digits on a delay chain (51 states: 1e-7); this is exact there.
    """
    from scipy.linalg import hessenberg

    h = hessenberg(a) if len(a) > 2 else a
    p = [np.ones(1)]
    for i in range(len(h)):
        following = np.append(p[i], 0.0) - h[i, i] * np.concatenate([[0.0], p[i]])
        chain = 1.0
        for j in range(i - 1, -1, -1):
            chain *= h[j + 1, j]
            if chain == 0.0:
                break
            following[-len(p[j]):] -= h[j, i] * chain * p[j]
        p.append(following)
    return p[-1]


def _natural_frequency(num: Array, den: Array) -> float:
    points = np.abs(np.concatenate([np.roots(num), np.roots(den)]))
    points = points[points > 0]
    return float(np.exp(np.mean(np.log(points)))) if len(points) else 1.0


def _taylor_at_one(p: Array) -> Array:
    """Coefficients of p in powers of z - 1, falling, by repeated synthetic division."""
    p, out = p.copy(), []
    while len(p) > 1:
        p = np.cumsum(p)
        out.append(p[-1])
        p = p[:-1]
    return np.array([*p, *out[::-1]])


def _second_kind(s: Array) -> Array:
    """Chebyshev T series of sum_m s_m sin(m w)/sin(w) = sum_m s_m U_{m-1}(cos w), m = 1.."""
    t = np.zeros(max(len(s), 1))
    for parity in (0, 1):                                             # U_m = 2 (T_m + T_{m-2} + ..), T_0 once
        part = np.cumsum(s[parity::2][::-1])[::-1]
        t[parity:len(s):2] = 2.0 * part
    t[0] /= 2.0
    return t


def _cosine_roots(series: Array) -> Array:
    """Frequencies in (0, pi) at which a Chebyshev series in cos w vanishes."""
    size = np.max(np.abs(series), initial=0.0)
    series = chebyshev.chebtrim(series, 1e-15 * size) if size else np.zeros(1)
    if len(series) < 2:
        return np.zeros(0)
    roots = chebyshev.chebroots(series)
    real = roots.real[(np.abs(roots.imag) < 1e-5) & (np.abs(roots.real) < 1)]
    return np.asarray(np.arccos(real))


def _even_odd(p: Array, q: Array) -> tuple[Array, Array]:
    """p(jw) conj(q(jw)) as polynomials in w^2 (falling): its real part, and its imaginary part over w."""
    n = len(p) - 1
    product = np.polymul(p, q * (-1.0) ** np.arange(n, -1, -1))       # in s, degree 2n; s^{2m} = (-1)^m w^{2m}
    product = np.concatenate([np.zeros(2 * n + 1 - len(product)), product])
    even, odd = product[::2], product[1::2]
    return even * (-1.0) ** np.arange(len(even) - 1, -1, -1), odd * (-1.0) ** np.arange(len(odd) - 1, -1, -1)


def _line_roots(p: Array) -> Array:
    """Positive w at which a polynomial in w^2 vanishes."""
    p = np.trim_zeros(p, "f")
    roots = np.roots(p) if len(p) > 1 else np.zeros(0)
    real = roots.real[(np.abs(roots.imag) <= 1e-5 * np.abs(roots)) & (roots.real > 0)]
    return np.asarray(np.sqrt(real))
