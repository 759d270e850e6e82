r"""One mode of the weight error as a linear time-varying system: the matrices that certificates multiply.

With :math:`\tilde w` the weight error in a mode, :math:`\lambda` its eigenvalue and p the compensator's memory

.. math::
    D_k = \mu_k (\lambda\, \tilde w_{k-D} + \gamma\, \tilde w_k), \qquad
    p_{k+1} = \beta_k p_k + a_k D_k, \qquad \tilde w_{k+1} = \tilde w_k - b_k D_k - p_{k+1},

D the delay, gamma the leak, (a, b) the compensator's shares (`gainsched.gains.compensator.Momentum.shares`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gainsched.gains.compensator import Momentum

    Array = NDArray[np.float64]

AT_ONCE = 1_000_000           # numbers in the matrices of all samples and modes that are handled at a time


@dataclass(frozen=True, eq=False)
class Modal:
    """One period of gains, with what stands in the loop: everything but the mode.

    Attributes
    ----------
    gains, betas, a, b : ndarray
        One number per sample of the period.
    delay : int
        Samples.
    leak : float
        In units of the mode.
    memory : bool
        Whether a compensator adds a state.
    """

    gains: Array
    betas: Array
    a: Array
    b: Array
    delay: int = 0
    leak: float = 0.0
    memory: bool = False

    @classmethod
    def of(cls, gains: Array, betas: Array, compensator: Momentum | None, delay: int = 0, leak: float = 0.0) -> Modal:
        """The period of these gains and betas, which are as many."""
        if compensator is None:
            zero = np.zeros(len(gains))
            return cls(gains, zero, zero, zero + 1.0, delay, leak, memory=False)
        shares = {beta: compensator.shares(beta) for beta in set(betas.tolist())}
        a, b = np.array([shares[beta] for beta in betas.tolist()]).T
        return cls(gains, betas, a, b, delay, leak, memory=True)

    @property
    def period(self) -> int:
        """Samples."""
        return len(self.gains)

    @property
    def order(self) -> int:
        """States of a mode: the error, its past, the memory."""
        return 1 + self.delay + self.memory

    def times(self, factor: float) -> Modal:
        """The same with every gain multiplied."""
        return Modal(self.gains * factor, self.betas, self.a, self.b, self.delay, self.leak, self.memory)

    @cached_property
    def parts(self) -> tuple[Array, Array]:
        """(B, C), each (P, n, n): A_k = B_k + mode C_k."""
        last, mu = self.delay, self.gains
        B, C = np.zeros((2, self.period, self.order, self.order))
        B[:, 0, 0] = 1.0
        for lag in range(last):
            B[:, lag + 1, lag] = 1.0
        C[:, 0, last] = -(self.a + self.b) * mu
        B[:, 0, 0] -= (self.a + self.b) * mu * self.leak
        if self.memory:
            B[:, 0, -1] -= self.betas
            B[:, -1, -1] = self.betas
            C[:, -1, last] = self.a * mu
            B[:, -1, 0] += self.a * mu * self.leak
        return B, C

    def matrices(self, modes: Array) -> Array:
        """A_k at each mode, (P, modes, n, n); affine in the mode.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> heavy = Modal.of(np.array([0.5]), np.array([0.9]), gs.HeavyBall(0.9))
        >>> print(heavy.matrices(np.array([2.0]))[0, 0])
        [[ 0.  -0.9]
         [ 1.   0.9]]
        """
        B, C = self.parts
        return B[:, None] + np.asarray(modes)[None, :, None, None] * C[:, None]

    def monodromy(self, modes: Array) -> tuple[Array, Array]:
        """(M, logs): the product over a period is M exp(logs), each M of size one."""
        width = max(1, AT_ONCE // (self.period * self.order**2))
        parts = [_product(self.matrices(modes[i:i + width])) for i in range(0, len(modes), width)]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def growth(self, modes: Any) -> Array:
        """Logarithm of the asymptotic factor per sample at each mode, -inf where the error is extinguished.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> swing = Modal.of(np.array([0.2, 3.6]), np.array([0.9, 0.9]), gs.HeavyBall(0.9))
        >>> print(np.exp(swing.growth([1.0])).round(5))
        [2.12377]
        """
        M, logs = self.monodromy(np.atleast_1d(np.asarray(modes, dtype=np.float64)))
        return (log_radius(M) + logs) / self.period

    def confirmed(self, mode: float) -> float:
        """The smallest of four growths (logarithms), of the period begun at four samples: equal but for rounding.

        A product of large matrices that ends small loses digits, others at every beginning.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> swing = Modal.of(np.array([0.2, 3.6]), np.array([0.9, 0.9]), gs.HeavyBall(0.9))
        >>> print(round(np.exp(swing.confirmed(1.0)), 5))
        2.12377
        """
        A = self.matrices(np.array([mode]))
        found = [_product(np.roll(A, -(i * self.period) // 4, axis=0)) for i in range(4)]
        return min(float(log_radius(M)[0] + logs[0]) for M, logs in found) / self.period

    def safe_load(self) -> float:
        r"""A load (mode plus leak) up to which every load above 0 is stable, by two time scales.

        :math:`y_k = \tilde w_k - s_k p_k` with :math:`s_k = \beta_k (1 + s_{k+1})` does not feel the memory at load 0:
        :math:`y_{k+1} = y_k - g_k D_k`, :math:`g_k = a_k + b_k + a_k s_{k+1}`. Below this load the largest of abs(y),
        abs(p) and the delayed errors' distances to y, each over a weight of its own, shrinks at every sample with
        a gain.
        """
        s = self._carried()
        after = np.roll(s, -1)
        g = self.a + self.b + self.a * after
        top = float(self.gains.max())
        left = 1.0 - float(self.betas.max())
        strayed = 3.0 * float(self.a.max()) * top * float(s.max(initial=0.0)) / left
        strayed += 3.0 * self.delay * float(g.max()) * top
        return min(1.0 / (float(g.max()) * top), 0.5 / strayed if strayed > 0 else np.inf) * (1.0 - 1e-12)

    def _carried(self) -> Array:
        """s_k = beta_k (1 + s_{k+1}) around the period."""
        total, factor = 0.0, 1.0                              # s_0 = total + factor s_P
        for beta in self.betas.tolist():
            factor *= beta
            total += factor
        s, following = np.empty(self.period), total / (1.0 - factor)
        for k in range(self.period - 1, -1, -1):
            s[k] = following = float(self.betas[k]) * (1.0 + following)
        return s


def _product(A: Array) -> tuple[Array, Array]:
    """A_{P-1} ... A_0 of (P, modes, n, n), by halves: (size-one matrices, logarithms of their sizes)."""
    logs = np.zeros(A.shape[:2])
    while True:
        size = np.abs(A).max(axis=(2, 3))
        size = np.where((size > 0) & np.isfinite(size), size, 1.0)
        A, logs = A / size[:, :, None, None], logs + np.log(size)
        if len(A) == 1:
            return A[0], logs[0]
        if len(A) % 2:                                       # the odd one goes into its neighbor
            A = np.concatenate([A[:-2], A[-1:] @ A[-2:-1]])
            logs = np.concatenate([logs[:-2], logs[-1:] + logs[-2:-1]])
        if len(A) > 1:
            A, logs = A[1::2] @ A[::2], logs[1::2] + logs[::2]


def log_radius(M: Array) -> Array:
    """Logarithm of the spectral radius of each matrix, -inf where it is 0; inf where one is not finite."""
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(M).all(axis=(1, 2)))
    M = np.where(finite[:, None, None], M, 0.0)
    with np.errstate(divide="ignore"):
        if M.shape[-1] == 1:
            found = np.log(np.abs(M[:, 0, 0]))
        else:
            found = np.log(np.abs(np.linalg.eigvals(M)).max(axis=1))
    return np.where(finite, found, np.inf)
