"""Libraries that come with an extra: imported where they are used, and refused with the line to type."""

from __future__ import annotations

import importlib
from typing import Any


def extra(module: str, name: str, who: str) -> Any:
    """Import a module of the extra `name`; where it is absent, say who needs it and how to get it.

    Raises
    ------
    ModuleNotFoundError

    Examples
    --------
    >>> extra("absent", "tune", "tune with a storage")
    Traceback (most recent call last):
    ModuleNotFoundError: tune with a storage needs absent. Run: pip install "gainsched[tune]"
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ModuleNotFoundError(f'{who} needs {module}. Run: pip install "gainsched[{name}]"', name=module) from None
