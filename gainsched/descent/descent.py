"""A user's own gradient in the loop: gains, compensators and laws drive it as they drive an adaptive filter."""

from __future__ import annotations

import dataclasses
import math
import numbers
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched import gains as families
from gainsched.descent.objective import Objective, Oracle
from gainsched.descent.search import found
from gainsched.descent.trace import DescentRun, Keeper
from gainsched.errors import DivergedError, Interrupted, refusal
from gainsched.execute import rewind
from gainsched.gains import Compensator, Law, ScheduledLaw
from gainsched.loop import Loop
from gainsched.models import FIR
from gainsched.run import Record, Status
from gainsched.signals import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

PERIOD = 0.1             # seconds between two reports of progress


class Descent:
    r"""Gradient descent on an objective of your own, with the gains, laws and compensators of a `Loop`.

    .. math:: w_{k+1} = w_k - \mu_k \nabla f(w_k)

    In control words: each curvature :math:`\lambda` of f is a plant of gain :math:`\lambda` behind the integrator w,
    and the learning rate is the gain of the loop :math:`\mu\lambda/(z-1)`. LMS is this descent on its own squared
    error.

    Parameters
    ----------
    gradient : callable
        ``gradient(w)``, or ``gradient(w, k)`` with the step number k (two required arguments, or a second one called
        k): with it a noisy gradient can draw its noise by k, and is then reproducible.
    w0 : array
        Where to start; any shape. gradient gets and returns arrays of this shape.
    value : callable, optional
        ``value(w)`` or ``value(w, k)``: the objective. With it ``run.value`` is kept, and laws that read the error
        work: :math:`e = \sqrt{2 (f - \mathrm{floor})}` and :math:`u = -\nabla f / e`, so that e²/2 is what falls.
        Without it e = 1, and such laws are refused.
    floor : float
        A lower bound of the objective; only used with `value`.
    gain : number, array, Schedule or Law
        :math:`\mu_k`, as `Loop` takes it; weights in C order where it is per weight. A `LineSearch` searches the
        objective along the gradient, and needs `value`. No default: the stable range depends on the curvature, which
        `report` measures.
    compensator : Compensator, optional
        Momentum and averages: `HeavyBall`, `Nesterov` (the gradient is then taken at the look-ahead point, which is
        ``w``), `GradientEMA` ...
    on_divergence : {"raise", "stop"}
        `DivergedError`, or a run that ends with ``status == "diverged"``.
    limit : float
        Divergence is a gradient whose norm exceeds limit * max(1, norm of the first one), a gradient or value that is
        infinite, or a step that is not finite.

    Notes
    -----
    The loop's saturation bounds a step by the error of a sample. There is no sample here, so laws run as with
    ``saturate=False``; their ``low``, ``high`` and ``rate_limit`` hold.

    Each step calls Python: it costs the gradient's own time and about ten microseconds around it (measured, see the
    decision record on laws in Python), where a compiled filter takes nanoseconds.

    A descent pickles if its functions do. A gradient that fails, has the wrong shape or is NaN ends the call with the
    step's number, and the state is as before it. Cuts change nothing: ``run(100)`` is ``run(40)`` and ``run(60)``, bit
    for bit.

    Examples
    --------
    A valley, ten times as steep across as along, at a gain that its steep side just bears:

    >>> import numpy as np, gainsched as gs
    >>> curvature = np.array([1.0, 10.0])
    >>> descent = gs.Descent(lambda w: curvature * w, [1.0, 1.0], gain=0.19)
    >>> print(descent.run(100).w.round(4))
    [0. 0.]
    >>> round(descent.report().bound.value, 4)
    0.2
    """

    def __init__(self, gradient: Any, w0: ArrayLike, value: Any = None, *, gain: Any = None, floor: float = 0.0,
                 compensator: Compensator | None = None, on_divergence: str = "raise", limit: float = 1e8) -> None:
        start = np.array(w0)
        if start.dtype.kind not in "iuf" or not start.size:
            raise TypeError(refusal("Descent: w0", w0, "must be an array of real numbers"))
        if not np.isfinite(start).all():
            raise ValueError(refusal("Descent: w0", w0, "must be finite"))
        if isinstance(floor, bool) or not isinstance(floor, numbers.Real) or not math.isfinite(floor):
            raise ValueError(refusal("Descent: floor", floor, "must be a finite number"))
        if gain is None:
            raise ValueError("Descent has no default gain: the stable range depends on the curvature. Pass gain=...; "
                             "descent.report().bound, made with any gain, says up to where.")
        self._shape: tuple[int, ...] = start.shape
        self._oracle: Oracle = Oracle(gradient, value, float(floor), start.shape)
        self._given: dict[str, Any] = {"gradient": gradient, "w0": start, "value": value, "gain": gain,
                       "floor": float(floor), "compensator": compensator, "on_divergence": on_divergence,
                       "limit": limit}
        line = getattr(families, "LineSearch", None)
        self._search: Any = gain if line is not None and isinstance(gain, line) else None
        if self._search is not None and not self._oracle.has_value:
            raise ValueError(refusal("Descent: gain", gain, "searches the objective along the gradient",
                                     "Pass value=, the objective itself."))
        n = start.size
        self._loop: Loop = Loop(
            Objective(FIR(taps=1, channels=n)), gain=1.0 if self._search is not None else self._drive(gain),
            compensator=compensator, w0=start.astype(np.float64).reshape((1,) if n == 1 else (1, n)),
            on_divergence=on_divergence, limit=math.inf)
        if isinstance(limit, bool) or not isinstance(limit, numbers.Real) or not limit > 0:
            raise ValueError(refusal("Descent: limit", limit, "must be a number > 0"))
        self._limit: float = float(limit)
        self._raises: bool = on_divergence == "raise"

    def _drive(self, gain: Any) -> Any:
        """The gain as the loop takes it: laws without saturation, and none that would read an error we lack."""
        scaled = isinstance(gain, ScheduledLaw)
        law = gain.law if scaled else gain
        if not isinstance(law, Law):
            return gain
        if law.needs_error and not self._oracle.has_value:
            raise ValueError(refusal("Descent: gain", law, "must not read the error: a gradient alone has none",
                                     "Pass value=, the objective (and floor=, its lower bound)."))
        free: Any = dataclasses.replace(law, saturate=False)  # type: ignore[type-var]
        return gain.schedule * free if scaled else free

    # -- steps -------------------------------------------------------------------------------------------------

    def step(self) -> NDArray[np.float64]:
        """One step; returns the weights after it.

        Raises
        ------
        DivergedError
            Under ``on_divergence="raise"``; ``.run`` holds the step.
        ValueError, TypeError
            When gradient or value answer nonsense; the state is then unchanged.
        """
        self.run(1)
        return self.w

    def run(self, steps: int, record: Record | None = None, *,
            progress: Callable[[int, int], None] | None = None) -> DescentRun:
        """Take `steps` steps from the present weights.

        Parameters
        ----------
        steps : int
            How many.
        record : Record, optional
            Which gains and weights to keep; default every gain, ``Record(gain=1)``.
        progress : callable, optional
            Called as ``progress(done, steps)``, at most ten times a second and at the end.

        Raises
        ------
        DivergedError
            Under ``on_divergence="raise"``; ``.run`` holds everything up to the step.
        Interrupted
            After Ctrl-C; ``.run`` holds everything up to it, the descent stands there.
        ValueError, TypeError, and whatever gradient or value raise
            The state is then as before the call.
        """
        if isinstance(steps, bool) or not isinstance(steps, numbers.Integral) or steps < 0:
            raise ValueError(refusal("Descent.run: steps", steps, "must be an integer >= 0"))
        if record is not None and not isinstance(record, Record):
            raise TypeError(refusal("record", record, "must be a gs.Record", "Try gs.Record(gain=1, weights=1)."))
        steps, engine = int(steps), self._loop._engine
        with engine:
            begin = self.n
            self._loop._ports["gain"].covers(begin, begin + steps)
            engine.stored()
            before = engine.record.copy()
            keeper = Keeper(self.w, begin, steps, record or Record(gain=1), self._loop._ports["gain"].per_weight)
            status, due = Status.DONE, time.monotonic() + PERIOD
            try:
                for done in range(1, steps + 1):
                    if not self._one(keeper):
                        status = Status.DIVERGED
                        break
                    if progress is not None and (time.monotonic() >= due or done == steps):
                        progress(done, steps)
                        due = time.monotonic() + PERIOD
            except KeyboardInterrupt:
                status = Status.INTERRUPTED
                if self.n - begin > keeper.done:         # it came between a step and its entry
                    keeper.after(self.w)
            except BaseException:                # the user's functions may raise anything
                rewind(engine, before)
                raise
            run = keeper.run(self.w, status, self._oracle.has_value)
        if status is Status.INTERRUPTED:
            raise Interrupted(f"interrupted after {run.n} steps; .run holds them, the descent stands at n = {self.n}.",
                              run)
        if status is Status.DIVERGED and self._raises:
            raise DivergedError(f"Descent: diverged at step {run.stopped_at}, gradient norm {run.slope[-1]:.4g}. Lower "
                                'the gain (descent.report().bound, taken nearer to the minimum, says how far), or pass '
                                'on_divergence="stop" to look at the run up to there.', run)
        return run

    def _one(self, keeper: Keeper) -> bool:
        """One step of a descent whose lock is held; False where it diverges."""
        engine, oracle, k = self._loop._engine, self._oracle, self.n
        state, w = engine.record, self.w
        value = oracle.value(w, k) if oracle.has_value else 0.5           # e = 1
        gradient = oracle.gradient(w, k)
        slope = math.sqrt(float(gradient @ gradient))
        first = float(state["filter_first"][0]) if k else slope
        sound = slope <= min(self._limit * max(1.0, first), LARGEST) and value < math.inf
        step = 1.0 if self._search is None or not sound else found(self._search, oracle, w, gradient, value, k)
        keeper.before(value, slope, step)
        if sound:
            if not k:
                state["filter_first"] = slope
            keeper.error[0] = oracle.error(value) if oracle.has_value else 1.0
            engine.advance(-step * gradient, keeper.error, keeper.y, keeper.e, gain=keeper.applied, gain_every=1)
            sound = not engine.stopped
        else:                                    # the clock goes on over a step that is not made, as in a loop
            state["n"] += 1
        keeper.after(self.w)
        return sound

    # -- what it is --------------------------------------------------------------------------------------------

    @property
    def w(self) -> NDArray[np.float64]:
        """The weights now (a copy), in the shape of w0."""
        weights: NDArray[np.float64] = self._loop._engine.record["w"].reshape(self._shape).copy()
        return weights

    @property
    def average(self) -> NDArray[np.float64]:
        """The averaged weights of an averaging compensator (a copy); without one, the weights."""
        average: NDArray[np.float64] = self._loop.average.reshape(self._shape)
        return average

    @property
    def n(self) -> int:
        """Steps taken: the clock that schedules and ``gradient(w, k)`` see."""
        return int(self._loop._engine.record["n"])

    @property
    def gain(self) -> Any:
        """What drives the gain."""
        return self._loop.gain if self._search is None else self._search

    @property
    def compensator(self) -> Compensator | None:
        """What stands between gradient and weights, if anything."""
        return self._loop.compensator

    @property
    def state(self) -> NDArray[Any]:
        """The whole state as a structured NumPy record (a copy); assign one to go back to where it was."""
        return self._loop.state

    @state.setter
    def state(self, value: NDArray[Any]) -> None:
        self._loop.state = value

    def reset(self) -> None:
        """Back to w0, step 0."""
        self._loop.reset()

    def save(self, path: Any) -> None:
        """Refused: a file of names and numbers holds no function. Pickle the descent instead.

        Parameters
        ----------
        path : str or Path
            Not written.
        """
        raise TypeError(f"Descent holds Python functions, which {path} could not: pickle it (its functions must be "
                        "importable), or keep descent.state and assign it to a new Descent.")

    def __reduce__(self) -> tuple[Any, ...]:
        state = self.state
        return _revived, (self._given, {name: np.array(state[name]) for name in state.dtype.names or ()})

    def __repr__(self) -> str:
        compensator = "" if self.compensator is None else f", compensator={self.compensator!r}"
        return f"<Descent of {self.w.size} weights, gain={self.gain!r}{compensator}, n={self.n}>"

    # -- theory ------------------------------------------------------------------------------------------------

    def transfer(self, mode: float) -> Any:
        """The loop around one curvature as a python-control TransferFunction, see `gainsched.analysis.descending`."""
        from gainsched.analysis.descending import transfer

        return transfer(self, mode)

    def report(self, hessian: ArrayLike | None = None) -> Any:
        """What theory says of the descent near its present weights, see `gainsched.DescentReport`.

        Parameters
        ----------
        hessian : (n, n) array, optional
            Second derivatives at w, weights in C order; default: central differences of the gradient.

        Returns
        -------
        DescentReport
        """
        from gainsched.analysis.descent import report

        return report(self, hessian)


def _revived(given: dict[str, Any], state: dict[str, NDArray[Any]]) -> Descent:
    """The descent that was pickled."""
    descent = Descent(**given)
    descent._loop._take(state)
    return descent
