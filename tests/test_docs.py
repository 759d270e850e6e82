"""Documentation that cannot go stale: docstrings complete, every example runs, every page is reachable."""

import doctest
import functools
import importlib
import importlib.util
import inspect
import json
import pkgutil
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import gainsched as gs
from gainsched import registry

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OPTIONS = doctest.NORMALIZE_WHITESPACE
SOLVER = ("analysis.semidefinite", "analysis.duality", "analysis.worstcase",
          "analysis.ellipsoids")                                                  # modules whose examples need clarabel
OBJECTS = sorted(name for name in gs.__all__ if name != "__version__")
REGISTERED = [(family, name) for family in registry.FAMILIES for name in registry.names(family)]


def modules():
    return sorted(m.name for m in pkgutil.walk_packages(gs.__path__, "gainsched."))


def public_functions():
    """Every public function, and every public method or property that a public class defines itself."""
    for name in OBJECTS:
        thing = getattr(gs, name)
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing):
            for key, member in vars(thing).items():
                member = getattr(member, "__func__", getattr(member, "fget", getattr(member, "func", member)))
                if not key.startswith("_") and inspect.isfunction(member):
                    yield f"{name}.{key}", inspect.unwrap(member)


@pytest.mark.parametrize("name", OBJECTS)
def test_public_name_is_described(name):
    thing = getattr(gs, name)
    text = inspect.getdoc(thing) or ""
    first = text.split("\n\n")[0]
    assert first, f"{name} has no docstring"
    assert re.search(r"[.:)?]$", first.splitlines()[-1].strip()) or "\n" in first, f"{name}: the first line is no sentence: {first!r}"
    if not inspect.ismodule(thing):
        assert thing.__module__.startswith("gainsched") or inspect.isbuiltin(thing)


@pytest.mark.parametrize(("name", "function"), list(public_functions()), ids=lambda value: value if isinstance(value, str) else "")
def test_method_is_described(name, function):
    inherited = any((getattr(getattr(base, name.split(".")[-1], None), "__doc__", None)) for base in
                    (getattr(gs, name.split(".")[0]).__mro__ if "." in name else ()))
    assert function.__doc__ or inherited, f"{name} has no docstring"


@pytest.mark.parametrize("name", [n for n in OBJECTS if inspect.isfunction(getattr(gs, n))])
def test_function_names_its_parameters(name):
    function = getattr(gs, name)
    text = inspect.getdoc(function) or ""
    for parameter in inspect.signature(function).parameters:
        assert re.search(rf"(?m)^(?:\*{{0,2}}\w+, )*\*{{0,2}}{parameter}(?:, \w+)* *:", text), f"{name}: {parameter} is not described"
    assert "Returns\n---" in text, f"{name} does not say what it returns"
    assert "Examples\n---" in text, f"{name} has no example"


@pytest.mark.parametrize(("family", "name"), REGISTERED)
def test_algorithm_has_its_page(family, name):
    cls = registry.find(family, name)
    text = inspect.getdoc(cls) or ""
    assert "Parameters\n---" in text
    assert "Examples\n---" in text, f"{name} has no example"
    for p in cls.parameters():
        assert re.search(rf"\b{p.name}\b", text) or hasattr(gs.Law, p.name), f"{name}: {p.name} is not described"
        assert p.doc, f"{name}: {p.name} does not say what it is"


@pytest.mark.parametrize("name", modules())
def test_examples_of_module_run(name):
    if name.endswith(("__main__", "parquet")):
        pytest.importorskip("pyarrow")
    if name.endswith(SOLVER):
        pytest.importorskip("clarabel")
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} does not say what it is"
    with np.printoptions():
        result = doctest.testmod(module, optionflags=OPTIONS)
    assert not result.failed, f"{result.failed} of {result.attempted} examples of {name} fail"


PAGES = sorted(p.relative_to(DOCS).as_posix() for ending in ("rst", "md") for p in DOCS.rglob(f"*.{ending}")
               if not {"_build", "generated", "gallery"} & set(p.relative_to(DOCS).parts))


@pytest.mark.parametrize("page", PAGES)
def test_examples_of_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (DOCS / page).read_text()
    if "bokeh_sampledata" in text and importlib.util.find_spec("bokeh_sampledata") is None:
        pytest.skip("needs the extra demo")
    if "family=[" in text:
        pytest.importorskip("optuna")
    if "gs.worst_case" in text:
        pytest.importorskip("clarabel")
    result = doctest.testfile(str(DOCS / page), module_relative=False, optionflags=OPTIONS, encoding="utf-8")
    assert not result.failed, f"{result.failed} of {result.attempted} examples of {page} fail"


def test_every_page_is_in_a_table_of_contents():
    """Written pages are listed by name; generated ones and the gallery by the pages that generate.py writes."""
    listed = {"index"}
    for page in PAGES:
        folder = (DOCS / page).parent
        block = re.findall(r"(?:\.\. toctree::|```\{toctree\})\n((?:[ :].*\n|\n|[\w/-]+\n)*)", (DOCS / page).read_text() + "\n")
        for entry in re.findall(r"(?m)^ *([\w/.-]+)$", "\n".join(block)):
            listed.add((folder / entry).relative_to(DOCS).as_posix())
    unlisted = {page.rpartition(".")[0] for page in PAGES} - listed
    assert not unlisted, f"no table of contents lists {sorted(unlisted)}"
    missing = {e for e in listed if not any((DOCS / f"{e}.{x}").exists() for x in ("rst", "md")) and "generated" not in e}
    assert missing <= {"gallery/index"}, f"listed, but not there: {sorted(missing)}"


@functools.cache
def generator():
    """docs/generate.py, with a look at its pages but not at the commands, which have their own tests."""
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.COMMANDS = {}
    return module


def test_every_public_name_has_a_generated_page(tmp_path):
    generator().everything(tmp_path / "generated")
    pages = {p.stem for p in (tmp_path / "generated").rglob("*.rst")}
    classes = {n for n in OBJECTS if not inspect.ismodule(getattr(gs, n))}
    assert classes <= pages, f"without a page: {sorted(classes - pages)}"
    table = (tmp_path / "generated" / "filters.rst").read_text()
    for cls in (registry.find("filter", name) for name in registry.names("filter")):
        assert f":doc:`{cls.__name__}`" in table
        shared = {p.name for p in gs.Filter.parameters()}
        assert all(p.doc in table for p in cls.parameters() if p.name not in shared)


def test_figures_are_made_by_scripts():
    used = re.findall(r"\.\. plot:: (\S+)", "".join((DOCS / page).read_text() for page in PAGES))
    assert used, "the idea page shows figures"
    assert all((DOCS / figure).exists() for figure in used)
    drawn = {p.name for p in (DOCS / "figures").glob("*.py")} - {"common.py", "objectives.py"}
    assert drawn == {Path(figure).name for figure in used}, "a figure nobody shows, or one that is not there"


def test_benchmarks_are_the_numbers_of_their_run(monkeypatch):
    """The page is what its writer makes of the numbers that are kept: none was typed."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    page = importlib.import_module("page")
    text = (DOCS / "benchmarks.rst").read_text()
    assert text == page.text(json.loads(page.KEPT.read_text())), "write it again: python benchmarks/page.py"
    assert "not measured" not in text


def test_refresh_rule_on_the_page_is_the_kernel_s():
    kernel, page = (ROOT / "gainsched/kernels/ahead.h").read_text(), (DOCS / "fast.rst").read_text()
    assert "every max(n, 256) samples" in page and re.search(r"#define REFRESH 256\b", kernel)
    assert "fallen below 1/64" in page and re.search(r"#define DROP 0\.015625\b", kernel)


def blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)


def test_readme_runs(capsys):
    for block in blocks(ROOT / "README.md", "python"):
        exec(compile(block, "README.md", "exec"), {"__name__": "readme"})
        printed = capsys.readouterr().out
        for promised in re.findall(r"print\(.*\)\s+# (\[.*\])", block):
            assert promised.replace(" ", "") in printed.replace(" ", "")


def shell_lines():
    lines = {}
    for path in (ROOT / "README.md", *(DOCS / page for page in PAGES)):
        for line in re.findall(r"(?m)^(?: {3,}|\$ )\$? ?(gainsched [a-z].*)$", path.read_text()):
            lines.setdefault(line.replace("report/", "report"), f"{path.name}: {line[:40]}")
    return [pytest.param(line, id=name) for line, name in lines.items()]


@pytest.fixture(scope="module")
def ride(tmp_path_factory):
    """A short ride.csv, as the pages suppose the reader to have."""
    folder = tmp_path_factory.mktemp("reader")
    power = 150 + 50 * np.random.default_rng(0).standard_normal(600)
    speed = np.zeros(600)
    for k in range(1, 600):
        speed[k] = 0.9 * speed[k - 1] + 0.005 * power[k - 1]
    rows = "\n".join(f"{p},{v}" for p, v in zip(power, speed, strict=True))
    (folder / "ride.csv").write_text(f"power,speed\n{rows}\n")
    study = re.search(r"code-block:: toml\n\n((?: {4}.*\n|\n)+)", (DOCS / "howto_recording.rst").read_text())
    (folder / "study.toml").write_text(textwrap.dedent(study[1]))
    return folder


@pytest.mark.parametrize("line", shell_lines())
def test_shell_line_works(line, ride, monkeypatch):
    """Every command of the README and the pages does what it should on a recording of that name."""
    if line.split()[1] == "demo":
        pytest.skip("the command's own tests run it")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    done = subprocess.run([sys.executable, "-m", "gainsched", *shlex.split(line.split("  #")[0])[1:]], cwd=ride,
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_contributing_shows_the_code_as_it_is():
    """The walk through a real algorithm quotes the files, it does not paraphrase them."""
    files = "".join((ROOT / name).read_text() for name in (
        "gainsched/filters/nlms.py", "gainsched/filters/_nlms.pyx", "tests/mirror/nlms.py"))
    quoted = [b for language in ("python", "cython") for b in blocks(ROOT / "CONTRIBUTING.md", language)]
    assert len(quoted) == 3
    for line in (line for block in quoted for line in block.splitlines() if line.strip() not in ("", "...", '"""')):
        assert line in files, f"CONTRIBUTING.md: not in the files any more: {line!r}"


@pytest.mark.parametrize("path", sorted((DOCS / "decisions").glob("*.md")), ids=lambda p: p.stem)
def test_decision_record_keeps_the_format(path):
    if path.stem == "README":
        return
    text = path.read_text()
    for part in ("**Choice.**", "**Measured.**", "**Refused.**"):
        assert part in text, f"{path.name} has no {part}"
    measurements = re.findall(r"python docs/decisions/measure.py (\w+)", text)
    assert measurements, f"{path.name} gives no command"
    source = (DOCS / "decisions" / "measure.py").read_text()
    assert all(f"def {name}(" in source for name in measurements)


