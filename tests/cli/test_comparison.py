"""`gainsched compare`: a table, one JSON object, a folder; loops in the words of the other verbs."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

import gainsched as gs
from gainsched.cli.app import app
from gainsched.cli.specs import loop_from

LOOPS = ("--loop", "nlms:4 gain=.5", "--loop", "rls:4 forgetting=.999", "--loop", "lms:4 gain=2")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    rng = np.random.default_rng(0)
    u = rng.standard_normal(2000)
    y = np.convolve(u, [1.0, -0.5, 0.25])[:2000] + 0.01 * rng.standard_normal(2000)
    path = tmp_path_factory.mktemp("data") / "rig.csv"
    np.savetxt(path, np.column_stack([u, y]), delimiter=",", header="u,y", comments="", fmt="%.17g")
    return path


def call(*args):
    return CliRunner().invoke(app, [str(a) for a in args])


def test_table(data):
    result = call("compare", data, "-i", "u", "-o", "y", *LOOPS)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line[:6] for line in lines[1:4]] == ["rls:4 ", "nlms:4", "lms:4 "] and lines[0].endswith(" ns")
    assert "diverged" in lines[3] and "last quarter" in result.stdout


def test_json_is_the_library_s_comparison(data):
    result = call("compare", data, "-i", "u", "-o", "y", *LOOPS, "--no-timing", "--json")
    assert result.exit_code == 0 and result.stdout.count("\n") == 1
    got = json.loads(result.stdout, parse_constant=lambda c: pytest.fail(f"{c} is no JSON"))
    signals = gs.read(data, input="u", output="y")
    found = gs.compare({"nlms:4 gain=.5": gs.Loop(gs.NLMS(4), gain=0.5), "rls:4 forgetting=.999":
                        gs.Loop(gs.RLS(4), forgetting=0.999), "lms:4 gain=2": gs.Loop(gs.LMS(4), gain=2.0)},
                       signals.x, signals.d, timing=False)
    assert got["table"] == json.loads(json.dumps(found.to_dict()["table"])) and got["best"] == found.best
    assert got["n"] == 2000 and got["signals"] == ["u", "y"] and got["table"][-1]["status"] == "diverged"


def test_folder_of_results(data, tmp_path):
    out = tmp_path / "new" / "folder"
    result = call("compare", data, "-i", "u", "-o", "y", *LOOPS, "--no-timing", "--out", out)
    assert result.exit_code == 0 and "wrote" in result.stderr
    assert sorted(p.name for p in out.iterdir()) == ["learning-curves.png", "report.html", "report.json"]
    page = re.sub(r"<script.*?</script>", "", (out / "report.html").read_text(), flags=re.DOTALL)
    assert not re.findall(r'(?:src|href)="(?!data:)', page) and page.count("<tr>") == 4
    for text in ("3 loops on rig.csv", "rls:4 forgetting=.999", "diverged", "What is assumed"):
        assert text in page
    assert json.loads((out / "report.json").read_text())["best"] == "rls:4 forgetting=.999"


def test_all_diverged_is_exit_code_3(data):
    assert call("compare", data, "-i", "u", "-o", "y", "--loop", "lms:4 gain=3").exit_code == 3


def test_clauses_may_hold_spaces():
    loop = loop_from("  nlms:fir(8)   gain=0.5 * cosine:1,0,1000 + .1 | warmup:100  compensator=nesterov:.8 ")
    assert loop.filter == gs.NLMS(8) and loop.compensator == gs.Nesterov(0.8)
    assert loop.gain == (0.5 * gs.Cosine(1.0, 0.0, 1000) + gs.Constant(0.1)).warmup(100)


@pytest.mark.parametrize(("arguments", "words"), [
    (("--loop", "nlms:4 gian=.5"), "--loop 'nlms:4 gian=.5'"),
    (("--loop", "lms:4"), "gain"),
    (("--loop", "nlms:4 gain=.5 gain=.6"), "gain is given twice"),
    (("--loop", "nlms:4", "--loop", "nlms:4"), "is given twice"),
    (("--loop", "nosuch:4"), "nosuch"),
    ((), "--loop"),
    (("--loop", "nlms:fir(4,channels=2)"), "compare: nlms:fir(4,channels=2)"),
])
def test_bad_input_is_one_line(data, arguments, words):
    result = call("compare", data, "-i", "u", "-o", "y", *arguments)
    assert result.exit_code == 2 and result.stdout == "", result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("gainsched: ") and words in lines[0], result.stderr


def test_missing_desired_signal_is_refused(data):
    result = call("compare", data, "-i", "u", "--loop", "nlms:4")
    assert result.exit_code == 2 and "--output" in result.stderr


def test_missing_cells(data, tmp_path):
    lines = data.read_text().splitlines()
    lines[500:520] = [line.split(",")[0] + "," for line in lines[500:520]]
    gaps = tmp_path / "gaps.csv"
    gaps.write_text("\n".join(lines) + "\n")
    refused = call("compare", gaps, "-i", "u", "-o", "y", "--loop", "nlms:4")
    assert refused.exit_code == 2 and "--nonfinite skip" in refused.stderr
    result = call("compare", gaps, "-i", "u", "-o", "y", "--loop", "nlms:4", "--nonfinite", "skip", "--no-timing", "--json")
    assert result.exit_code == 0, result.output
    row = json.loads(result.stdout)["table"][0]
    assert row["status"] == "done" and row["verdict"] == "stable" and row["settling"] >= 0
