"""The main job on real input: the demo's story holds in its numbers."""

from __future__ import annotations

import json
import sys

import pytest
from typer.testing import CliRunner

from gainsched.cli.app import app


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    pytest.importorskip("bokeh_sampledata")
    folder = tmp_path_factory.mktemp("demo")
    return CliRunner().invoke(app, ["demo", "--json", "--out", str(folder)]), folder


def test_the_story_is_true(demo):
    result, _ = demo
    assert result.exit_code == 0, result.stderr
    got = json.loads(result.stdout)
    low, high, law, best = got["trials"]
    assert got["missing"] == 1061 and got["n"] == 52281
    assert low["rms"] == pytest.approx(11.3, abs=0.1)
    assert high["rms"] == pytest.approx(29.4, abs=0.1)
    assert law["rms"] < 7.5 and law["rms"] < 1.1 * best["rms"]
    assert 0.4 <= float(best["gain"].strip("Constanvlue=()")) <= 0.7 and best["rms"] == pytest.approx(6.94, abs=0.05)
    assert law["rms"] < min(low["rms"], high["rms"]) < got["calibrated_once"]
    assert low["echo"] > 0.5 and high["echo"] < -0.5
    assert [t["verdict"] for t in got["trials"]] == ["stable"] * 4
    assert low["predicted"] == pytest.approx(low["rms"], rel=0.1) and best["predicted"] == pytest.approx(best["rms"], rel=0.1)
    assert law["predicted"] is None
    assert high["gain_margin_db"] == pytest.approx(0.45, abs=0.01)
    assert all(value < low["rms"] for value in got["law_for_other_limits"].values())


def test_the_files(demo):
    _, folder = demo
    names = {p.name for p in folder.iterdir()}
    assert {"report.html", "report.json", "result.npz", "gain.png", "weights.png", "close-up.png"} <= names
    page = (folder / "report.html").read_text()
    assert "not a medical device" in page and page.count('src="data:image/svg+xml') == 5


def test_people_are_told(tmp_path):
    pytest.importorskip("bokeh_sampledata")
    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path / "d")])
    for word in ("Too low lags", "Too high rings", "not tuned", "not a medical device", "report.html", "verdict"):
        assert word in result.stdout


def test_without_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "bokeh_sampledata", None)
    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path)])
    assert result.exit_code == 2 and 'pip install "gainsched[demo]"' in result.stderr and result.stderr.count("\n") == 1
