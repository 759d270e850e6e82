"""The little language of specs, as text: `name:argument,key=value`, arguments that nest. Nothing is ever evaluated."""

from __future__ import annotations

from dataclasses import dataclass

_OPEN, _CLOSE = "([", ")]"


@dataclass(frozen=True)
class Call:
    """A name with its arguments, still as text: ``rls:arx(na=2,nb=2),delta=100``.

    Examples
    --------
    >>> call("rls:fir(8),delta=100")
    Call(name='rls', positional=('fir(8)',), keywords=(('delta', '100'),))
    """

    name: str
    positional: tuple[str, ...] = ()
    keywords: tuple[tuple[str, str], ...] = ()


def call(text: str, example: str = "nlms:32, rls:fir(8),delta=100") -> Call:
    """Split ``name``, ``name:arguments`` or ``name(arguments)``; a refusal shows the example."""
    stripped = text.strip()
    _check_brackets(stripped)
    cut = next((i for i, c in enumerate(stripped) if c in ":("), len(stripped))
    name, rest = stripped[:cut].strip(), stripped[cut:]
    if not name or not all(c.isalnum() or c in "-_" for c in name):
        raise ValueError(f"{text!r} is no spec; write for example {example}.")
    if rest.startswith("("):
        if not rest.endswith(")"):
            raise ValueError(f"{text!r}: nothing may follow the closing parenthesis.")
        rest = rest[1:-1]
    else:
        rest = rest[1:]
    positional: list[str] = []
    keywords: list[tuple[str, str]] = []
    for part in split(rest, ","):
        key, equals, value = part.partition("=")
        if equals and key.strip().replace("_", "").isalnum() and not key.strip()[0].isdigit():
            keywords.append((key.strip(), value.strip()))
        elif keywords:
            raise ValueError(f"{text!r}: {part.strip()!r} without a name follows named arguments; name it.")
        else:
            positional.append(part.strip())
    if any(not part for part in positional) or any(not value for _, value in keywords):
        raise ValueError(f"{text!r}: an argument is empty.")
    return Call(name, tuple(positional), tuple(keywords))


def split(text: str, separator: str) -> list[str]:
    """Split at the separators that stand outside of brackets; nothing for an empty text."""
    if not text.strip():
        return []
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in _OPEN) - (c in _CLOSE)
        if c == separator and not depth:
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]


def spaced(text: str, sign: str) -> list[str]:
    """Split at a sign that stands between spaces, outside of brackets: ``1e+3 + cosine:1,0,100`` has one plus.

    Examples
    --------
    >>> spaced("1e+3 + (step:1,.5,10 + 0.1)", "+")
    ['1e+3 ', ' (step:1,.5,10 + 0.1)']
    """
    _check_brackets(text)
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in _OPEN) - (c in _CLOSE)
        if c == sign and not depth and text[max(i - 1, 0):i + 2] == f" {sign} ":
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]


def number(text: str) -> int | float:
    """An integer where the text is one, else a real number."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number.") from None


def flag(text: str) -> bool:
    """A yes or a no."""
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise ValueError(f"{text!r} is neither true nor false.")
    return words[text.lower()]


def numbers(text: str) -> list[float]:
    """A list such as ``[1, -0.9]``; brackets may be left off a single number."""
    inner = text.strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    values = [float(number(part.strip())) for part in split(inner, ",")]
    if not values:
        raise ValueError(f"{text!r} holds no number.")
    return values


def system(text: str) -> list[float] | tuple[list[float], list[float]]:
    """Taps ``[0, 0.5]``, or ``[num]/[den]`` in powers of z, highest first."""
    parts = split(text, "/")
    if len(parts) > 2:
        raise ValueError(f"{text!r} is no system; write taps [0, 0.5] or [0.1]/[1, -0.9].")
    return numbers(text) if len(parts) == 1 else (numbers(parts[0]), numbers(parts[1]))


def _check_brackets(text: str) -> None:
    waiting: list[str] = []
    for c in text:
        if c in _OPEN:
            waiting.append(_CLOSE[_OPEN.index(c)])
        elif c in _CLOSE and (not waiting or waiting.pop() != c):
            raise ValueError(f"{text!r}: a closing {c!r} has no opening bracket.")
    if waiting:
        raise ValueError(f"{text!r}: a closing {waiting[-1]!r} is missing.")
