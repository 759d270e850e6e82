"""What a family of filters lets theory say; `analyze` asks, each family answers or answers None."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.drive import LARGEST, Drive
from gainsched.errors import NoTheory, refusal

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gainsched.analysis.bound import Bound
    from gainsched.excitation import Excitation
    from gainsched.loop import Loop

    Array = NDArray[Any]

NOTHING = (None, None)


@dataclass(frozen=True)
class Transient:
    """A stretch of samples on which the gain passes its frozen bound, and what it may cost (None: not computed)."""

    first: int
    last: int
    largest: float
    factor: float | None = None


class Theory:
    """Everything unknown: the answers for a filter without theory, and the questions a theory can answer.

    Attributes
    ----------
    port : str
        The port that `range` and `bounds` speak of.
    """

    port = "gain"
    resonant = False                           # whether gains that move can grow where every frozen one is stable
    moved = "under momentum a gain or a beta that moves"
    measure = "power"                          # what `growth` is a factor of
    remark = ""                                # what a verdict "stable" does not say
    nowhere = "the empty stable range"         # what a gain lies outside of where there is no range

    def __init__(self, loop: Loop, exc: Excitation) -> None:
        self.exc = exc
        self.w = loop.w                        # a report stays what it was when the loop runs on
        self.filter: Any = loop.filter         # each theory reads its own filter's parameters
        self.name = type(loop.filter).__name__
        self.every = loop.filter.every
        self.drive = Drive(loop, self.port)
        self.warnings: list[str] = []

    @property
    def known(self) -> bool:
        """Whether there is a theory at all."""
        return type(self) is not Theory

    @property
    def leaps(self) -> bool:
        """Whether a curve of a constant gain skips samples at no cost."""
        return False

    @property
    def range(self) -> tuple[float, float] | None:
        """Stable range of the port."""
        return None

    @property
    def bounds(self) -> dict[str, Bound]:
        """Upper limits by kind: "mean", "mean_square", "deterministic", "delay"."""
        return {}

    @property
    def assumptions(self) -> list[str]:
        """What the numbers rest on."""
        return [f"no theory for {self.name}: no number is claimed"]

    @property
    def references(self) -> list[str]:
        """Where the theory is published."""
        return []

    def worst_loop(self, gain: float) -> Any:
        """L(z) of the worst mode at this value of the port, or None."""
        return None

    @property
    def unit(self) -> str:
        """Unit of the port's values; empty where they have none."""
        return self.filter.gain_unit if self.port == "gain" else ""

    @cached_property
    def worst_gain(self) -> float:
        """The worst value of the port: the largest gain, or the smallest forgetting factor; nan per weight."""
        if self.drive.law is not None:
            return self.drive.span[1]
        if self.drive.per_weight:
            return math.nan
        values = self.drive.scan[1]
        return float(values.min() if self.port == "forgetting" else values.max())

    @cached_property
    def worst(self) -> Any:
        """L(z) of the worst mode at the worst moment."""
        return self.worst_loop(self.worst_gain) if 0 < self.worst_gain < LARGEST else None

    def growth(self, gain: float) -> float | None:
        """Asymptotic factor per sample of the error power at a constant value of the port."""
        return None

    def witness(self, gain: float) -> float | None:
        """The growth that a constant gain is sure to show: above 1, the loop is unstable."""
        return self.growth(gain)

    def excuse(self, gain: float) -> str:
        """Why a gain whose growth exceeds 1 has no witness."""
        return "nothing is certified there"

    def stable_at(self, value: float) -> bool:
        """Whether a constant value of the port is stable."""
        low, high = self.range or (math.nan, math.nan)
        return low < value < high

    @property
    def moves(self) -> bool:
        """Whether anything that drives the loop changes."""
        return not self.drive.is_constant

    @property
    def repeated_growth(self) -> float | None:
        """Factor per sample of the error power of a resonant loop whose gain repeats for ever; None where unknown."""
        return None

    @property
    def any_gain(self) -> float | None:
        """The gain of a resonant loop below which every sequence of gains is stable; None where unknown."""
        return None

    @property
    def settling(self) -> Transient | None:
        """The stretch of samples before a resonant loop's drives rest, followed exactly; None where it cannot be."""
        return None

    def any_sequence(self) -> str | None:
        """The reason why every sequence of gains within the range is stable, if that is so."""
        return None

    def time_constants(self, gain: float) -> Array | None:
        """Samples in which each mode's mean error falls to 1/e."""
        return None

    def steady(self) -> tuple[float | None, float | None]:
        """(EMSE, MSD) for k to infinity."""
        return NOTHING

    @property
    def mean_gain(self) -> float | None:
        """E mu in the steady state: the limit of a schedule, its mean over a period; None where unknown."""
        drive = self.drive
        if self.port != "gain" or not drive.known:
            return None
        if not math.isnan(drive.limit):
            return drive.limit
        return None if drive.repeated is None else float(np.mean(drive.repeated))

    def averaged(self, n: int) -> tuple[float | None, float | None]:
        """(EMSE, MSD) of the average of n iterates in the steady state."""
        raise NoTheory(f"no theory for averages of {self.name}: no error power is predicted.")

    def curve(self, n: int, every: int, w_opt: ArrayLike | None, w_opt_power: float) -> tuple[Array, Array]:
        """(EMSE, MSD) before samples 0, every, 2 every, .. of the coming n."""
        raise NoTheory(f"no theory for {self.name}: no learning curve is predicted.")

    @cached_property
    def transient(self) -> Transient | None:
        """Where the gain passes its frozen bound for a while, or its array ends; None where it does not."""
        if self.port != "gain" or self.range is None or not self.drive.known:
            return None
        if math.isnan(self.drive.limit):                       # it comes back to the bound for ever
            return None
        ks, values = self.drive.scan
        over = np.flatnonzero(values >= self.range[1])
        if not len(over) or self.drive.is_constant or (over[-1] == len(ks) - 1 and not self.drive.ends):
            return None
        return Transient(int(ks[over[0]]), int(ks[over[-1]]), float(values[over].max()))

    def covered(self, n: int) -> None:
        """Refuse a curve over a gain that is not known beforehand, or that ends too soon."""
        drive = self.drive
        if drive.law is not None:
            raise NoTheory(f"no theory for {type(drive.law).__name__} with {self.name}: the gain depends on the data.")
        if drive.per_weight:
            raise NoTheory("no theory for gains per weight: they mix the modes.")
        if drive.first + n > drive.length:
            left = int(drive.length) - drive.first
            raise ValueError(f"learning_curve: n must be <= {left}, where the array of {drive.name}s ends, got {n}.")

    # -- shared ------------------------------------------------------------------------------------------------

    def start(self, w_opt: ArrayLike | None, power: float, w: Array) -> Array:
        """Modal powers of w_opt - w: given weights, else those of the excitation, else isotropic of this power."""
        n = self.filter.model.n
        vectors = self.exc.basis()[1]
        now = np.abs(vectors.conj().T @ w.reshape(n)) ** 2
        if w_opt is None and self.exc.w_opt is None:
            return np.asarray(power / n + now)
        goal = np.asarray(self.exc.w_opt if w_opt is None else w_opt)
        if goal.size != n:
            raise ValueError(f"learning_curve: w_opt must hold {n} weights, got shape {goal.shape}.")
        if goal.dtype.kind not in "biufc":
            raise TypeError(refusal("learning_curve: w_opt", w_opt, "must hold numbers"))
        if not np.isfinite(goal).all():
            raise ValueError(refusal("learning_curve: w_opt", goal.tolist(), "must be finite"))
        return np.asarray(np.abs(vectors.conj().T @ (goal.reshape(n) - w.reshape(n))) ** 2)

    def modal_drift(self) -> Array:
        """Drift power of each mode per sample."""
        if self.exc.drift is None:
            return np.zeros(self.filter.model.n)
        vectors = self.exc.basis()[1]
        modal = np.einsum("ji,jk,ki->i", vectors.conj(), self.exc.drift, vectors).real
        return np.asarray(np.maximum(modal, 0.0))
