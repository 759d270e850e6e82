"""gainsched: a learning rate is a controller gain.

Online learners (LMS, NLMS, RLS, the MIT rule ...) in compiled loops with time-varying gain schedules and adaptive
gain laws, and the stability analysis of the update loop beside them. Names resolve on first use, so that importing
the package loads NumPy alone.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gainsched.analysis import *
    from gainsched.errors import DivergedError as DivergedError
    from gainsched.errors import Interrupted as Interrupted
    from gainsched.errors import NoTheory as NoTheory
    from gainsched.excitation import Excitation as Excitation
    from gainsched.filters import *
    from gainsched.gains import *
    from gainsched.io import Signals as Signals
    from gainsched.io import read as read
    from gainsched.kernels.engine import simd as simd
    from gainsched.loop import Loop as Loop
    from gainsched.models import *
    from gainsched.run import Record as Record
    from gainsched.run import Run as Run
    from gainsched.run import Status as Status

_HOMES = {
    "gainsched.errors": ("DivergedError", "Interrupted", "NoTheory"),
    "gainsched.models": ("ARX", "FIR", "Structure"),
    "gainsched.filters": ("APA", "LMF", "LMS", "NLMS", "RLS", "DelayedLMS", "Filter", "FxLMS", "LeakyLMS", "MITRule",
                          "SignDataLMS", "SignErrorLMS", "SignSignLMS"),
    "gainsched.gains": ("Constant", "Cosine", "Exponential", "InverseTime", "KwongJohnston", "Law", "RMSProp",
                        "Schedule", "Step"),
    "gainsched.excitation": ("Excitation",),
    "gainsched.loop": ("Loop",),
    "gainsched.run": ("Record", "Run", "Status"),
    "gainsched.kernels.engine": ("simd",),
    "gainsched.analysis": ("Bound", "Margins", "Report", "analyze", "fit_percent", "margins"),
    "gainsched.io": ("Signals", "read"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
_MODULES = ("analysis", "checks")

__all__ = ["__version__", "analysis", "checks", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("gainsched")
    if name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
    elif name in _MODULES:
        value = importlib.import_module(f"gainsched.{name}")
    else:
        raise AttributeError(f"module 'gainsched' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
