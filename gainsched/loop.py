"""The closed loop: a filter, its gains, its state; runs, steps, streams, saves, linearizes."""

from __future__ import annotations

import numbers
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched import state as states
from gainsched.ensemble import side_by_side
from gainsched.errors import DivergedError, Interrupted, refusal
from gainsched.execute import execute, flat, outputs, rewind
from gainsched.kernels.ensemble import TOGETHER
from gainsched.realization import Realization
from gainsched.room import SMALL, offered, part, room
from gainsched.run import Record, Run, Status
from gainsched.runs import Runs, hands
from gainsched.signals import check_finite, columns, desired

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from gainsched.kernels.engine import Engine

NOTHING = Record()


class Loop(Realization):
    r"""A filter with its gains, running: the closed loop of adaptation.

    .. math::
        y_k = w_k' u_k, \qquad e_k = d_k - y_k, \qquad w_{k+1} = w_k + \mu_k c_k v_k

    Parameters
    ----------
    filter : Filter
        The update rule over its model structure.
    gain : number, array, Schedule or Law
        :math:`\mu`. An array is one value per sample (T,), per weight (n, 1), or both (n, T). Default: the filter's.
    forgetting : number, array, Schedule or Law
        For filters with that port (RLS); default 1.
    compensator : Compensator, optional
        Momentum or averaging between correction and weights: `HeavyBall`, `Nesterov`, `GradientEMA` ...
    w0 : array of w's shape, optional
        Weights before the first sample; default zero.
    nonfinite : {"raise", "skip", "hold", "propagate"}
        What a NaN or infinite value means: an error; a missing value (no update while it stands in the regressor, it
        counts as 0); the same, the delay line taking the last finite value; or arithmetic as it comes.
    on_divergence : {"raise", "stop"}
        `DivergedError`, or a run that ends with ``status == "diverged"`` (after `step`: ``loop.status``).
    limit : float
        Divergence is an error above limit * max(1, largest abs(d) so far), or a non-finite output or weight.

    Notes
    -----
    ``k``, ``loop.n``, gains, records and ``stopped_at`` all use one clock: samples taken in, skipped ones included.
    Any chunking, `step`, a saved and reloaded loop and a row of `run_many` give bitwise the same y, e and w.

    Examples
    --------
    >>> import numpy as np, gainsched as gs
    >>> x = np.random.default_rng(0).standard_normal(2000)
    >>> d = np.convolve(x, [1.0, -0.5, 0.25])[:2000]
    >>> loop = gs.Loop(gs.NLMS(3), gain=0.5)
    >>> run = loop.run(x, d)
    >>> print(run.w.round(6))
    [ 1.   -0.5   0.25]
    >>> loop.n
    2000
    """

    def _step_any(self, x_k: Any, d_k: Any) -> Any:
        """A step of any kind of loop: the compiled `step` hands over what is not two plain real numbers."""
        run = self.run(np.asarray(x_k).reshape(1, -1), None if d_k is None else np.asarray(d_k).reshape(1))
        return run.y[0].item()

    # -- one sample --------------------------------------------------------------------------------------------

    def predict(self, x_k: Any) -> Any:
        """First half of a step: take x_k in and return w'u; `correct` must follow.

        For FxLMS and MITRule this is the signal to send to the real plant (`step` returns a simulated plant's
        answer for MITRule).
        """
        row = columns(self._filter.model, np.asarray(x_k).reshape(1, -1))
        if self._nonfinite == "raise":
            check_finite("x", row, self.n)
        if row.dtype.kind == "c" and not self._is_complex:
            self._make(self._widened())
        y, y_im = self._engine.predict(flat(self._engine, row))
        return complex(y, y_im) if self._is_complex else y

    def correct(self, e_k: Any) -> None:
        """Second half of a step: the error that a real plant or sensor gave for the last prediction."""
        if isinstance(e_k, bool) or not isinstance(e_k, numbers.Complex):
            raise TypeError(refusal("correct: e", e_k, "must be a number"))
        if not isinstance(e_k, numbers.Real) and not self._is_complex:
            raise TypeError(refusal("correct: e", e_k, "must be real in a real loop"))
        e = complex(e_k)
        if self._nonfinite == "raise" and not np.isfinite(e):
            raise ValueError(refusal("correct: e", e_k, "must be finite", 'nonfinite="skip" skips missing samples.'))
        self._engine.correct(e.real, e.imag)
        if self._engine.stopped:
            self._stopped_step()

    def _stopped_step(self) -> None:
        if self._on_divergence == "raise":
            y, e, d = (np.array([value]) for value in self._engine.last())
            run = Run(y=y, e=e, given=d, w=self.w, status=Status.DIVERGED, stopped_at=self.n - 1, start=self.n - 1,
                      filter=self._filter)
            raise DivergedError(self._diagnosis(self.n - 1), run)

    # -- records -----------------------------------------------------------------------------------------------

    def run(self, x: ArrayLike, d: ArrayLike | None = None, record: Record | None = None,
            out: tuple[NDArray[Any], NDArray[Any]] | None = None) -> Run:
        """Run over a record, continuing from the present state.

        Parameters
        ----------
        x : (T,) or (T, channels) array
            Input.
        d : (T,) array
            Desired output; may be left out where the filter makes its own (MITRule).
        record : Record, optional
            Histories to keep.
        out : (y, e), optional
            Two float64 (complex128) arrays of shape (T,) to write into, memory-mapped ones for instance; they are the
            run's y and e. Of a run that stops, what follows the stop stays as it was. Without it, the memory of runs
            that nothing refers to any more serves again.

        Raises
        ------
        DivergedError
            Under ``on_divergence="raise"``; ``.run`` holds everything up to the sample.
        Interrupted
            After Ctrl-C; ``.run`` holds everything up to it.
        ValueError, TypeError
            Bad input, named with its value and limit; the state is then unchanged.

        Examples
        --------
        A record of any size, in files, in constant memory (numpy.load(..., mmap_mode="r") does for x and d, too):

        >>> import numpy as np, gainsched as gs, tempfile, pathlib
        >>> x = np.random.default_rng(0).standard_normal(1000)
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> y, e = (np.lib.format.open_memmap(folder / name, "w+", float, (1000,)) for name in ("y.npy", "e.npy"))
        >>> run = gs.Loop(gs.NLMS(4)).run(x, x, out=(y, e))
        >>> run.y is y, bool(abs(e[-1]) < 1e-6)
        (True, True)
        """
        inputs, output = self._signals(x, d)
        record = _kept(record)
        widens = not self._is_complex and _complex(inputs, output)
        if out is not None:
            kind = np.complex128 if widens or self._is_complex else np.float64
            out = offered(out, (len(inputs),), kind, inputs, output)
        if widens:
            with self._engine as engine:               # refused before the loop widens to complex weights
                self._admit(engine, inputs, output)
            self._make(self._widened())
        return self._run(self._engine, inputs, output, record, out)

    def _run(self, engine: Engine, x: NDArray[Any], d: NDArray[Any] | None, record: Record,
             out: tuple[NDArray[Any], NDArray[Any]] | None = None) -> Run:
        """Check everything, then run; the lock is held from the first look at the clock to the last sample."""
        with engine:
            self._admit(engine, x, d)
            run = execute(engine, self._filter, x, d, record, per_weight=self._ports["gain"].per_weight,
                          compensator=self._compensator, out=out)
        self._conclude(run, engine)
        return run

    def _conclude(self, run: Run, engine: Engine) -> None:
        if run.status is Status.INTERRUPTED:
            raise Interrupted(f"interrupted after {run.n} samples; .run holds them, the loop stands at n = "
                              f"{run.start + run.n}.", run)
        if run.status is Status.DIVERGED and self._on_divergence == "raise" and engine is self._engine:
            raise DivergedError(self._diagnosis(run.start + run.n - 1), run)
        if engine.record["tainted"] and run.n and not np.isfinite(run.e[-1]):
            warnings.warn(f"{type(self._filter).__name__}: non-finite input has reached the weights "
                          '(nonfinite="propagate"); every later output is NaN.', RuntimeWarning, stacklevel=4)

    def _diagnosis(self, k: int) -> str:
        """What diverged, where, at which gain, and what to try."""
        name = type(self._filter).__name__
        gain = self._ports["gain"]
        if gain.law is not None:
            now = f"{np.max(self._engine.record['gain_now']):.4g}"
            advice = f"Give the law a tighter high (it is {gain.law.high:g})"
        else:
            values = np.asarray(self.gain(k))
            now = f"{float(values.max()):.4g}"
            advice = "Lower the gain" if np.asarray(self.gain.limit).size else ""
        if self._filter.gain_high < np.inf:
            bound = f"; the mean-square bound is {self._filter.gain_high:g}"
        else:
            bound = "; the bound depends on the signal: gs.analyze(loop, x=x, d=d).range"
        return (f'{name}: diverged at k = {k}, gain {now} there{bound}. {advice}, or pass on_divergence="stop" to look '
                "at the run up to there.")

    def apply(self, x: ArrayLike, d: ArrayLike | None = None) -> NDArray[Any]:
        """Outputs of the present weights, frozen: no update, the state untouched; the signals before x are zero.

        An averaging compensator's averaged weights are used (`loop.average`).

        ARX structures need d, whose past values stand in their regressors.
        """
        if self._filter.model.feeds_back and d is None:
            raise ValueError("apply: the regressors of ARX hold past outputs; call apply(x, d).")
        record = self._blank(self._is_complex or np.asarray(x).dtype.kind == "c")
        record["w"] = self.average
        record["n"] = 0
        engine = self._engine_on(record, frozen=True)
        inputs = columns(self._filter.model, x)
        goal = np.zeros(len(inputs)) if d is None else np.asarray(desired(self._filter, d, len(inputs)))
        if self._nonfinite == "raise":
            check_finite("x", inputs, 0)
            check_finite("d", goal, 0)
        return outputs(engine, inputs, goal)

    def stream(self, chunks: Iterable[tuple[ArrayLike, ArrayLike]], record: Record | None = None,
               out: tuple[NDArray[Any], NDArray[Any]] | None = None) -> Iterator[Run]:
        """Run over an iterable of (x, d) chunks, one Run each: any size of file in constant memory.

        Parameters
        ----------
        chunks : iterable of (x, d)
        record : Record, optional
            Histories to keep, in each Run.
        out : (y, e), optional
            Two arrays for all chunks one after the other, as `run` takes them; y and e of each Run are its part.
            Without it, a chunk's memory serves again as soon as its Run is let go.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> x = np.random.default_rng(0).standard_normal(1000)
        >>> loop = gs.Loop(gs.NLMS(4))
        >>> [run.n for run in loop.stream((x[i:i + 400], x[i:i + 400]) for i in range(0, 1000, 400))]
        [400, 400, 200]
        """
        begin = 0
        for chunk in chunks:
            if not isinstance(chunk, tuple | list) or len(chunk) != 2:
                raise TypeError(refusal("stream: chunks", type(chunk).__name__,
                                        "must yield pairs (x, d)", "Try zip(x_chunks, d_chunks)."))
            x, d = chunk
            run = self.run(x, d, record, None if out is None else part(out, begin, np.shape(x)[:1]))
            begin += run.n
            yield run
            if run.status is not Status.DONE:
                return

    def run_many(self, X: ArrayLike, D: ArrayLike | None = None, workers: int | None = None,
                 record: Record | None = None, out: tuple[NDArray[Any], NDArray[Any]] | None = None) -> Sequence[Run]:
        """M independent realizations, each from the loop's present state; the loop itself stays as it is.

        Rows of LMS and NLMS up to 128 weights share vectors if the gain is known beforehand: faster, the same bits.

        Parameters
        ----------
        X : (M, T) or (M, T, channels) array
        D : (M, T) array
        workers : int, optional
            Threads (default: one per processor); the compiled loops run outside the interpreter lock.
        record : Record, optional
            Histories to keep, in each Run.
        out : (Y, E), optional
            Two arrays of shape (M, T) to write into; y and e of each Run are a row of theirs.

        Returns
        -------
        sequence of Run
            Each with its own status; divergence never raises here.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> X = np.random.default_rng(0).standard_normal((20, 500))
        >>> runs = gs.Loop(gs.NLMS(4)).run_many(X, X)
        >>> len(runs), float(np.mean([run.w[0] for run in runs]).round(6))
        (20, 1.0)
        """
        rows = np.asarray(X)
        goals = None if D is None else np.asarray(D)
        if rows.ndim not in (2, 3):
            raise ValueError(refusal("run_many: X", rows.shape, "must have shape (M, T) or (M, T, channels)"))
        if goals is not None and (goals.ndim != 2 or goals.shape != rows.shape[:2]):
            raise ValueError(refusal("run_many: D", goals.shape, f"must have shape {rows.shape[:2]}, that of X"))
        if workers is not None and (isinstance(workers, bool) or not isinstance(workers, numbers.Real)
                                    or int(workers) != workers or workers < 1):
            raise ValueError(refusal("run_many: workers", workers, "must be an integer >= 1 or None"))
        record = _kept(record)
        widen = _complex(rows, goals) and not self._is_complex
        before, interrupted = self._widened() if widen else self.state, threading.Event()
        kind = np.complex128 if before["w"].dtype.kind == "c" else np.float64
        shape = rows.shape[:2]
        Y, E = (room(shape, kind), room(shape, kind)) if out is None else offered(out, shape, kind, rows, goals)
        batch = None
        if record == NOTHING and self._plain(rows, goals, before):
            batch = Runs(Y, E, np.empty((len(rows), *self._filter.model.shape), kind), int(before["n"]), self._filter)
        together = batch is not None and side_by_side(self._filter, self._ports["gain"], before)

        crew = self._crew

        def share(part: slice) -> list[Run]:
            engines = [self._hired(crew, before.dtype)
                       for _ in range(min(TOGETHER, part.stop - part.start) if together else 1)]
            if batch is not None:
                fill = batch.fill_together if together else batch.fill
                fill(part, engines, before.tobytes(), rows, goals, interrupted)
                crew.extend(engine for engine in engines if engine.record.nbytes < SMALL)
                return []
            made = []
            for m in range(len(rows))[part]:
                if interrupted.is_set():
                    break
                rewind(engines[0], before)
                signals = self._signals(rows[m], None if goals is None else goals[m])
                made.append(self._run(engines[0], *signals, record, (Y[m], E[m])))
            return made

        count = min(workers or hands(rows.shape[0] * rows.shape[1] * self._filter.model.n), max(len(rows), 1))
        edges = [len(rows) * i // count for i in range(count + 1)]
        parts = [slice(begin, end) for begin, end in pairwise(edges)]
        if count == 1:
            runs = share(parts[0])
        else:
            with ThreadPoolExecutor(count - 1) as pool:        # this thread takes the first part
                others = [pool.submit(share, part) for part in parts[1:]]
                try:
                    runs = share(parts[0]) + [run for other in others for run in other.result()]
                except BaseException:
                    interrupted.set()              # the threads end after their present rows
                    raise
        return runs if batch is None else batch

    # -- change ------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Back to the state before the first sample."""
        self._make(self._blank(self._w0.dtype.kind == "c"))

    def swap(self, gain: Any = None, forgetting: Any = None) -> None:
        """Replace a gain without a bump: weights, clock and signals stay.

        Schedules go on at the loop's own clock; a law starts from the gain in force.
        """
        ports = dict(self._ports)
        for name, value in (("gain", gain), ("forgetting", forgetting)):
            if value is not None:
                ports[name] = self._port(name, value)
        force = {name: ports[name].handed_over(self._in_force(name), self.n) for name in ports}
        old_ports, self._ports = self._ports, ports
        try:
            record = self._blank(self._is_complex, force)
        except ValueError:
            self._ports = old_ports
            raise
        with self._engine as engine:
            engine.stored()
            changed = tuple(name for name in states.names(engine.record)
                            for port in ("gain", "forgetting")
                            if name.startswith(port + "_") and ports[port] is not old_ports[port])
            states.copy_fields(record, engine.record, skip=changed)
        self._make(record)

    # -- files -------------------------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write specification and state to an npz file without pickle; `Loop.load` brings the loop back."""
        from gainsched.storage import save

        save(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Loop:
        """Read a loop that `save` wrote; the file is data, nothing in it is evaluated."""
        from gainsched.storage import load

        return load(path)

    def __getstate__(self) -> dict[str, Any]:
        sources = {name: port.source for name, port in self._ports.items() if name in self._filter.ports}
        state = self.state
        return {"filter": self._filter, "sources": sources, "compensator": self._compensator,
                "nonfinite": self._nonfinite, "on_divergence": self._on_divergence, "limit": self._limit,
                "w0": self._w0,
                "state": {name: np.array(state[name]) for name in states.names(state)}}

    def __reduce__(self) -> tuple[Any, ...]:
        return _revived, (self.__getstate__(),)

    # -- theory and models -------------------------------------------------------------------------------------

    def model(self, dt: float | bool = True) -> Any:
        """The identified model of the present weights as a python-control TransferFunction.

        Examples
        --------
        >>> import numpy as np, gainsched as gs
        >>> loop = gs.Loop(gs.RLS(gs.ARX(na=1, nb=1)), w0=[-0.9, 0.1])
        >>> print(loop.model().poles())
        [0.9+0.j]
        """
        if dt is not True and not (isinstance(dt, numbers.Real) and dt > 0):
            raise ValueError(refusal("model: dt", dt, "must be True or a sample time > 0"))
        if self._is_complex:
            raise ValueError("model: python-control has no systems with complex coefficients; read loop.w instead.")
        return self._filter.model.transfer(self.w, dt)

    def linear(self, exc: Any) -> Any:
        """The mean weight error as a python-control StateSpace (dt=True), see `gainsched.analysis.linear`."""
        from gainsched.analysis.linear import linear

        return linear(self, exc)

    def transfer(self, mode: float) -> Any:
        """The adaptation loop of one mode as a python-control TransferFunction, see `gainsched.analysis.linear`."""
        from gainsched.analysis.linear import transfer

        return transfer(self, mode)


def _revived(data: dict[str, Any]) -> Loop:
    """The loop that was pickled: built from its specification, then put into its state."""
    loop = Loop(data["filter"], **data["sources"], compensator=data["compensator"], w0=data["w0"],
                nonfinite=data["nonfinite"], on_divergence=data["on_divergence"], limit=data["limit"])
    loop._take(data["state"])
    return loop


def _kept(record: Record | None) -> Record:
    if record is None:
        return NOTHING
    if not isinstance(record, Record):
        raise TypeError(refusal("record", record, "must be a gs.Record", "Try gs.Record(gain=1, weights=100)."))
    return record


def _complex(*signals: NDArray[Any] | None) -> bool:
    return any(signal is not None and signal.dtype.kind == "c" for signal in signals)
