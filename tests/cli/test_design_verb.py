"""`gainsched design`: the library's own answer, from a recording or from numbers, and conflicts in one line."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

import gainsched as gs
from gainsched.cli.app import app
from gainsched.cli.specs import gain_from


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    rng = np.random.default_rng(0)
    u = rng.standard_normal(4000)
    y = np.convolve(u, [1.0, -0.5, 0.25])[:4000] + 0.1 * rng.standard_normal(4000)
    path = tmp_path_factory.mktemp("data") / "rig.csv"
    np.savetxt(path, np.column_stack([u, y]), delimiter=",", header="u,y", comments="", fmt="%.17g")
    return path


def call(*args):
    return CliRunner().invoke(app, ["design", *(str(a) for a in args)])


def refused(result):
    assert result.exit_code == 2 and result.stdout == "", result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("gainsched: "), result.stderr
    return lines[0]


def test_design_of_a_recording_is_the_library_s(data):
    result = call(data, "-i", "u", "-o", "y", "-f", "nlms:3", "--misadjustment", ".05", "--json")
    assert result.exit_code == 0 and result.stdout.count("\n") == 1, result.output
    got = json.loads(result.stdout)
    signals = gs.read(data, input="u", output="y")
    exc = gs.Excitation.from_data(signals.x, signals.d, model=gs.FIR(3))
    assert got["gain"] == gs.design(gs.NLMS(3), exc, misadjustment=0.05)
    assert got["asked"] == {"misadjustment": 0.05} and got["port"] == "gain" and got["noise"] == exc.noise


def test_design_by_numbers():
    result = call("-f", "rls:8", "--power", 1, "--noise", 0.01, "--settling", 200, "--misadjustment", 0.2, "--json")
    got = json.loads(result.stdout)
    assert got["forgetting"] == gs.design(gs.RLS(8), gs.Excitation(1.0, noise=0.01), settling=200, misadjustment=0.2)
    shown = call("-f", "rls:8", "--power", 1, "--noise", 0.01, "--settling", 200)
    assert shown.exit_code == 0
    for word in ("forgetting 0.99", "settling", "samples", "rests on"):
        assert word in shown.stdout


def test_what_cannot_be_is_one_line(data):
    assert "times apart" in refused(call("-f", "lms:8", "--power", 1, "--noise", 1, "--settling", 50, "--misadjustment", 0.05))
    assert "needs a wish" in refused(call("--power", 1))
    assert "needs a recording" in refused(call("--misadjustment", 0.1))
    assert "--input and --output" in refused(call(data, "--misadjustment", 0.1))
    assert "DATA has its own" in refused(call(data, "-i", "u", "-o", "y", "--power", 1, "--misadjustment", 0.1))
    assert "takes 1 inputs" not in refused(call(data, "-i", "nothing", "-o", "y", "--misadjustment", 0.1))
    assert "--filter" in refused(call("--power", 1, "-f", "nothing:3", "--misadjustment", 0.1))
    assert "does not have here" in refused(call("--power", 1, "-f", "apa:8", "--settling", 100))


def test_a_schedule_in_the_words_of_run(data):
    """What is printed can be given to `gainsched run --gain`."""
    wishes = ("-f", "nlms:3", "--misadjustment", ".05", "--settling", "25", "--schedule")
    refused(call(data, "-i", "u", "-o", "y", *wishes[:-1]))
    shown = call(data, "-i", "u", "-o", "y", *wishes)
    assert shown.exit_code == 0 and "settling" in shown.stdout, shown.output
    text = re.search(r"gain (exponential:\S+)", shown.stdout)[1]
    got = json.loads(call(data, "-i", "u", "-o", "y", *wishes, "--json").stdout)
    assert repr(gain_from(text)) == got["schedule"] and got["met"]["settling"] <= 25
