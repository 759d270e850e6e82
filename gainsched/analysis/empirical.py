"""What the update matrices of the user's own record do: growth exponent, burst gain, noise amplification."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.analysis.drive import Drive
from gainsched.analysis.secondary import impulse_response
from gainsched.errors import NoTheory, refusal
from gainsched.excitation import Excitation
from gainsched.execute import execute, rewind
from gainsched.filters import LMS, NLMS, BlockLMS, DelayedLMS, FxLMS, LeakyLMS
from gainsched.gains import PolyakRuppert
from gainsched.gains.compensator import Momentum
from gainsched.loop import Loop
from gainsched.models import FIR
from gainsched.run import Record, Run, Status

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]

LINEAR = (LMS, NLMS, DelayedLMS, LeakyLMS, BlockLMS, FxLMS)
_OF_INPUT = ("filter_position", "filter_estimate", "filter_ring")       # states of FxLMS that no error moves
_AMPLIFIED = 3.0             # times the predicted noise gain; white input, half of the bound: 1.2 (median), < 2 in 99 %
_ENLARGED = 1.5              # burst gain from which the amplification counts: below it no error is enlarged
_BURST = 30.0                # burst gain that needs no theory to object; white input, half of the bound: 2 (median)
_GROWN = math.log(10.0)      # of the whole product: below it an exponent above 0 may be the memories filling up
_DIRECTIONS = 32             # in which a window's product is known; all of them up to so many weights
_NOISES = 8                  # realizations of noise
CHUNK = 256                 # samples between two rescalings of the product
_SECONDS = 0.12              # for each of the two parts, by the rough cost below
_NOTHING = Record()
_CALL, _SAMPLE, _TAP = 1.2e-4, 1.5e-8, 3e-10


@dataclass(frozen=True)
class Measured:
    r"""What the products :math:`\Phi = \prod_k (I - \mu_k c_k v_k u_k')` of a record's own update matrices do.

    The loop runs without desired signal: its weights then are :math:`\Phi` times the weights that it starts from. That
    holds for FxLMS too, whose :math:`\Phi` is no such product: the path remembers earlier weights.

    Attributes
    ----------
    exponent : float
        ln of the growth of a weight error per sample, over the first `samples` samples; above 0 it grows. The slowest
        mode of a stable loop brings it close to 0 from below.
    burst : float
        Largest factor by which a weight error grows within a window, before it shrinks; 1: it never grows. The worst
        direction of all for up to 32 weights, of 32 directions (hence a lower bound) for more.
    burst_at : int
        Clock of the first sample of that window.
    window, windows : int
        Samples per window, and windows looked at: all of the record's, or as many of those with the most power as
        cost about a tenth of a second.
    noise_gain : float
        Excess error power per power of noise, of 8 realizations of white noise over the same samples.
    predicted : float or None
        What theory says of it (the misadjustment of a constant gain); None where it says nothing.
    samples, length : int
        Samples that exponent and noise gain were measured over, and samples of the record.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(2000)
    >>> found = gs.analyze(gs.Loop(gs.LMS(4), gain=0.05), x=x, d=x).measured
    >>> found.burst, found.samples, round(found.exponent, 2)
    (1.0, 2000, -0.05)
    """

    exponent: float
    burst: float
    burst_at: int
    window: int
    windows: int
    noise_gain: float
    predicted: float | None
    samples: int
    length: int

    @property
    def objection(self) -> str | None:
        """Why this record contradicts a bound that holds for independent regressors; None where it does not."""
        grows = f"an error grows up to {self.burst:.3g} times within {self.window} samples (from {self.burst_at})"
        if self.exponent * self.samples > _GROWN:
            return f"the product of its update matrices grows by {math.exp(min(self.exponent, 700.0)):.4g} per sample"
        if self.predicted and self.noise_gain > _AMPLIFIED * self.predicted and self.burst > _ENLARGED:
            return f"{grows}, noise is amplified {self.noise_gain / self.predicted:.3g} times more than predicted"
        return grows if self.burst > _BURST else None

    def __str__(self) -> str:
        noise = f"noise gain {self.noise_gain:.3g}"
        noise += "" if self.predicted is None else f" (predicted {self.predicted:.3g})"
        part = "all" if self.samples == self.length else f"the first {self.samples}"
        return (f"exponent {self.exponent:.3g} per sample, {noise}: {part} of {self.length} samples; burst gain "
                f"{self.burst:.3g}: {self.windows} of {-(-self.length // self.window)} windows of {self.window}")

    def to_dict(self) -> dict[str, float | int | None]:
        """Strict JSON: what is infinite is None."""
        return {name: value if value is None or math.isfinite(value) else None for name, value in vars(self).items()}


def measure(loop: Loop, x: ArrayLike, d: ArrayLike | None = None, predicted: float | None = None) -> Measured | None:
    """Run the loop's own update matrices over a record, from the loop's present sample on.

    Parameters
    ----------
    loop : Loop
        It is not changed; its gain must not depend on data.
    x, d : arrays
        The record; of d only the gaps matter.
    predicted : float, optional
        The noise gain that theory predicts.

    Returns
    -------
    Measured or None
        None where the update is not linear in the error, or the gain is a law.
    """
    if not measurable(loop):
        return None
    product = Product(loop, x, d)
    if not product.length:
        return None
    exponent, noise_gain, samples = product.long_run()
    burst, burst_at, window, windows = product.bursts()
    return Measured(exponent, burst, burst_at, window, windows, noise_gain, predicted, samples, product.length)


def measurable(loop: Loop) -> bool:
    """Whether the loop's weights without desired signal are a product of matrices that data alone make."""
    return linear_in_error(loop) and Drive(loop).law is None


def linear_in_error(loop: Loop) -> bool:
    """Whether a given sequence of gains makes them such a product."""
    between = loop.compensator
    return (type(loop.filter) in LINEAR and isinstance(loop.filter.model, FIR)
            and (between is None or isinstance(between, Momentum | PolyakRuppert)))


def with_unit_noise(exc: Excitation) -> Excitation:
    """The same regressor, noise of power 1, optimal weights that stand still."""
    return Excitation(exc.R, 1.0, None, exc.kurtosis, peak=exc.peak, burst=exc.burst, sample=exc.sample)


def _memory(filter: Any, length: int) -> int:
    """Samples that the filter of the regressor remembers; all where it does not forget."""
    if not isinstance(filter, FxLMS):
        return 0
    try:
        return len(impulse_response(filter.estimate or filter.secondary, "estimate"))
    except NoTheory:
        return length


class Product:
    """A twin of the loop that runs over stretches of the record from any weights."""

    def __init__(self, loop: Loop, x: ArrayLike, d: ArrayLike | None) -> None:
        filter = loop.filter
        model = filter.model
        columns = model.columns(x)
        if columns.dtype.kind not in "biufc":
            raise TypeError(refusal("record: x", columns.dtype, "must hold numbers"))
        if d is not None and np.shape(d) not in ((len(columns),), (len(columns), 1)):
            raise ValueError(refusal("record: d", np.shape(d), f"must have shape ({len(columns)},), one per row of x"))
        self.x = np.ascontiguousarray(columns, np.complex128 if columns.dtype.kind == "c" else np.float64)
        rest = np.zeros(len(self.x), self.x.dtype)
        if d is not None:
            rest[~np.isfinite(np.asarray(d)).reshape(-1)] = np.nan
        self.rest = rest
        self.length = int(min(len(self.x), Drive(loop).length - loop.n))
        gaps = not (np.isfinite(self.x).all() and np.isfinite(rest).all())
        policy = ("hold" if loop.nonfinite == "hold" else "skip") if gaps else "raise"
        self.compensator = loop.compensator if isinstance(loop.compensator, Momentum) else None
        self.filter: Any = filter
        self.per_weight = Drive(loop).per_weight
        twin = Loop(filter, loop.gain, compensator=self.compensator, nonfinite=policy, on_divergence="stop",
                    limit=math.inf, w0=np.zeros(model.shape, self.x.dtype))
        self.engine = twin._engine
        self.blank = twin.state
        self.clock = loop.n
        self.moved = [name for name in (self.blank.dtype.names or ())
                      if name == "w" or (name.startswith(("filter_", "compensator_"))
                                         and not (isinstance(filter, FxLMS) and name in _OF_INPUT))]
        self.reach = model.n + filter.lookback + filter.span + _memory(filter, len(self.x))
        self.rng = np.random.default_rng(0)
        self.cost = _SAMPLE + _TAP * model.n            # seconds per sample

    def go(self, begin: int, end: int, record: Record = _NOTHING, d: Array | None = None) -> Run:
        """On from where the engine stands."""
        with self.engine:
            return execute(self.engine, self.filter, self.x[begin:end], (self.rest if d is None else d)[begin:end],
                           record, per_weight=self.per_weight, compensator=self.compensator)

    def put(self, record: Array, w: Array | None = None) -> None:
        """Into a state, with other weights."""
        with self.engine:
            if w is not None:
                record["w"] = w.reshape(record["w"].shape)
            rewind(self.engine, record)

    def primed(self, at: int) -> Array:
        """The state before sample `at` with zero weights: the delay lines are full, nothing waits."""
        begin = max(at - self.reach, 0)
        record = self.blank.copy()
        record["n"] = self.clock + begin
        self.put(record)
        self.go(begin, at)
        with self.engine as engine:
            engine.stored()
            return np.array(engine.record)

    def at_random(self) -> Array:
        """Weights of norm 1 in a random direction."""
        return self.directions(1)[0] if self.filter.model.n > 1 else np.ones(1)

    def directions(self, count: int) -> Array:
        """Orthonormal weights in rows: the unit vectors where there are enough, else at random."""
        n = self.filter.model.n
        if count == n:
            return np.eye(n, dtype=self.x.dtype)
        return np.asarray(np.linalg.qr(self.rng.standard_normal((n, count)))[0].T.astype(self.x.dtype))

    def long_run(self) -> tuple[float, float, int]:
        """(exponent, noise gain, samples)."""
        samples = min(self.length, max(int(_SECONDS / (1 + _NOISES) / self.cost), 16 * CHUNK))
        start = self.primed(0)
        noise = 0.0
        for _ in range(_NOISES):
            self.put(start.copy())
            signs = np.where(np.isfinite(self.rest), self.rng.choice([-1.0, 1.0], len(self.rest)), np.nan)
            run = self.go(0, samples, d=signs.astype(self.x.dtype))
            heard = run.y if self.filter.error_of_output else signs[:len(run.e)] - run.e
            used = heard if run.skipped is None else heard[~run.skipped]
            if run.status is Status.DIVERGED:
                noise = math.inf
            elif len(used):
                noise += float(np.mean(np.abs(used) ** 2))
        self.put(start.copy(), self.at_random())
        return self.exponent(samples), noise / _NOISES, samples

    def exponent(self, samples: int) -> float:
        """Mean of ln of the growth per sample, from where the engine stands."""
        return float(np.sum(self.growths(samples))) / samples

    def growths(self, samples: int) -> Array:
        """ln of the growth over each of the coming chunks, up to the first that no float holds."""
        out: list[float] = []
        size = self.size()
        for begin in range(0, samples, CHUNK):
            if self.go(begin, min(begin + CHUNK, samples)).status is Status.DIVERGED:
                return np.array([*out, math.inf])
            before, size = size, self.size()
            if size == 0:
                return np.array([*out, -math.inf])
            out.append(math.log(size / before))
            with self.engine as engine:
                engine.stored()
                for name in self.moved:
                    engine.record[name] /= size
                engine.restored()
            size = 1.0
        return np.array(out)

    def size(self) -> float:
        """Norm of all that moves with the error: weights, momentum, waiting errors; scaled, for squares underflow."""
        with self.engine as engine:
            engine.stored()
            parts = [np.abs(engine.record[name]).reshape(-1) for name in self.moved]
        moving = np.concatenate(parts)
        largest = float(moving.max())
        return largest * float(np.linalg.norm(moving / largest)) if largest > 0 else 0.0

    def bursts(self) -> tuple[float, int, int, int]:
        """(largest gain, first sample of its window on the clock, samples per window, windows)."""
        n, filter = self.filter.model.n, self.filter
        window = max(64, 16 * n if n <= _DIRECTIONS else 2 * n, 8 * filter.every, 4 * filter.delay)
        count = min(n, _DIRECTIONS)
        starts = np.arange(0, self.length, window)
        affordable = max(int(_SECONDS / (count * (_CALL + window * self.cost))), 1)
        if len(starts) > affordable:                    # bursts need power: where mu u'u stays below 2 none begins
            power = np.add.reduceat(np.nan_to_num(np.abs(self.x[: self.length]) ** 2).sum(axis=1), starts)
            starts = np.sort(starts[np.argsort(-power, kind="stable")[:affordable]])
        rows = self.directions(count)
        best, best_at = 1.0, int(starts[0])
        for at in starts.tolist():
            gain = self.window_gain(at, min(at + window, self.length), rows, max(window // 32, 1))
            if gain > best:
                best, best_at = gain, at
        return best, self.clock + best_at, window, len(starts)

    def window_gain(self, begin: int, end: int, rows: Array, every: int) -> float:
        """Largest |Phi w| / |w| at any sample of the window, w in the span of the rows."""
        start, paths = self.primed(begin), []
        for w in rows:
            self.put(start, w)
            run = self.go(begin, end, Record(weights=every))
            if run.status is Status.DIVERGED:
                return math.inf
            assert run.weights is not None
            paths.append(run.weights.reshape(len(run.weights), -1))
        phi = np.stack(paths, axis=-1)
        if not len(phi):
            return 1.0
        scale = max(float(np.abs(phi).max()), 1e-300)
        phi = phi / scale
        gram = np.swapaxes(phi.conj(), 1, 2) @ phi
        widest = np.argmax(np.abs(np.diagonal(gram, axis1=1, axis2=2)), axis=1)
        v = gram[np.arange(len(gram)), :, widest][:, :, None]
        for _ in range(6):                              # of the power method: a burst has one direction
            v = gram @ (v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-300))
        v = v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-300)
        return scale * float(np.max(np.linalg.norm(phi @ v, axis=1)))
