"""Every gallery script runs by itself, without a display, and shows what it claims."""

import functools
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


def example(name):
    return Path(__file__).parents[1] / "examples" / f"{name}.py"


@functools.cache
def run(path):
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=120, check=False,
                          env={**os.environ, "MPLBACKEND": "Agg"})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(path):
    done = run(path)
    assert not done.returncode or re.search(r"pip install (gainsched\[demo\]|numba)", done.stderr), done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    if done.returncode:
        pytest.skip(done.stderr.strip())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_a_short_gallery_page(path):
    text = path.read_text()
    assert re.match(r'"""\n[^\n]+\n=+\n\n', text), "a gallery script begins with a docstring: title, underline, blank line"
    assert "\n# %%\n" in text
    assert len(text.splitlines()) < 60


@pytest.mark.skipif(importlib.util.find_spec("bokeh_sampledata") is None, reason="needs the extra demo")
def test_ride_beats_the_guess_that_nothing_changes():
    fit, guess = map(float, re.findall(r"(-?[\d.]+) %", run(example("plot_cycling_arx")).stdout)[:2])
    assert fit > guess + 2


def test_mit_rule_is_stable_below_the_bound_and_unstable_above():
    verdicts = re.findall(r"A = ([\d.]+): (\w+), .* last error (\S+)", run(example("plot_mit_rule")).stdout)
    critical = float(re.search(r"critical amplitude .*: ([\d.]+)", run(example("plot_mit_rule")).stdout)[1])
    assert len(verdicts) == 3
    for amplitude, verdict, error in verdicts:
        assert (verdict == "stable") == (float(amplitude) < critical) == (abs(float(error)) < 1)


def test_law_by_numba_is_the_built_in_one():
    done = run(example("plot_numba_law"))
    if done.returncode:
        pytest.skip(done.stderr.strip())
    assert "bit for bit: True" in done.stdout
