"""Parameters that know themselves: one line feeds validation, help, documentation, CLI flags and test ranges."""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gainsched import registry
from gainsched.errors import refusal

REQUIRED: Any = dataclasses.MISSING


@dataclass(frozen=True)
class Parameter:
    """One declared parameter: what it is called, means, and may be."""

    name: str
    default: Any
    kind: str
    low: float
    high: float
    exclusive: bool
    choices: tuple[str, ...]
    symbol: str
    unit: str
    doc: str

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is REQUIRED

    @property
    def range(self) -> str:
        """The admissible values in words, as they stand in errors and tables."""
        if self.kind == "choice":
            return "must be one of " + ", ".join(repr(c) for c in self.choices)
        if self.kind == "flag":
            return "must be True or False"
        nouns = {"integer": "an integer", "real": "a finite number", "numbers": "finite numbers"}
        noun = nouns.get(self.kind, f"a {self.kind}")
        above = "" if self.low == -math.inf else f" {'>' if self.exclusive else '>='} {self.low:g}"
        below = "" if self.high == math.inf else f" <= {self.high:g}"
        return f"must be {noun}{above}{' and' if above and below else ''}{below}"

    def check(self, owner: str, value: Any) -> Any:
        """The value in its plain Python type, or a refusal that names owner, parameter, value and limit."""
        who = f"{owner}: {self.name}"
        if self.kind == "choice":
            if value not in self.choices:
                raise ValueError(refusal(who, value, self.range))
            return value
        if self.kind == "flag":
            if not (isinstance(value, bool) or type(value).__name__ == "bool"):
                raise TypeError(refusal(who, value, self.range))
            return bool(value)
        if self.kind == "numbers":
            return self._numbers(who, value)
        if self.kind not in ("real", "integer"):
            return value                                   # LTI systems, arrays: their owner normalizes them
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError(refusal(who, value, self.range))
        plain = float(value)
        if self.kind == "integer":
            if not plain.is_integer():
                raise ValueError(refusal(who, value, self.range))
            plain = int(plain)
        open_end = self.default == math.inf and plain == math.inf
        within = (plain > self.low if self.exclusive else plain >= self.low) and plain <= self.high
        if not (within and (math.isfinite(plain) or open_end)):
            raise ValueError(refusal(who, plain, self.range))
        return plain

    def _numbers(self, who: str, value: Any) -> tuple[float, ...]:
        """A tuple of floats out of a list, a tuple or an array."""
        entries = value.tolist() if type(value).__name__ == "ndarray" else value
        if not isinstance(entries, list | tuple):
            raise TypeError(refusal(who, value, self.range))
        if any(isinstance(entry, bool) or not isinstance(entry, numbers.Real) for entry in entries):
            raise TypeError(refusal(who, value, self.range))
        plain = tuple(float(entry) for entry in entries)
        for entry in plain:
            above = entry > self.low if self.exclusive else entry >= self.low
            if not (above and entry <= self.high and math.isfinite(entry)):
                raise ValueError(refusal(who, entry, self.range))
        return plain


def param(
    default: Any = REQUIRED,
    *,
    kind: str = "real",
    low: float = -math.inf,
    high: float = math.inf,
    exclusive: bool = False,
    choices: tuple[str, ...] = (),
    symbol: str = "",
    unit: str = "",
    doc: str = "",
    kw_only: bool | None = None,
) -> Any:
    """Declare a parameter of a `Spec`: a dataclass field that carries its own range, symbol, unit and meaning.

    Parameters with a default are keyword-only unless told otherwise.
    """
    keyword = (default is not REQUIRED) if kw_only is None else kw_only
    meta = {"kind": kind, "low": low, "high": high, "exclusive": exclusive, "choices": choices,
            "symbol": symbol, "unit": unit, "doc": doc}
    return dataclasses.field(default=default, kw_only=keyword, metadata={"param": meta})


class Spec:
    """A frozen value made of declared parameters; subclassing it makes the dataclass, and with `family` registers it.

    ``eval(repr(s)) == s`` holds, values are plain Python numbers, and every parameter is validated on the way in.
    """

    family: ClassVar[str] = ""

    if TYPE_CHECKING:                  # made by the dataclass; type checkers do not see positional defaults of param()
        def __init__(self, *args: Any, **options: Any) -> None: ...

    def __init_subclass__(cls, *, abstract: bool = False, **options: Any) -> None:
        super().__init_subclass__(**options)
        dataclass(frozen=True, repr=False)(cls)
        if cls.family and not abstract and not cls.__name__.startswith("_"):
            registry.register(cls.family, cls)

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """The declared parameters, in order."""
        return tuple(
            Parameter(name=f.name, default=f.default, **f.metadata["param"])
            for f in _fields(cls) if "param" in f.metadata
        )

    def __post_init__(self) -> None:
        for p in self.parameters():
            object.__setattr__(self, p.name, p.check(type(self).__name__, getattr(self, p.name)))

    def __repr__(self) -> str:
        parts = []
        for f in _fields(self):
            value = getattr(self, f.name)
            required = f.default is dataclasses.MISSING
            if not required and value == f.default:
                continue
            text = 'float("inf")' if value == math.inf and isinstance(value, float) else repr(value)
            parts.append(text if required else f"{f.name}={text}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def to_dict(self) -> dict[str, Any]:
        """Name and numbers, ready for strict JSON; `from_dict` of the family brings it back."""
        out: dict[str, Any] = {"name": type(self).__name__}
        for f in _fields(self):
            value = getattr(self, f.name)
            if isinstance(value, Spec):
                value = value.to_dict()
            elif value == math.inf and isinstance(value, float):
                value = "inf"
            out[f.name] = value
        return out

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Any:
        """Build the object that `to_dict` described; nothing is evaluated, names are looked up in the registry."""
        if not isinstance(data, Mapping):
            raise TypeError(refusal(f"{cls.__name__}.from_dict: data", data, "must be a mapping, as to_dict makes it"))
        data = dict(data)
        name = data.pop("name", None)
        for family in registry.FAMILIES:
            if name in registry.names(family) and issubclass(registry.find(family, name), cls):
                return registry.find(family, name)(**{key: _plain(value) for key, value in data.items()})
        raise ValueError(f"{cls.__name__}.from_dict: there is no {cls.__name__} called {name!r}.")


def _fields(spec: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(spec)          # every Spec is a dataclass, which type checkers cannot see


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and "name" in value:
        return Spec.from_dict(value)
    if isinstance(value, list):
        return tuple(_plain(v) for v in value)
    return math.inf if value == "inf" else value
