"""A loop as a thing with a state: what it is made of, and how its state goes in and out."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched import registry
from gainsched import state as states
from gainsched.errors import refusal
from gainsched.execute import in_memory_order, is_complex, rewind
from gainsched.filters import Filter
from gainsched.gains import Compensator, ScheduledLaw
from gainsched.gains.port import Port, as_port
from gainsched.kernels.engine import Engine
from gainsched.kernels.stepping import Stepping
from gainsched.run import Status
from gainsched.signals import check_finite, columns, desired

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NONFINITE = ("raise", "skip", "hold", "propagate")
ON_DIVERGENCE = ("raise", "stop")


class Realization(Stepping):
    """Filter, ports, options, and one engine with its state record; `Loop` runs it."""

    def __init__(self, filter: Filter, gain: Any = None, forgetting: Any = None, *,
                 compensator: Compensator | None = None, w0: ArrayLike | None = None, nonfinite: str = "raise",
                 on_divergence: str = "raise", limit: Any = 1e8) -> None:
        if not isinstance(filter, Filter):
            raise TypeError(refusal("Loop: filter", filter, "must be a filter such as gs.NLMS(32)"))
        if not (compensator is None or isinstance(compensator, Compensator)):
            raise TypeError(refusal("Loop: compensator", compensator, "must be a compensator such as gs.HeavyBall(.9)"))
        self._filter: Filter = filter
        self._compensator: Compensator | None = compensator
        self._ports = {"gain": self._port("gain", gain), "forgetting": self._port("forgetting", forgetting)}
        for name in () if compensator is None else compensator.ports:
            self._ports[name] = as_port(name, getattr(compensator, name), n=filter.model.n, high=1.0,
                                        who=type(compensator).__name__)
        self._nonfinite = _choice("nonfinite", nonfinite, NONFINITE)
        self._on_divergence = _choice("on_divergence", on_divergence, ON_DIVERGENCE)
        if isinstance(limit, bool) or not isinstance(limit, numbers.Real) or not float(limit) > 0:
            raise ValueError(refusal("Loop: limit", limit, "must be a number > 0"))
        self._limit: float = float(limit)
        self._w0: NDArray[Any] = self._weights(w0)
        self._make(self._blank(self._w0.dtype.kind == "c"))

    def _port(self, name: str, value: Any) -> Port:
        filter, who = self._filter, type(self._filter).__name__
        if name not in filter.ports:
            if value is not None:
                raise ValueError(refusal(f"{who}: {name}", value, f"is not a port of {who}, which has {filter.ports}"))
            value = 1.0
        elif value is None:
            value = filter.default_gain if name == "gain" else 1.0
            if value is None:
                raise ValueError(f"{who} has no default gain: the safe range depends on the signal. Pass gain=..., "
                                 "found by gs.design(filter, exc, misadjustment=.05) or read off "
                                 "gs.analyze(loop, x=x, d=d).range.")
        n = filter.model.n
        if name == "forgetting":
            return as_port(name, value, n=n, who=who, high=1.0, exclusive=True,
                           advice="Memory is 1 / (1 - forgetting) samples.")
        return as_port(name, value, n=n, who=who, plain_high=filter.gain_high,
                       advice=f"{who} is stable for gains between 0 and {filter.gain_high:g}, whatever the signal."
                       if filter.gain_high < np.inf else "")

    def _weights(self, w0: ArrayLike | None) -> NDArray[Any]:
        shape = self._filter.model.shape
        if w0 is None:
            return np.zeros(shape)
        w = np.array(w0)
        if w.dtype.kind not in "iufc":
            raise TypeError(refusal("Loop: w0", w0, "must be an array of numbers"))
        w = w.astype(np.complex128 if w.dtype.kind == "c" else np.float64)
        if w.shape != shape:
            raise ValueError(refusal("Loop: w0", w.shape, f"must have shape {shape}"))
        if not np.isfinite(w).all():
            raise ValueError(refusal("Loop: w0", w0, "must be finite"))
        return w

    def _blank(self, complex_: bool, force: dict[str, Any] | None = None) -> NDArray[Any]:
        """A fresh state record; `force` holds the gains, by port, that laws take over from."""
        filter = self._filter
        n = filter.model.n
        if complex_:
            self._check_complex()
        groups: dict[str, dict[str, NDArray[Any]]] = {}
        if self._looks_ahead():
            groups["ahead"] = states.lookahead(n, complex_)
        groups["filter"] = filter.initial()
        for name, port in self._ports.items():
            groups[name] = {} if port.law is None else port.law.initial(n, (force or {}).get(name))
        if self._compensator is not None:
            w0 = self._w0.astype(np.complex128 if complex_ else np.float64).reshape(-1).view(np.float64)
            groups["compensator"] = self._compensator.initial(w0)
        record = states.blank(self._layout(), filter.model.shape, groups, complex_)
        record["w"] = self._w0
        return record

    def _looks_ahead(self) -> bool:
        """Whether lookahead blocks serve: one gain for all weights, which move along a delay line."""
        gain, law = self._ports["gain"], self._ports["gain"].law
        return (self._along_line and self._compensator is None and not gain.per_weight
                and (law is None or not law.kernel.reads_weights))

    @property
    def _along_line(self) -> bool:
        """Whether the weights move along the window of a delay line itself."""
        return bool(self._filter.kernel.along_regressor) and self._filter.model.kernel is None

    def _layout(self) -> dict[str, int]:
        """Sizes of the delay lines; the correlations of a lookahead block reach three samples beyond the window."""
        beyond = states.LAGS if self._along_line else 0
        sizes: dict[str, int] = self._filter.model.layout(self._filter.lookback + beyond, self._filter.span)
        return sizes

    def _check_complex(self) -> None:
        law, who = self._ports["gain"].law, type(self._filter).__name__
        if not self._filter.takes_complex or self._filter.model.feeds_back:
            raise ValueError(f"{who}: complex signals need LMS or NLMS over an FIR structure.")
        if law is not None and not law.takes_complex:
            laws = (registry.find("law", name) for name in registry.names("law"))
            able = [cls.__name__ for cls in laws if getattr(cls, "takes_complex", False)]
            raise ValueError(refusal(f"{who} gain", law, "must be a number, an array, a schedule or a law that reads "
                                     f"magnitudes alone ({', '.join(able)}) where signals are complex"))

    def _make(self, record: NDArray[Any], frozen: bool = False) -> None:
        self._engine = self._engine_on(record, frozen=frozen)
        self._crew: list[Engine] = []                  # engines of the last ensemble; a new one takes 35 us
        self._single = (self._filter.model.channels == 1 and record["w"].dtype.kind == "f" and self._filter.needs_d
                        and not self._ports["gain"].calls_python)     # such a step is a run of one: it can be undone

    def _engine_on(self, record: NDArray[Any], *, frozen: bool = False) -> Engine:
        filter, model = self._filter, self._filter.model
        between = self._compensator
        engine = Engine(record, filter.kernel, model.kernel, None if between is None else between.kernel,
                        self._layout(), filter.constants(), model.constants(),
                        () if between is None else between.constants(), policy=self._nonfinite, limit=self._limit,
                        frozen=frozen)
        for name, port in self._ports.items():
            engine.bind(name, port)
        return engine

    def _hired(self, crew: list[Engine], kind: np.dtype[Any]) -> Engine:
        """An engine for rows of an ensemble, on a state of this type: one of the crew, or a new one."""
        while crew:
            try:
                engine = crew.pop()
            except IndexError:                         # another thread was quicker
                break
            if engine.record.dtype == kind:
                return engine
        return self._engine_on(states.aligned(kind))

    def _widened(self) -> NDArray[Any]:
        """The present state as a complex record."""
        record = self._blank(True)
        with self._engine as engine:
            engine.stored()
            states.copy_fields(record, engine.record)
            for name in states.names(record):          # a compensator's numbers: real ones, re and im side by side
                if name.startswith("compensator_") and record[name].size == 2 * engine.record[name].size:
                    record[name] = 0.0
                    record[name][::2] = engine.record[name]
        return record

    @property
    def filter(self) -> Filter:
        """The filter's specification."""
        return self._filter

    @property
    def gain(self) -> Any:
        """What drives the gain: a Schedule, a Law, or an array of gains."""
        return self._ports["gain"].source

    @property
    def forgetting(self) -> Any:
        """What drives the forgetting factor: a Schedule, a Law, or an array."""
        return self._ports["forgetting"].source

    @property
    def compensator(self) -> Compensator | None:
        """What stands between correction and weights, if anything."""
        return self._compensator

    @property
    def average(self) -> NDArray[Any]:
        """The averaged weights of an averaging compensator (a copy); without one, the weights."""
        return states.averaged(self._engine.record, self._engine.weights(), self._compensator)

    @property
    def nonfinite(self) -> str:
        """The policy for NaN and infinite input."""
        return self._nonfinite

    @property
    def status(self) -> Status:
        """How the last run or step ended: "diverged" where it stopped the loop, whoever was told; else "done"."""
        return Status.DIVERGED if self._engine.stopped else Status.DONE

    @property
    def w(self) -> NDArray[Any]:
        """The weights now (a copy)."""
        return self._engine.weights()

    @property
    def n(self) -> int:
        """Samples taken in, skipped ones included."""
        return int(self._engine.record["n"])

    @property
    def state(self) -> NDArray[Any]:
        """The whole state as a structured NumPy record (a copy); assign one to put a loop back where it was."""
        with self._engine as engine:
            engine.stored()
            copy = states.aligned(engine.record.dtype)
            copy[()] = engine.record
            return copy

    @state.setter
    def state(self, value: NDArray[Any]) -> None:
        record = np.asarray(value)
        if not states.names(record) or record.shape != ():
            raise TypeError(refusal("loop.state", value, "must be a structured record, as loop.state gives it"))
        self._take({name: record[name] for name in states.names(record)}, "loop.state")

    def _take(self, fields: dict[str, NDArray[Any]], who: str = "this state") -> None:
        """Take a state given field by field; nothing moves before all of it is checked."""
        wide = "w" in fields and np.asarray(fields["w"]).dtype.kind == "c"
        record = self._blank(wide or self._is_complex)
        states.fill(record, fields, who)
        with self._engine as engine:
            if record.dtype == engine.record.dtype:
                rewind(engine, record)
                return
        self._make(record)

    def __repr__(self) -> str:
        forgetting = f", forgetting={self.forgetting!r}" if "forgetting" in self._filter.ports else ""
        compensator = "" if self._compensator is None else f", compensator={self._compensator!r}"
        return f"<Loop {self._filter!r}, gain={self.gain!r}{forgetting}{compensator}, n={self.n}>"

    def _signals(self, x: ArrayLike, d: ArrayLike | None) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """x as (T, channels) and d as (T,), checked for shape and type."""
        inputs = columns(self._filter.model, x)
        return inputs, desired(self._filter, d, len(inputs))

    @property
    def _is_complex(self) -> bool:
        return is_complex(self._engine)

    def _admit(self, engine: Engine, x: NDArray[Any], d: NDArray[Any] | None) -> None:
        """Refuse what this engine cannot run from where it stands; its lock is held."""
        begin = int(engine.record["n"])
        if engine.record["pending"]:
            raise RuntimeError("a prediction waits for its error: call correct(e) before the next sample.")
        if self._nonfinite == "raise":
            check_finite("x", x, begin)
            if d is not None:
                check_finite("d", d, begin)
        for port in self._ports.values():
            port.covers(begin, begin + len(x))

    def _plain(self, x: NDArray[Any], d: NDArray[Any] | None, before: NDArray[Any]) -> bool:
        """Whether records of an ensemble can go through as they lie, leaving y, e, w and nothing else."""
        model, wide = self._filter.model, before["w"].dtype.kind == "c"
        kind = np.complex128 if wide else np.float64
        begin, total = int(before["n"]), x.shape[1]
        return (len(x) > 0 and x.shape[2:] == ((model.channels,) if x.ndim == 3 else ()) and x.size > 0
                and (x.ndim == 3 or model.channels == 1) and in_memory_order(x, kind)
                and (in_memory_order(d, kind) if d is not None else not self._filter.needs_d and model.channels == 1)
                and self._nonfinite == "raise" and (self._filter.error_of_output or d is None)
                and not (self._compensator is not None and self._compensator.averages) and not before["pending"]
                and all(port.lasts >= begin + total for port in self._ports.values()))

    def _in_force(self, name: str) -> Any:
        """The gain of this moment at a port, one number or one per weight."""
        port = self._ports[name]
        if port.law is not None:
            scale = port.source.schedule(self.n) if isinstance(port.source, ScheduledLaw) else 1.0
            return scale * self._engine.record[f"{name}_now"]
        k = min(self.n, port.lasts - 1)
        source: Any = port.source
        return np.asarray(source(k))


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(refusal(f"Loop: {name}", value, "must be one of " + ", ".join(map(repr, allowed))))
    return value
