"""`gainsched tune`: by options and by a study file."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

import gainsched as gs
from gainsched.cli import tuned
from gainsched.cli.app import app


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    rng = np.random.default_rng(0)
    u, v = rng.standard_normal((2, 2000))
    y = np.convolve(u, [1.0, -0.5, 0.25])[:2000] + 0.3 * v
    path = tmp_path_factory.mktemp("data") / "rig.csv"
    np.savetxt(path, np.column_stack([u, y]), delimiter=",", header="u,y", comments="", fmt="%.17g")
    return path


def call(*args):
    return CliRunner().invoke(app, [str(a) for a in args])


def refused(result, *words):
    assert result.exit_code == 2 and not result.stdout
    assert len(result.stderr.strip().splitlines()) == 1
    for word in words:
        assert word in result.stderr


def test_tells_and_writes(data, tmp_path):
    result = call("tune", data, "-i", "u", "-o", "y", "-f", "nlms:4", "--trials", "32", "--out", tmp_path / "o")
    assert result.exit_code == 0, result.stderr
    assert "default 0.5" in result.stdout and "held-out tail" in result.stdout
    assert {p.name for p in (tmp_path / "o").iterdir()} == {"report.html", "tuning.json", "trials.csv", "slice.png",
                                                              "learning.png"}
    page = (tmp_path / "o" / "report.html").read_text()
    for text in ("NLMS tuned on", "Error against gain", "The best trials", "held-out tail"):
        assert text in page
    assert gs.Tuning.load(tmp_path / "o" / "tuning.json").gain < 0.5


def test_pictures_are_of_the_family_and_numbers_that_they_name(data):
    """Words have no axis, however much they matter; another family's trials are not drawn."""
    record = np.loadtxt(data, delimiter=",", skiprows=1).T
    tuning = gs.tune(gs.NLMS(4), *record, trials=32, workers=1)
    rows = [{**tuning.best, "family": "Cyclic", "params": {"mode": mode, "low": gain}, "score": score}
            for mode, score in (("triangular", 1.0), ("exp_range", 9.0)) for gain in (0.1, 0.2, 0.3)]
    tuning = dataclasses.replace(tuning, best=rows[0], rows=(*rows, {**rows[0], "family": "Chebyshev"}))
    assert next(iter(tuning.importance)) == "mode"
    pictures = tuned.drawn(tuning)
    _title, _lead, blocks = tuned.told(SimpleNamespace(data="rig.csv", input=("u",), output="y"), tuning, pictures)
    assert any("Error against low" in block for block in blocks if isinstance(block, str))
    ax = pictures[0].figure.axes[0]
    assert ax.get_xlabel() == "low" and len(ax.lines[0].get_xdata()) == 6


def test_json_is_one_object(data):
    result = call("tune", data, "-i", "u", "-o", "y", "-f", "nlms:4", "-f", "rls:4", "--trials", "40", "--json",
                  "--target", "mad", "--workers", "1")
    found = json.loads(result.stdout, parse_constant=lambda c: pytest.fail(c))
    assert found["target"] == "mad" and found["status"] == "done" and len(found["trials"]) <= 40


def test_study_file_is_what_the_options_are(data, tmp_path):
    study = tmp_path / "study.toml"
    study.write_text(f'data = "{data}"\ninput = "u"\noutput = "y"\nfilter = ["nlms:4"]\ntaps = [2, 4]\ntrials = 32\n'
                     'target = "rms"\nout = "result"\n')
    found = json.loads(call("tune", study, "--json").stdout)
    same = gs.tune(gs.NLMS(4), *np.loadtxt(data, delimiter=",", skiprows=1).T, taps=(2, 4), trials=32)
    assert found["best"]["params"] == same.best["params"]
    assert (tmp_path / "result" / "tuning.json").exists()


@pytest.mark.parametrize(("line", "words"), [
    ("trails = 3", ("trails", "trials")), ('trials = "many"', ("trials", "integer")), ('target = "mean"', ("target", "rms")),
    ("nonfinite = 1", ("nonfinite", "one of raise, skip, hold")), ("trials = true", ("trials", "integer")),
    ("taps = [2.5]", ("taps", "integers")), ('workers = "all"', ("workers",)), ('validation = "half"', ("validation",)),
    ("filter = 3", ("filter",)), ("orders = [2]", ("orders",)), ("validation = 1.5", ("validation", "1.5")),
    ('filter = "nmls:4"', ("filter", "NLMS")), ('family = "exponentail"', ("exponentail",)), ("trials =", ("TOML",)),
])
def test_study_errors_name_the_field(data, tmp_path, line, words):
    study = tmp_path / "study.toml"
    study.write_text(f'data = "{data}"\ninput = "u"\noutput = "y"\n{line}\n')
    refused(call("tune", study), *words)


def test_missing_fields_and_options(data, tmp_path):
    study = tmp_path / "study.toml"
    study.write_text(f'data = "{data}"\n')
    refused(call("tune", study), "input")
    refused(call("tune", study, "--trials", "7"), "trials", "--out")
    refused(call("tune", study, "--port", "gain"), "write ports into it")            # the names that the file takes
    refused(call("tune", study, "--margin-db", "6"), "write margin_db into it")
    refused(call("tune", data), "--input")
    refused(call("tune", tmp_path / "absent.toml"), "absent.toml")
    refused(call("tune", data, "-i", "u", "-o", "y", "--workers", "many"), "--workers")
    refused(call("tune", data, "-i", "u"), "nlms:32", "--output")
    refused(call("tune", data, "-x"), "See gainsched tune --help")
    refused(call("tune", data, "-i", "u", "-o", "y", "--storage", tmp_path / "nowhere" / "s.db"), "storage", "sqlite")
    gap = tmp_path / "gap.csv"
    gap.write_text(data.read_text().replace("\n", "\nnan,1\n", 1))
    refused(call("tune", gap, "-i", "u", "-o", "y"), "a row has missing", "row 1", "--nonfinite skip")


def test_as_a_program(data):
    result = subprocess.run([sys.executable, "-m", "gainsched", "tune", str(data), "-i", "u", "-o", "y", "-f", "lms:4", "--trials", "24"],
                            capture_output=True, text=True, env=os.environ, check=False)
    assert result.returncode == 0 and "gain" in result.stdout and not result.stderr
