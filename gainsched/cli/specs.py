"""From a spec to the object it names: filters, gains and structures, found in the registry, built by their classes."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from gainsched import registry
from gainsched.cli import compose, syntax
from gainsched.gains import Compensator, Constant, Law, Schedule
from gainsched.loop import Loop
from gainsched.models import FIR, Structure
from gainsched.param import Spec

if TYPE_CHECKING:
    from gainsched.filters import Filter
    from gainsched.gains.scheduled import ScheduledLaw
    from gainsched.param import Parameter

_CLAUSE = re.compile(r"\s+(?=(?:gain|forgetting|compensator)=)")        # between what a loop is made of


def filter_from(text: str, channels: int = 1) -> Filter:
    """The filter that a spec names; where it does not say, the number of input channels is that of the data.

    Examples
    --------
    >>> import gainsched as gs
    >>> filter_from("nlms:8,eps=1e-4") == gs.NLMS(8, eps=1e-4)
    True
    >>> filter_from("rls:arx(na=2,nb=2,nk=3)") == gs.RLS(gs.ARX(na=2, nb=2, nk=3))
    True
    >>> filter_from("nlms:1", channels=2) == gs.NLMS(gs.FIR(taps=1, channels=2))
    True
    """
    call = syntax.call(text)
    cls = registry.find("filter", call.name)
    own = {p.name for p in cls.parameters()}
    shape = {p.name for p in FIR.parameters()} - own
    of_model = tuple((key, value) for key, value in call.keywords if key in shape)
    rest = tuple((key, value) for key, value in call.keywords if key not in shape)
    arguments = _arguments(cls, syntax.Call(call.name, call.positional[1:] if call.positional else (), rest),
                           skip="model" if call.positional or of_model else "")
    if call.positional or of_model:
        first = call.positional[0] if call.positional else "fir()"
        if "model" in arguments:
            raise ValueError(f"{cls.__name__}: the model is given twice.")
        arguments["model"] = _model(first, of_model, channels)
    elif "model" in arguments:
        arguments["model"] = _model(dict(rest)["model"], (), channels)
    return _made(cls, arguments)  # type: ignore[no-any-return]


def gain_from(text: str) -> float | Schedule | Law | ScheduledLaw:
    """The gain that a spec names: a number, a schedule, a law, or schedules composed (see `gainsched.cli.compose`).

    ``warmup=STEPS`` may be added to a schedule's arguments.

    Examples
    --------
    >>> import gainsched as gs
    >>> gain_from("0.5")
    0.5
    >>> gain_from("exponential:start=1,rate=.5,every=2000") == gs.Exponential(1, 0.5, every=2000)
    True
    >>> gain_from("0.5 * cosine:1,0,1000 + .1 | warmup:100")
    (0.5 * Cosine(1.0, 0.0, 1000) + Constant(0.1)).warmup(100)
    >>> gain_from("rmsprop:.01 | warmup:100") == gs.Warmup(100) >> gs.RMSProp(rate=0.01)
    True
    >>> gain_from("kwong-johnston:alpha=.9,high=1") == gs.KwongJohnston(alpha=0.9, high=1)
    True
    """
    return compose.gain(text, _single_gain, _arguments)


def _single_gain(text: str) -> Schedule | Law:
    """A schedule or law by its name and arguments."""
    call = syntax.call(text, "0.5, exponential:start=1,rate=.5,every=2000")
    family = _family_of(call.name)
    cls = registry.find(family, call.name)
    own = {p.name for p in cls.parameters()}
    warm = dict(call.keywords).get("warmup") if family == "schedule" and "warmup" not in own else None
    keywords = tuple((key, value) for key, value in call.keywords if key != "warmup" or warm is None)
    gain: Schedule | Law = _made(cls, _arguments(cls, syntax.Call(call.name, call.positional, keywords)))
    if warm is not None and isinstance(gain, Schedule):
        return gain.warmup(_integer(cls.__name__, "warmup", warm))
    return gain


def compensator_from(text: str) -> Compensator:
    """The compensator that a spec names; a schedule of its beta stands in parentheses.

    Examples
    --------
    >>> import gainsched as gs
    >>> compensator_from("heavy-ball:0.9") == gs.HeavyBall(0.9)
    True
    >>> compensator_from("nesterov:cosine(start=.5,end=.9,steps=1000)") == gs.Nesterov(gs.Cosine(0.5, 0.9, 1000))
    True
    """
    call = syntax.call(text, "heavy-ball:0.9, polyak-ruppert:start=1000")
    cls = registry.find("compensator", call.name)
    return _made(cls, _arguments(cls, call))  # type: ignore[no-any-return]


def loop_from(text: str, channels: int = 1, nonfinite: str = "raise") -> Loop:
    """The loop that a spec names: a filter, then what it runs with, set apart by spaces; it stops where it diverges.

    Examples
    --------
    >>> loop_from("nlms:32 gain=0.5 * cosine:1,0,1000 | warmup:100").gain
    (0.5 * Cosine(1.0, 0.0, 1000)).warmup(100)
    >>> loop_from("rls:8 forgetting=.999").forgetting
    Constant(0.999)
    >>> loop_from("lms:8 gain=.01 compensator=heavy-ball:0.9").compensator
    HeavyBall(0.9)
    """
    filter, *clauses = _CLAUSE.split(text.strip())
    given: dict[str, str] = {}
    for clause in clauses:
        name, _, value = clause.partition("=")
        if name in given:
            raise ValueError(f"{text!r}: {name} is given twice.")
        given[name] = value
    gain, forgetting = (gain_from(given[port]) if port in given else None for port in ("gain", "forgetting"))
    between = compensator_from(given["compensator"]) if "compensator" in given else None
    return Loop(filter_from(filter, channels), gain, forgetting, compensator=between, nonfinite=nonfinite,
                on_divergence="stop")


def schedule_from(text: str) -> Schedule:
    """The schedule that a spec names; a number is a constant, a law is refused."""
    gain = gain_from(text)
    if isinstance(gain, Schedule):
        return gain
    if isinstance(gain, float | int):
        return Constant(gain)
    raise ValueError(f"{type(gain).__name__} is a law: its gain depends on the data. Watch it with: "
                     "gainsched run DATA --gain ... --out DIR")


def _family_of(name: str) -> str:
    """Schedule or law; an unknown name is refused with the nearest of both."""
    known = {n.lower(): (family, n) for family in ("schedule", "law") for n in registry.names(family)}
    plain = name.replace("-", "").replace("_", "").lower()
    if plain in known:
        return known[plain][0]
    near = [known[n][1] for n in difflib.get_close_matches(plain, known, n=3, cutoff=0.5)]
    offered = near or [n for _, n in known.values()]
    raise ValueError(f"there is no schedule or law called {name!r}; try {', '.join(offered)}, or a plain number.")


def _model(text: str, keywords: tuple[tuple[str, str], ...], channels: int) -> Structure:
    """A structure from ``8``, ``fir(8,channels=2)``, ``arx(na=2,nb=2)``."""
    if text[0].isdigit() or text[0] in "+-.":
        call = syntax.Call("fir", (text,), keywords)
    else:
        inner = syntax.call(text)
        call = syntax.Call(inner.name, inner.positional, inner.keywords + keywords)
    cls = registry.find("model", call.name)
    arguments = _arguments(cls, call)
    if channels > 1 and any(p.name == "channels" for p in cls.parameters()):
        arguments.setdefault("channels", channels)
    return _made(cls, arguments)  # type: ignore[no-any-return]


def _arguments(cls: type[Spec], call: syntax.Call, skip: str = "") -> dict[str, Any]:
    """Argument values by name: positions follow the order in which the class declares its parameters."""
    name = getattr(cls, "verb", "") or cls.__name__
    declared = {p.name: p for p in in_order(cls) if p.name != skip}
    if len(call.positional) > len(declared):
        raise ValueError(f"{name} takes at most {len(declared)} arguments ({', '.join(declared)}), "
                         f"got {len(call.positional)}.")
    texts = dict(zip(declared, call.positional, strict=False))
    for key, value in call.keywords:
        if key not in declared:
            near = difflib.get_close_matches(key, declared, n=1, cutoff=0.5)
            advice = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{name} has no parameter {key!r}; it has {', '.join(declared)}.{advice}")
        if key in texts:
            raise ValueError(f"{name}: {key} is given twice.")
        texts[key] = value
    return {key: _value(cls, declared[key], text) for key, text in texts.items()}


def in_order(cls: type[Spec]) -> list[Parameter]:
    """The class's own parameters before those it shares with its family (low, high ... of laws)."""
    bases = [base for base in cls.__mro__[1:] if issubclass(base, Spec) and base is not Spec]
    shared = {p.name for base in bases for p in base.parameters()}
    own = [p for p in cls.parameters() if p.name not in shared]
    return [*(p for p in cls.parameters() if p.name in shared and p.required), *own,
            *(p for p in cls.parameters() if p.name in shared and not p.required)]


def _value(cls: type[Spec], parameter: Parameter, text: str) -> Any:
    """The text as the parameter's kind asks; ranges are the class's own business."""
    try:
        if parameter.kind == "model":
            return text
        if parameter.kind == "system":
            return syntax.system(text)
        if parameter.kind == "flag":
            return syntax.flag(text)
        if parameter.kind == "number or Schedule" and not text[:1].isdigit() and text[:1] not in "+-.":
            return schedule_from(text)
        if parameter.kind == "choice":
            return text
        if parameter.kind == "numbers":
            return syntax.numbers(text)
        if parameter.kind == "schedule":
            return schedule_from(text)
        if parameter.kind == "callable":
            raise ValueError("a function is code; give it in Python, as gs.Function(f).")
        return syntax.number(text)
    except ValueError as error:
        raise ValueError(f"{cls.__name__}: {parameter.name}: {error}") from None


def _integer(owner: str, name: str, text: str) -> int:
    value = syntax.number(text)
    if value != int(value) or value < 1:
        raise ValueError(f"{owner}: {name} must be an integer >= 1, got {text}.")
    return int(value)


def _made(cls: type[Spec], arguments: dict[str, Any]) -> Any:
    missing = [p.name for p in cls.parameters() if p.required and p.name not in arguments]
    if missing:
        raise ValueError(f"{cls.__name__} needs {', '.join(missing)}; its parameters are "
                         f"{', '.join(p.name for p in in_order(cls))}.")
    return cls(**arguments)
