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
    from gainsched.descent import Descent as Descent
    from gainsched.descent import DescentRun as DescentRun
    from gainsched.errors import DivergedError as DivergedError
    from gainsched.errors import Interrupted as Interrupted
    from gainsched.errors import NoTheory as NoTheory
    from gainsched.excitation import Excitation as Excitation
    from gainsched.filters import *
    from gainsched.gains import *
    from gainsched.io import Signals as Signals
    from gainsched.io import read as read
    from gainsched.kernels.wiring import simd as simd
    from gainsched.loop import Loop as Loop
    from gainsched.models import *
    from gainsched.run import Record as Record
    from gainsched.run import Run as Run
    from gainsched.run import Status as Status
    from gainsched.tuning import *

_FAMILIES = ("gainsched.models", "gainsched.filters", "gainsched.gains")     # whatever they export is public
_HOMES = {
    "gainsched.errors": ("DivergedError", "Interrupted", "NoTheory"),
    "gainsched.excitation": ("Excitation",),
    "gainsched.loop": ("Loop",),
    "gainsched.descent": ("Descent", "DescentRun"),
    "gainsched.run": ("Record", "Run", "Status"),
    "gainsched.kernels.wiring": ("simd",),
    "gainsched.analysis": ("Agreement", "Bound", "Certificate", "CircleCriterion", "DelayLine", "DescentReport",
                           "Event", "LimitCycle", "Margins", "Measured", "Monitor", "RangeTest", "Rate", "Report",
                           "RobbinsMonro", "Spr", "SteadyState", "Tracking", "WorstCase", "analyze",
                           "averaged_covariance", "certify", "certify_switching", "chung_rate", "circle_criterion",
                           "convergence_rate", "energy_gain", "fit_percent", "is_spr", "kalman_equivalent",
                           "kalman_gain", "limit_cycles", "margins", "range_test", "remaining_start",
                           "robbins_monro", "tracking", "worst_case"),
    "gainsched.io": ("Signals", "read"),
    "gainsched.tuning": ("Comparison", "Design", "Ensemble", "ScheduleBelief", "ScheduleComparison", "ScheduleDesign",
                         "Steady", "Tuning", "compare", "design", "design_schedule", "monte_carlo", "optimal_schedule",
                         "schedule_belief", "schedule_comparison", "tune"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
_MODULES = {"analysis": "gainsched.analysis", "checks": "gainsched.checks", "matlab": "gainsched.analysis.matlab",
            "plot": "gainsched.plot", "scenarios": "gainsched.tuning.scenarios",
            "schedules": "gainsched.gains.schedules"}


def _families() -> dict[str, Any]:
    """Models, filters, schedules and laws by name."""
    modules = [importlib.import_module(name) for name in _FAMILIES]
    return {name: getattr(module, name) for module in modules for name in module.__all__}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("gainsched")
    if name == "__all__":
        return ["__version__", *_MODULES, *sorted({*_HOME, *_families()})]
    if name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
    elif name in _MODULES:
        value = importlib.import_module(_MODULES[name])
    elif not name[0].isupper() or name not in (found := _families()):     # families export classes
        raise AttributeError(f"module 'gainsched' has no attribute {name!r}")
    else:
        value = found[name]
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__getattr__("__all__"))
