"""The pages that are made, not written: one per public name, tables of all algorithms, output of the commands.

Everything comes from the registry and from ``gainsched.__all__``: an algorithm that is defined is documented.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from typing import TYPE_CHECKING

import gainsched as gs
from gainsched import registry
from gainsched.param import Parameter, Spec

if TYPE_CHECKING:
    from pathlib import Path

FAMILIES = {
    "filter": ("Filters", "Update rules, frozen and without data. The first argument is the model structure."),
    "model": ("Model structures", "A structure says what the weights multiply: how the regressor is built."),
    "schedule": ("Schedules", "Feedforward gains: pure functions of the sample number."),
    "law": ("Laws", "Feedback gains: they look at error and regressor, within limits that all laws share."),
    "compensator": ("Compensators", "Dynamics between correction and weights: momentum, and averages of the weights."),
}
KINDS = ("scalar", "per weight", "matrix", "constant")
SUBJECTS = {
    "Running": ("Loop", "Run", "Record", "Status", "simd"),
    "Any objective": ("Descent", "DescentRun", "DescentReport"),
    "Laws of your own": ("PythonLaw", "CompiledLaw"),
    "Analysis": ("analyze", "Report", "Agreement", "Measured", "Excitation", "Bound", "Margins", "margins",
                 "fit_percent"),
    "Exact on a delay line": ("DelayLine", "SteadyState"),
    "Certificates": ("certify", "certify_switching", "Certificate"),
    "Worst case": ("convergence_rate", "worst_case", "WorstCase", "circle_criterion", "CircleCriterion", "is_spr",
                   "Spr", "limit_cycles", "LimitCycle"),
    "Tracking and averaging": ("tracking", "Tracking", "kalman_gain", "kalman_equivalent", "energy_gain",
                               "robbins_monro", "chung_rate", "remaining_start", "averaged_covariance"),
    "Optimal schedules": ("optimal_schedule", "schedule_comparison", "ScheduleComparison", "schedule_belief",
                          "ScheduleBelief"),
    "On a record": ("range_test", "RangeTest", "Monitor", "Event"),
    "Comparison and ensembles": ("compare", "Comparison", "monte_carlo", "Ensemble", "Steady"),
    "Tuning": ("design", "Design", "design_schedule", "ScheduleDesign", "tune", "Tuning"),
    "Reading": ("read", "Signals"),
    "Base classes": ("Structure", "Filter", "Schedule", "Law", "Compensator"),
    "Errors": ("DivergedError", "Interrupted", "NoTheory"),
}
# What the tutorial shows, run when the documentation is built.
COMMANDS = {
    "list.txt": ("list",),
    "show.txt": ("show", "nlms"),
    "schedule.txt": ("schedule", "exponential:start=1,rate=.5,every=2000,floor=.05"),
    "demo.txt": ("demo",),
}


def everything(target: Path) -> None:
    """Write all generated pages into `target`, replacing those of the last build."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for family in FAMILIES:
        _write(target / f"{family}s.rst", family_page(family))
        for name in registry.names(family):
            if name in gs.__all__:
                _write(target / f"{name}.rst", class_page(name))
    for title, names in subjects().items():
        _write(target / "subjects" / f"{_slug(title)}.rst", subject_page(title, names))
        for name in names:
            _write(target / f"{_place(name)}.rst", page(name))
    _write(target / "subjects" / "checks.rst", module_page("gainsched.checks", gs.checks.__all__))
    _write(target / "subjects" / "schedules.rst", module_page("gainsched.gains.schedules", gs.schedules.__all__))
    _write(target / "subjects" / "scenarios.rst", module_page("gainsched.tuning.scenarios", gs.scenarios.__all__))
    _write(target / "subjects" / "matlab.rst", module_page("gainsched.analysis.matlab", gs.matlab.__all__))
    _write(target / "subjects" / "plot.rst", module_page("gainsched.plot", gs.plot.__all__))
    for name, arguments in COMMANDS.items():
        _write(target / name, output(*arguments))


def measured(target: Path) -> None:
    """The comparison of all laws on four jobs, computed now: a table, and the best of each job in words."""
    import law_jobs

    scores = law_jobs.scores()
    order = sorted(scores, key=lambda name: (KINDS.index(law_jobs.kind(name)), name.lower()))
    head = ("law", "kind", *(f"{job}: default, tuned" for job in law_jobs.JOBS))
    rows = [(name if name == "best constant" else f"`{name} <gainsched.{name}>`", law_jobs.kind(name),
             *(_cell(scores[name][job]) for job in law_jobs.JOBS)) for name in order]
    words = [f"* {job} ({meaning}): at their defaults {_listed(law_jobs.best(scores, job, 0))}; tuned "
             f"{_listed(law_jobs.best(scores, job, 1))}." for job, meaning in law_jobs.JOBS.items()]
    _write(target / "law_jobs.rst", "\n\n".join([table(head, rows, "20 12 17 17 17 17"),
                                                 "The best four of each job:", "\n".join(words)]))


def _cell(score: tuple[float, float, str]) -> str:
    default, tuned, setting = score
    return (f"{tuned:.1f} ({setting})" if default != default else f"{default:.1f}, **{tuned:.1f}** ({setting})")


def _listed(names: list[str]) -> str:
    return ", ".join(name if name == "best constant" else f"`{name} <gainsched.{name}>`" for name in names)


def registered() -> set[str]:
    """Names that have their page by family."""
    return {name for family in FAMILIES for name in registry.names(family)}


def subjects() -> dict[str, tuple[str, ...]]:
    """Every public name that belongs to no family, by subject; a new one is found under "More"."""
    placed = registered() | {name for names in SUBJECTS.values() for name in names} | {"__version__"}
    rest = tuple(sorted(n for n in gs.__all__ if n not in placed and not inspect.ismodule(getattr(gs, n))))
    return {**SUBJECTS, **({"More": rest} if rest else {})}


def signature(cls: type[Spec]) -> str:
    """(model, *, eps=1e-06): what the constructor takes, with its defaults."""
    fields = [f for f in dataclasses.fields(cls) if "param" in f.metadata]
    shown = [f.name if f.default is dataclasses.MISSING else f"{f.name}={f.default!r}" for f in fields]
    plain = [text for f, text in zip(fields, shown, strict=True) if not f.kw_only]
    named = [text for f, text in zip(fields, shown, strict=True) if f.kw_only]
    return f"({', '.join(plain + (['*'] if named else []) + named)})"


def family_page(family: str) -> str:
    """A table of all members with their first sentence, then all parameters."""
    title, lead = FAMILIES[family]
    names = [name for name in registry.names(family) if name in gs.__all__]
    classes = [registry.find(family, name) for name in names]
    rows = [(f":doc:`{c.__name__}`", first_sentence(c), *facts(c, family)) for c in classes]
    head = ("name", "what it is") + (("gain", "ports") if family == "filter" else ())
    bases = {"law": gs.Law, "filter": gs.Filter}
    shared = {p.name for p in bases[family].parameters()} if family in bases else set()
    own = [(c.__name__, p.name, p.symbol or "", "required" if p.required else f"``{p.default!r}``",
            limits(p), p.unit.replace("|", r"\|"), p.doc.replace("|", r"\|"))
           for c in classes for p in c.parameters() if p.name not in shared]
    parts = [heading(title), lead, table(head, rows, "14 46 14 26" if family == "filter" else "20 80")]
    if own:
        head = ("of", "name", "symbol", "default", "range", "unit", "meaning")
        parts += [heading("Parameters", "-"), table(head, own, "14 12 10 12 20 14 24")]
    parts.append(".. toctree::\n   :hidden:\n\n" + "".join(f"   {name}\n" for name in names))
    return "\n\n".join(parts)


def limits(parameter: Parameter) -> str:
    """What a parameter may be, as short as a table needs it."""
    text = parameter.range.removeprefix("must be ")
    return text.replace("a finite number", "number").replace("an integer", "integer")


def facts(cls: type[Spec], family: str) -> tuple[str, ...]:
    """Default gain and ports of a filter."""
    if family != "filter":
        return ()
    gain = "none" if cls.default_gain is None else f"{cls.default_gain:g}"
    return (f"{gain}, at most {cls.gain_high:g}" if cls.gain_high < float("inf") else gain, ", ".join(cls.ports))


def first_sentence(thing: object) -> str:
    """The docstring's first line."""
    return (inspect.getdoc(thing) or "").splitlines()[0]


def subject_page(title: str, names: tuple[str, ...]) -> str:
    """A table of functions and classes that belong together."""
    rows = [(f":doc:`{name} <../{_place(name)}>`", first_sentence(getattr(gs, name))) for name in names]
    return "\n\n".join([heading(title), table(("name", "what it is"), rows, "20 80"),
                        ".. toctree::\n   :hidden:\n\n" + "".join(f"   ../{_place(name)}\n" for name in names)])


def class_page(name: str) -> str:
    """One class with its public members."""
    cls = getattr(gs, name)
    inherited = "" if not issubclass(cls, Spec) or cls in (
            gs.Filter, gs.Schedule, gs.Law, gs.Compensator, gs.Structure) else (
        f"\nAll of `gainsched.{cls.family.capitalize() if cls.family != 'model' else 'Structure'}` applies too.\n")
    body = f".. autoclass:: gainsched.{name}\n   :members:\n   :exclude-members: with_traceback, add_note\n"
    if cls.__mro__[1].__module__.startswith("gainsched") and not issubclass(cls, Spec):
        body += "   :inherited-members:\n"                  # a compiled base class is no page of its own
    return "\n\n".join([heading(name), ".. currentmodule:: gainsched", body + inherited])


def page(name: str) -> str:
    """One class or function."""
    if inspect.isclass(getattr(gs, name)):
        return class_page(name)
    return "\n\n".join([heading(name), ".. currentmodule:: gainsched", f".. autofunction:: gainsched.{name}\n"])


def module_page(name: str, members: list[str]) -> str:
    """A public module with its functions, and its classes that have no page of their own."""
    found = {m: getattr(sys.modules[name], m) for m in members}
    shown = ", ".join(m for m, thing in found.items()
                      if inspect.isfunction(thing) or (inspect.isclass(thing) and not issubclass(thing, Spec)))
    return "\n\n".join([heading(name), f".. automodule:: {name}\n   :members: {shown}\n"])


def heading(text: str, line: str = "=") -> str:
    """A title."""
    return f"{text}\n{line * len(text)}"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]], widths: str) -> str:
    """A list table."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in (head, *rows):
        lines += [f"   {'* -' if i == 0 else '  -'} {cell}".rstrip() for i, cell in enumerate(row)]
    return "\n".join(lines)


def output(*arguments: str) -> str:
    """What the command prints, in a folder of its own; long lines are folded."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "gainsched", *arguments], capture_output=True, text=True, cwd=folder, check=False,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "MPLBACKEND": "Agg"})
    if done.returncode:
        raise RuntimeError(f"gainsched {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    lines = done.stdout.splitlines()
    return "\n".join(textwrap.fill(line, 100) if len(line) > 110 else line.rstrip() for line in lines)


def _place(name: str) -> str:
    """Functions live in their own folder: `margins` and `Margins` are one file where names know no case."""
    return name if inspect.isclass(getattr(gs, name)) else f"functions/{name}"


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.rstrip() + "\n", encoding="utf-8")
