r"""Theory of LeakyLMS: the moments of LMS with a leak, and a bias that the mean carries into the error powers.

With :math:`\tilde w = w_o - w` in modal coordinates, :math:`b = 1 - \mu g` and the leak g, the update reads
:math:`\tilde w^+ = (bI - \mu uu')\tilde w - \mu n u + \mu g\, w_o`. The powers :math:`c_i = E\tilde w_i^2`, the
products :math:`s_i = E\tilde w_i w_{o,i}` and :math:`p_i = E w_{o,i}^2` obey

.. math::
    c^+ &= (I - 2\mu\,\mathrm{diag}(\lambda + g) + \mu^2 (B + \mathrm{diag}(2 g\lambda + g^2)))\, c
           + \mu^2\sigma_n^2\lambda + 2\mu g (b - \mu\lambda) s + (\mu g)^2 p + q, \\
    s^+ &= (b - \mu\lambda) s + \mu g\, p + q, \qquad p^+ = p + q,

so that a leak is LMS with a = lambda + g and a larger B, plus what the bias forces.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis import meansquare
from gainsched.analysis.bound import Bound
from gainsched.analysis.drive import LARGEST
from gainsched.analysis.gradient import PERIODIC, Gradient
from gainsched.analysis.theory import NOTHING
from gainsched.errors import NoTheory
from gainsched.excitation import Moments

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

    Array = NDArray[Any]

_REFERENCE = "Mayyas and Aboulnasr, IEEE Trans. SP 45 (1997)"


def leaky_moments(exc: Excitation, leak: float) -> Moments:
    """Moments of the error's own motion, the pull towards 0 left aside: a leak is as much more power in every mode.

    Examples
    --------
    >>> import gainsched as gs
    >>> print(leaky_moments(gs.Excitation(1.0).sized(2), 0.5).a)
    [1.5 1.5]
    """
    plain = exc.linear_moments()
    return Moments(plain.a + leak, plain.B + np.diag(leak * (2.0 * plain.a + leak)), plain.G)


class Leaky(Gradient):
    """Exact first and second moments of LeakyLMS under independent regressors, the bias of the leak included."""

    def __init__(self, loop: Loop, exc: Excitation) -> None:
        leaky: Any = loop.filter
        self.leak = float(leaky.leak)
        super().__init__(loop, exc)
        if self.leak and exc.w_opt is None:
            self.warnings.append("the leak pulls the weights towards 0: their bias, and with it the steady state, "
                                 "depends on w_opt, which is not known (Excitation(..., w_opt=))")
        elif self.leak and self.drift.any():
            self.warnings.append("the weights walk away from 0, to which the leak pulls them: the bias, and with it "
                                 "the error, grows without bound")

    def its_moments(self, exc: Excitation) -> Moments:
        return leaky_moments(exc, self.leak)

    @property
    def bounds(self) -> dict[str, Bound]:
        out = {name: Bound(bound.value, bound.assumption, _REFERENCE) for name, bound in super().bounds.items()}
        if self.exc.burst:
            out["deterministic"] = Bound(2.0 / (self.exc.burst + self.leak), f"no |u_k|^2 above {self.exc.burst:.4g}, "
                                         "the record's largest: no step enlarges the weights without noise and signal",
                                         _REFERENCE)
        return out

    def averaged(self, n: int) -> tuple[float | None, float | None]:
        if self.leak:
            raise NoTheory("no theory for averages under a leak: its bias does not average out.")
        return super().averaged(n)

    @property
    def assumptions(self) -> list[str]:
        biased = f"leak {self.leak:.4g}: the mean weights tend to (R + leak I)^-1 R w_opt"
        return [*super().assumptions, f"{biased}; margins: correction and leak together, which the gain scales alike"]

    def any_sequence(self) -> str | None:
        return None if self.leak else super().any_sequence()

    # -- dynamics ----------------------------------------------------------------------------------------------

    def goals(self, w_opt: ArrayLike | None, power: float) -> Array:
        """Modal powers of the optimal weights."""
        return self.start(w_opt, power, np.zeros_like(self.w))

    def products(self, w_opt: ArrayLike | None, power: float) -> Array:
        """E of weight error times optimal weight, by mode, at the present weights."""
        if w_opt is None and self.exc.w_opt is None:
            return self.goals(None, power)
        n, vectors = self.filter.model.n, self.exc.basis()[1]
        goal = vectors.conj().T @ np.asarray(self.exc.w_opt if w_opt is None else w_opt).reshape(n)
        return np.asarray((goal.conj() * (goal - vectors.conj().T @ self.w.reshape(n))).real)

    def steady(self) -> tuple[float | None, float | None]:
        if not self.leak:
            return super().steady()
        if self.exc.w_opt is None and not self._unbounded:
            return NOTHING
        return super().steady()

    @property
    def _unbounded(self) -> bool:
        """Whether the steady state is infinite whatever the optimal weights are."""
        limit = self.drive.limit if self.drive.known else math.nan
        return limit >= self.bound or bool(self.drift.any())

    def settled(self, gain: float) -> Array:
        if not self.leak or gain >= LARGEST:
            return super().settled(gain)
        m, g = self.moments, self.leak
        if self.drift.any() or not meansquare.is_stable(m, gain):
            return np.full(m.n, np.inf)
        p = self.goals(None, 1.0)
        s = g * p / m.a                                                   # (bI - mu Lambda) s + mu g p = s
        forcing = self._bias(gain, s, p) + gain**2 * self.exc.noise * m.G
        return np.asarray(np.linalg.solve(np.eye(m.n) - meansquare.map_of(m, gain), forcing))

    def spent(self) -> Array | None:
        if not self.leak:
            return super().spent()
        return None if self.exc.w_opt is None else (self.leak / self.moments.a) ** 2 * self.goals(None, 1.0)

    def _bias(self, gain: float, s: Array, p: Array) -> Array:
        """What the leak's pull on the optimal weights adds to the modal powers in one step."""
        pull = gain * self.leak
        return np.asarray(2.0 * pull * (1.0 - gain * self.moments.a) * s + pull**2 * p)

    def _periodic(self) -> tuple[float | None, float | None]:
        """The mean over a period of the powers that a period brings back, its bias with it."""
        period = self.drive.repeated
        if not self.leak or period is None or len(period) * self.moments.n**3 > PERIODIC:
            return super()._periodic()
        m, n, g, p = self.moments, self.moments.n, self.leak, self.goals(None, 1.0)
        kept, s = np.ones(n), np.zeros(n)
        for mu in period.tolist():
            kept, s = kept * (1.0 - mu * m.a), (1.0 - mu * m.a) * s + mu * g * p
        total = np.eye(n)
        for mu in period.tolist():
            total = meansquare.map_of(m, mu) @ total
        if self.drift.any() or not np.isfinite(total).all() or np.abs(np.linalg.eigvals(total)).max() >= 1.0:
            return math.inf, math.inf
        s, mean = s / (1.0 - kept), np.zeros(n)
        c: Array = np.zeros(n)
        for turn in range(2):                                # what a period adds; then the period from where it rests
            for mu in period.tolist():
                mean += c / len(period) if turn else 0.0
                c = meansquare.map_of(m, mu) @ c + self._bias(mu, s, p) + mu**2 * self.exc.noise * m.G
                s = (1.0 - mu * m.a) * s + mu * g * p
            c = c if turn else np.asarray(np.linalg.solve(np.eye(n) - total, c))
        return self._power(mean)

    def _curve(self, samples: range, w_opt: ArrayLike | None, power: float) -> Array:
        m, g, noise, q = self.moments, self.leak, self.exc.noise, self.drift
        c = self.start(w_opt, power, self.w)
        s, p = self.products(w_opt, power), self.goals(w_opt, power)
        rows = np.empty((len(samples), m.n))
        injected = noise * m.G if noise else np.zeros(m.n)
        last = samples[-1] + 1
        with np.errstate(over="ignore", invalid="ignore"):
            for begin in range(samples.start, last, 4096):
                ks = np.arange(begin, min(begin + 4096, last))
                for k, mu in zip(ks.tolist(), self.drive(ks).tolist(), strict=True):
                    if (k - samples.start) % samples.step == 0:
                        rows[(k - samples.start) // samples.step] = c
                    bias = self._bias(mu, s, p) if g else 0.0
                    c = c + mu * (mu * (m.B @ c + injected) - 2.0 * m.a * c) + bias + q
                    s = (1.0 - mu * m.a) * s + mu * g * p + q
                    p = p + q
        return np.where(np.isnan(rows), np.inf, rows)
