"""import gainsched is light: NumPy alone, in less than 0.3 s."""

from __future__ import annotations

import subprocess
import sys

import pytest

import gainsched as gs

HEAVY = ("control", "scipy", "pandas", "matplotlib", "typer", "rich")


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_import_loads_numpy_alone():
    assert not set(HEAVY) & set(python("import sys, gainsched; print(*{m.split('.')[0] for m in sys.modules})"))


def test_running_a_loop_loads_nothing_more():
    code = ("import sys, gainsched as gs; gs.Loop(gs.NLMS(4), gain=gs.Exponential(.5, .5, 10)).run([1., 2.], [1., 1.]); "
            "print(*{m.split('.')[0] for m in sys.modules})")
    assert not set(HEAVY) & set(python(code))


def test_import_takes_less_than_a_third_of_a_second():
    code = "import time; t = time.perf_counter(); import gainsched; print(time.perf_counter() - t)"
    assert min(float(python(code)[0]) for _ in range(5)) < 0.3


def test_every_public_name_resolves_and_is_listed():
    for name in gs.__all__:
        assert getattr(gs, name) is not None
        assert name in dir(gs)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        gs.nothing
