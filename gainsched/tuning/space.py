"""The search space of a family of gains, read off its declared parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gainsched import registry
from gainsched.errors import refusal
from gainsched.gains import Constant, Law, Schedule, Warmup

if TYPE_CHECKING:
    from gainsched.param import Parameter
    from gainsched.tuning.scale import Sizes

CONSTANT = "constant"
_LEVELS = {"start", "peak", "value", "end", "floor", "low", "high", "values"}       # a schedule's own gains
_RECIPROCAL = {("Silver", "high"), ("Chebyshev", "low"), ("Chebyshev", "high")}     # modes: powers, not gains
_REDUNDANT = {"every", "eps", "delta", "warmup", "offset"}     # where optional: a unit, or a guard against zero
_KEPT = {("Cyclic", "gamma")}             # has a meaning in one mode alone
_FLOORS = (1e-3, 1.0)       # of the start: a gain that decays does not end above it
_LONG = 1e4                 # samples of memory, the most that a law's smoothing is given
_SHAPES = {"power": (0.3, 3.0), "lower": (-10.0, -1.0), "upper": (1.0, 10.0), "factor": (1.0, 3.0)}
_DECADES = 3                # around a declared default


@dataclass(frozen=True)
class Dimension:
    """One searched parameter: a coordinate z in [low, high], and what the parameter is at z.

    Attributes
    ----------
    name : str
    low, high : float
        Of the coordinate.
    kind : {"log", "linear", "integer", "memory", "inverse", "choice"}
        The parameter is z; z; z rounded; 1 - 1/z, a memory of z samples; 1/z; one of `choices`.
    start : float or str
        Where the search begins.
    of : str
        The parameter that this one is a fraction of.
    """

    name: str
    low: float = 0.0
    high: float = 1.0
    kind: str = "log"
    choices: tuple[str, ...] = ()
    start: Any = None
    of: str = ""

    def value(self, z: Any) -> Any:
        """The parameter at a coordinate.

        Examples
        --------
        >>> Dimension("forgetting", 2, 1e4, "memory").value(100.0)
        0.99
        """
        if self.kind == "integer":
            return round(z)
        if self.kind == "memory":
            return 1.0 - 1.0 / z
        return 1.0 / z if self.kind == "inverse" else z


def family_class(family: Any, port: str) -> str | type[Any]:
    """A family by its name, class or None; what cannot be searched is refused."""
    if family is None or (isinstance(family, str) and family.lower() == CONSTANT):
        return CONSTANT
    cls = family
    if isinstance(family, str):
        known = {n.lower() for n in registry.names("schedule")}
        kind = "schedule" if family.replace("-", "").replace("_", "").lower() in known else "law"
        cls = registry.find(kind, family)
    if not (isinstance(cls, type) and issubclass(cls, Schedule | Law)):
        raise TypeError(refusal("tune: family", family, "must be None, 'constant', a schedule or a law, or a list",
                                "Try family='exponential' or family=gs.KwongJohnston."))
    if cls is Constant:
        return CONSTANT
    if issubclass(cls, Law) and port not in cls.ports:
        raise ValueError(refusal("tune: family", cls.__name__, f"must be a law for the {port}",
                                 f"It drives the {cls.ports[0]}: ports=({cls.ports[0]!r},)."))
    closed = [p.name for p in cls.parameters() if p.required and p.kind not in ("real", "integer", "choice")]
    if closed or cls is Warmup:
        raise ValueError(refusal("tune: family", cls.__name__, "must have parameters with a range",
                                 "Search a schedule such as 'exponential' or 'cosine' in its place."))
    return cls


def dimensions(family: str | type[Any], port: str, sizes: Sizes, level: float) -> tuple[Dimension, ...]:
    """What is searched of a family; `level` is the port's best constant, in its coordinate: the search starts there."""
    if isinstance(family, str):
        low, high = sizes.level(port)
        return (Dimension(port, low, high, "memory" if port == "forgetting" else "log", start=level),)
    shared = {p.name for p in Law.parameters()} if issubclass(family, Law) else set()
    found = (_dimension(family, p, port, sizes, level) for p in family.parameters() if p.name not in shared)
    return tuple(dimension for dimension in found if dimension is not None)


def _dimension(cls: type[Any], p: Parameter, port: str, sizes: Sizes, level: float) -> Dimension | None:
    schedule = issubclass(cls, Schedule)
    low, high = sizes.level(port)
    if p.kind == "choice":
        return Dimension(p.name, kind="choice", choices=p.choices, start=p.choices[0] if p.required else p.default)
    if p.kind not in ("real", "integer") or (cls.__name__, p.name) in _KEPT:
        return None
    if not p.required and p.name in _REDUNDANT:
        return None
    if (cls.__name__, p.name) in _RECIPROCAL:
        return Dimension(p.name, low, high, "inverse", start=level)
    if schedule and p.name == "floor" and port != "forgetting":
        return Dimension(p.name, *_FLOORS, start=_FLOORS[1], of="start")
    if (schedule and p.name in _LEVELS) or p.name == "start":
        if not schedule and "gain" not in p.unit and p.unit:
            return Dimension(p.name, *_around(p, sizes))
        if port == "forgetting":
            return Dimension(p.name, low, high, "memory", start=level)
        return Dimension(p.name, low, high, start=min(max(level, low), high))
    if p.unit == "samples":
        return Dimension(p.name, max(p.low, 1.0), max(float(sizes.samples), p.low + 1.0),
                         "integer" if p.kind == "integer" else "log", start=max(float(sizes.samples), p.low + 1.0))
    if schedule and p.name == "decay" and p.high == math.inf and p.required:
        return Dimension(p.name, 1.0, 10.0 * sizes.samples, "inverse", start=10.0 * sizes.samples)
    if schedule and p.name == "rate":
        return Dimension(p.name, 1.01, 10.0 * sizes.samples, "memory", start=10.0 * sizes.samples)
    if p.name in _SHAPES and (schedule or p.required):
        edges = _SHAPES[p.name]
        if p.name == "factor" and p.low < 1:
            edges = (0.1, 1.0)
        return Dimension(p.name, *edges, "linear", start=sum(edges) / 2 if p.required else float(p.default))
    if p.kind == "integer":
        middle = float(p.default)
        if middle < 1:                                       # a pause that is none by default
            return None
        return Dimension(p.name, max(p.low, 1.0, middle / 10), 10 * middle, "integer", start=middle)
    if p.low >= 0 and p.high <= 1:
        return _share(p)
    return Dimension(p.name, *_around(p, sizes))


def _share(p: Parameter) -> Dimension:
    """A number between 0 and 1: near 1 a memory, searched in samples; else a fraction."""
    if not p.required and p.default >= 0.9:
        top = min(_LONG, 1.0 / (1.0 - p.high)) if p.high < 1 else _LONG
        return Dimension(p.name, 1.01, top, "memory", start=min(1.0 / max(1.0 - p.default, 1e-12), top))
    return Dimension(p.name, max(p.low, 0.01), p.high, "linear", start=0.5 if p.required else max(p.default, 0.01))


def _around(p: Parameter, sizes: Sizes) -> tuple[float, float, str, tuple[str, ...], float]:
    """Decades around the size that a unit has on this record, within the declared range; else around the default."""
    error, product = sizes.error, sizes.power * sizes.error
    in_units = {
        "gain per error power": sizes.high / error, "gain per squared error power": sizes.high / error**2,
        "gain per product of powers": sizes.high / product, "unit of w per sample": sizes.weight,
        "unit of w": sizes.weight, "error power": error, "d^2": error, "per output power": 1.0 / sizes.output,
        "w^2 per update": sizes.weight**2, "w^2": sizes.weight**2, "power of d": sizes.output,
        "power of x": sizes.power, "1 / power of x": 1.0 / sizes.power,
    } if error > 0 and sizes.weight > 0 else {}
    size = in_units.get(p.unit, 0.0)
    middle = size * 10.0**-2 if size > 0 else float(p.default) if not p.required and p.default > 0 else 1e-2
    low, high = max(middle * 10.0**-_DECADES, p.low), min(middle * 10.0**_DECADES, p.high)
    low = max(low, 1e-300)
    return low, high, "log", (), min(max(middle, low), high)
