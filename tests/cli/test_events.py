"""What the monitor noticed during `gainsched run`: in the terminal, in report.json, on the page; silence otherwise."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import gainsched as gs
from gainsched.cli import session
from gainsched.cli.app import app

T = 20_000
ARGS = ("--input", "u", "--output", "y", "--filter", "lms:4", "--gain", "0.01")


def call(*args):
    return CliRunner().invoke(app, [str(a) for a in args], env={"COLUMNS": "200"})


@pytest.fixture
def recording(tmp_path):
    def write(louder):
        u, v = np.random.default_rng(0).standard_normal((2, T))
        u[12_000:] *= louder
        path = tmp_path / "rig.csv"
        y = np.convolve(u, [1.0, -0.5])[:T] + 0.1 * v
        np.savetxt(path, np.column_stack([u, y]), delimiter=",", header="u,y", comments="", fmt="%.17g")
        return path

    return write


def test_a_sound_run_says_nothing_new(recording, tmp_path):
    result = call("run", recording(1.0), *ARGS, "--out", tmp_path / "out")
    assert result.exit_code == 0 and "noticed" not in result.stdout
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["events"] == []
    assert "Noticed" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_events_are_told_written_and_shown(recording, tmp_path):
    result = call("run", recording(5.0), *ARGS, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    events = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["events"]
    (event,) = [event for event in events if event["kind"] == "gain"]
    assert 12_000 <= event["k"] < 12_000 + 2048
    assert event["value"] > event["limit"]
    (line,) = [line for line in result.stdout.splitlines() if "passes its bound" in line]
    assert line.startswith("noticed") and "sample" in line
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Noticed during the run" in page and "passes its bound" in page


@pytest.mark.parametrize("filter", ["lms:4", "rls:4"])
def test_the_json_of_stdout_holds_them(recording, filter):
    result = call("run", recording(1.0), "-i", "u", "-o", "y", "-f", filter, "-g", "1.9", "--json")
    events = json.loads(result.stdout)["events"]
    assert [event["kind"] for event in events if event["kind"] == "diverged"] == ["diverged"] * (result.exit_code == 3)


def test_many_are_counted():
    events = tuple(gs.Event(k, "excitation", "the input has lost its power", 0.0, 1e-6) for k in range(20))
    told = session.noticed(session.Outcome(None, None, None, events=(*events, gs.Event(9, "diverged", "", 1.0, 1.0))))
    assert len(told) == session.EVENTS + 1
    assert told[-1].startswith(f"and {20 - session.EVENTS} more")
