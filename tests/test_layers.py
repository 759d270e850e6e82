"""A layer imports lower ones only; siblings never import each other; upward imports live inside convenience methods."""

from __future__ import annotations

import ast
from pathlib import Path

import gainsched

ROOT = Path(gainsched.__file__).parent
LAYERS = [
    [{"errors"}, {"extras"}, {"param"}, {"registry"}, {"strict"}],
    [{"kernels"}],
    [{"models"}],
    [{"filters"}, {"gains"}, {"excitation"}],
    [{"state", "signals", "room", "run", "runs", "ensemble", "execute", "realization", "loop", "storage", "descent"}],
    [{"analysis"}],
    [{"tuning"}, {"adaptive"}, {"plot"}, {"io"}, {"checks"}],
    [{"cli", "__main__"}],
]
LEVEL = {name: (level, group) for level, groups in enumerate(LAYERS) for group, names in enumerate(groups) for name in names}
WITHIN_ZERO = {("param", "registry"), ("param", "errors"), ("registry", "param")}
# Convenience methods that reach up when called: importing module -> what it may import inside a function.
UPWARD = {
    "gains": {"plot"}, "filters": {"loop", "excitation"}, "run": {"plot"}, "loop": {"analysis"}, "descent": {"analysis", "plot"}, "analysis": {"plot"},
    "tuning": {"plot"},
    "excitation": {"filters", "plot"}, "errors": set(), "registry": {"models", "filters", "gains"},
}


def imports(path):
    """(imported top part, at module level) for every gainsched import of a file."""
    tree = ast.parse(path.read_text())
    typing_only = {id(node) for branch in ast.walk(tree) if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.dump(branch.test)
                   for node in ast.walk(branch)}
    inside = {id(node) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
              for node in ast.walk(f)}
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "gainsched":
            parts = node.module.split(".")
            tops = [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
            yield from ((top, id(node) not in inside) for top in tops)
        elif isinstance(node, ast.Import):
            yield from ((a.name.split(".")[1], id(node) not in inside) for a in node.names if a.name.startswith("gainsched."))


def test_layers():
    wrong = []
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT)
        own = relative.parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        assert own in LEVEL, f"{relative} belongs to no layer"
        for other, at_module_level in imports(path):
            if other == own or LEVEL[other][0] < LEVEL[own][0] or LEVEL[other] == LEVEL[own]:
                continue
            if (own, other) in WITHIN_ZERO or (not at_module_level and other in UPWARD.get(own, ())):
                continue
            wrong.append(f"{relative} imports {other}{'' if at_module_level else ' (inside a function)'}")
    assert not wrong, "\n".join(wrong)


def test_heavy_libraries_are_imported_inside_functions():
    heavy = {"control", "scipy", "pandas", "matplotlib", "typer", "rich", "optuna", "pyarrow", "clarabel", "joblib", "dask", "bokeh"}
    for path in sorted(ROOT.rglob("*.py")):
        own = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if LEVEL.get(own, (0, 0))[0] > 4:
            continue
        for node in ast.parse(path.read_text()).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else \
                [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not heavy & {name.split(".")[0] for name in names}, path
