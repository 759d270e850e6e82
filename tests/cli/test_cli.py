"""The command line as users meet it: exit codes, streams, files."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from typer.testing import CliRunner

import gainsched as gs
from gainsched.cli import session
from gainsched.cli.app import app


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    rng = np.random.default_rng(0)
    u, v = rng.standard_normal((2, 2000))
    y = np.convolve(u, [1.0, -0.5, 0.25])[:2000] + 0.3 * v + 0.01 * rng.standard_normal(2000)
    path = tmp_path_factory.mktemp("data") / "rig.csv"
    np.savetxt(path, np.column_stack([u, v, y]), delimiter=",", header="u,v,y", comments="", fmt="%.17g")
    return path


def call(*args):
    return CliRunner().invoke(app, [str(a) for a in args])


def strict(text):
    return json.loads(text, parse_constant=lambda c: pytest.fail(f"{c} is no JSON"))


def refused(result):
    """The one line that a refusal is."""
    assert result.exit_code == 2, result.output
    assert result.stdout == "" and result.exception is None or isinstance(result.exception, SystemExit)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("gainsched: "), result.stderr
    return lines[0]


def test_run(data):
    result = call("run", data, "--input", "u", "--output", "y", "--filter", "nlms:3", "--gain", "0.1")
    assert result.exit_code == 0, result.output
    for word in ("done", "stable", "one-step rms", "stable range"):
        assert word in result.stdout


def test_run_json_is_the_library_s_run(data):
    result = call("run", data, "-i", "u", "-o", "y", "-f", "nlms:3", "-g", "exponential:start=1,rate=.5,every=200,floor=.05", "--json")
    assert result.exit_code == 0 and result.stdout.count("\n") == 1
    got = strict(result.stdout)
    signals = gs.read(data, input="u", output="y")
    run = gs.NLMS(3).run(signals.x, signals.d, gain=gs.Exponential(1, 0.5, 200, 0.05))
    assert got["w"] == run.w.tolist()
    assert got["n"] == 2000 and got["status"] == "done" and got["fit"] == pytest.approx(run.fit, rel=1e-12)
    assert got["verdict"] == "stable" and got["report"]["range"] == [0, 2]


@pytest.mark.parametrize("inputs", [["--input", "u,v"], ["--input", "u", "--input", "v"]])
def test_several_inputs_give_the_channels(data, inputs):
    result = call("run", data, *inputs, "-o", "y", "-f", "nlms:3", "--json")
    assert np.shape(strict(result.stdout)["w"]) == (3, 2)
    assert "took its number of channels from the 2 inputs" in strict(result.stdout)["notes"][0]


def test_analyze(data):
    result = call("analyze", data, "-i", "u", "-o", "y", "-f", "lms:3", "-g", "0.01")
    assert result.exit_code == 0 and "stable" in result.stdout and "margins" in result.stdout
    got = strict(call("analyze", data, "-i", "u", "-o", "y", "-f", "lms:3", "-g", "0.01", "--json").stdout)
    assert got["verdict"] == "stable" and len(got["w"]) == 3 and got["n"] == 2000


def test_divergence_exits_3(data, tmp_path):
    result = call("run", data, "-i", "u", "-o", "y", "-f", "lms:8", "-g", "5", "--json", "--out", tmp_path / "o")
    assert result.exit_code == 3
    got = strict(result.stdout)
    assert got["status"] == "diverged" and got["verdict"] == "unstable" and got["stopped_at"] == got["n"] - 1
    assert "diverged" in (tmp_path / "o" / "report.html").read_text()


def test_a_filter_without_theory_runs(data):
    got = strict(call("run", data, "-i", "u", "-o", "y", "-f", "lmf:3", "-g", "0.001", "--json").stdout)
    assert got["verdict"] == "not certified" and got["status"] == "done"


def test_mit_rule_needs_no_output(data):
    result = call("run", data, "-i", "u", "-f", "mitrule:1,plant=[0.1]/[1,-0.9],reference=[0.2]/[1,-0.9]", "-g", "0.01", "--json")
    assert result.exit_code == 0, result.stderr
    assert strict(result.stdout)["w"] == pytest.approx([2.0], abs=0.3)


def test_forgetting(data):
    got = strict(call("run", data, "-i", "u", "-o", "y", "-f", "rls:3", "--forgetting", "0.99", "--json").stdout)
    assert got["forgetting"].startswith("Constant(") and "0.99" in got["forgetting"]


def test_compensator(data, tmp_path):
    args = (data, "-i", "u", "-o", "y", "-f", "nlms:3", "-g", "0.05", "--compensator")
    got = strict(call("run", *args, "heavy-ball:0.5", "--json").stdout)
    assert got["compensator"] == "HeavyBall(0.5)" and "average" not in got
    assert "HeavyBall(0.5)" in got["report"]["loop"] and got["verdict"] == "stable"
    assert "HeavyBall(0.5)" in call("analyze", *args, "heavy-ball:0.5").stdout
    averaged = call("run", *args, "polyak-ruppert:start=100", "--out", tmp_path / "out")
    assert "PolyakRuppert(start=100)" in averaged.stdout and "averaged weights" in averaged.stdout
    signals = gs.read(data, input="u", output="y")
    run = gs.NLMS(3).run(signals.x, signals.d, gain=0.05, compensator=gs.PolyakRuppert(start=100))
    with np.load(tmp_path / "out" / "result.npz") as kept:
        assert np.array_equal(kept["average"], run.average)
    assert "PolyakRuppert" in (tmp_path / "out" / "report.html").read_text()
    assert strict((tmp_path / "out" / "report.json").read_text())["average"] == run.average.tolist()


def test_missing_cells(data, tmp_path):
    rows = data.read_text().splitlines()
    rows[10] = "nil," + rows[10].split(",", 1)[1]
    path = tmp_path / "gaps.csv"
    path.write_text("\n".join(rows))
    args = ("run", path, "-i", "u", "-o", "y", "-f", "nlms:3")
    message = refused(call(*args))
    assert "row 10 (u)" in message and "--nonfinite skip" in message
    got = strict(call(*args, "--nonfinite", "skip", "--json").stdout)
    assert got["skipped"] == 3 and got["status"] == "done"
    assert got["fit"] > 0
    assert strict(call(*args, "--nonfinite", "hold", "--json").stdout)["status"] == "done"


@pytest.mark.parametrize(("args", "words"), [
    (["run", "none.csv", "-i", "u", "-o", "y"], ["none.csv", "no such file"]),
    (["run", "DATA", "-i", "U", "-o", "y"], ["'U'", "u, v, y", "Did you mean 'u'"]),
    (["run", "DATA", "-i", "u", "-o", "y", "-f", "nlmz:3"], ["--filter", "nlmz", "NLMS"]),
    (["run", "DATA", "-i", "u", "-o", "y", "-g", "expo:1"], ["--gain", "expo"]),
    (["run", "DATA", "-i", "u", "-o", "y", "-g", "3"], ["gain", "2"]),
    (["run", "DATA", "-i", "u", "-o", "y", "-g", "nan"], ["gain", "nan"]),
    (["run", "DATA", "-i", "u", "-o", "y", "--forgetting", "0.9"], ["forgetting", "NLMS"]),
    (["run", "DATA", "-i", "u", "-o", "y", "-f", "lms:3"], ["no default gain"]),
    (["run", "DATA", "-i", "u", "-o", "y", "-c", "heavy-bull:.9"], ["--compensator", "heavy-bull", "HeavyBall"]),
    (["run", "DATA", "-i", "u", "-o", "y", "-c", "nesterov:1"], ["--compensator", "beta", "< 1"]),
    (["run", "DATA", "-i", "u"], ["--output"]),
    (["run", "DATA", "-i", "u,v", "-o", "y", "-f", "nlms:fir(3,channels=3)"], ["takes 3 inputs", "names 2"]),
    (["run", "DATA", "-o", "y"], ["--input"]),
    (["run"], ["DATA"]),
    (["run", "DATA", "-i", "u", "--nonfinite", "drop"], ["drop"]),
    (["rnu"], ["rnu"]),
    (["schedule", "foo"], ["foo"]),
    (["schedule", "rmsprop"], ["law"]),
    (["show", "nlmz"], ["nlmz", "NLMS"]),
])
def test_bad_input_is_one_line_and_exit_2(data, args, words):
    message = refused(call(*[data if a == "DATA" else a for a in args]))
    assert all(word in message for word in words), message


def test_a_file_that_is_none_of_ours(tmp_path):
    path = tmp_path / "x.docx"
    path.write_bytes(b"PK")
    assert "docx" in refused(call("run", path, "-i", "u"))


def test_out(data, tmp_path):
    folder = tmp_path / "deep" / "result"
    result = call("run", data, "-i", "u", "-o", "y", "-f", "nlms:3", "--json", "--out", folder)
    assert result.exit_code == 0 and result.stdout.count("\n") == 1
    assert {p.name for p in folder.iterdir()} == {
        "result.npz", "report.json", "report.html", "learning-curve.png", "gain.png", "weights.png", "nyquist.png"}
    assert strict((folder / "report.json").read_text()) == strict(result.stdout)
    with np.load(folder / "result.npz") as arrays:
        np.testing.assert_array_equal(arrays["w"], strict(result.stdout)["w"])
        assert arrays["y"].shape == arrays["e"].shape == (2000,) and len(arrays["gain"]) == 2000
    for picture in folder.glob("*.png"):
        assert picture.read_bytes()[:4] == b"\x89PNG"


def test_the_page_is_complete_in_itself(data, tmp_path):
    call("run", data, "-i", "u", "-o", "y", "-f", "nlms:3", "--out", tmp_path)
    page = re.sub(r"<script[^>]*>.*?</script>", "", (tmp_path / "report.html").read_text(), flags=re.DOTALL)
    sources = re.findall(r'(?:src|href)\s*=\s*["\']([^"\']*)', page)
    assert len(sources) == 4 and all(s.startswith("data:image/") for s in sources)
    page = re.sub(r'src="data:[^"]*"', "", page)
    assert "http:" not in page and "https:" not in page and "@import" not in page and "url(" not in page
    assert "<script" not in page and "@media print" in page and "NLMS" in page


def test_predicted_against_measured(tmp_path):
    """In the terminal, in the JSON and on the page: what the library says, and that it does not hold where it does not."""
    rng = np.random.default_rng(0)
    u, v = rng.standard_normal((2, 8000))
    path = tmp_path / "rig.csv"
    args = ("-i", "u", "-o", "y", "-f", "lms:4", "-g", "0.02", "--out", tmp_path / "o")
    for name, noise, word in (("sound", 0.1 * v, "agrees with the prediction"),
                              ("louder", np.where(np.arange(8000) < 6000, 0.1, 1.0) * v, "something that theory assumes does not hold here")):
        y = np.convolve(u, [1.0, -0.5])[:8000] + noise
        np.savetxt(path, np.column_stack([u, y]), delimiter=",", header="u,y", comments="", fmt="%.17g")
        result = CliRunner().invoke(app, ["run", str(path), *map(str, args)], env={"COLUMNS": "200"})
        (line,) = [line for line in result.stdout.splitlines() if line.startswith("prediction")]
        assert word in line, (name, line)
        got = strict((tmp_path / "o" / "report.json").read_text())["agreement"]
        signals = gs.read(path, input="u", output="y")
        loop = gs.Loop(gs.LMS(4), gain=0.02)
        report = gs.analyze(loop, x=signals.x, d=signals.d)
        assert got == report.compare(loop.run(signals.x, signals.d)).to_dict()
        page = (tmp_path / "o" / "report.html").read_text()
        assert page.count("<td>yes</td>") == sum(got["agrees"]) and page.count("<td>no</td>") == 10 - sum(got["agrees"])
        assert got["sentence"][1:] in page
    assert "predicted" in call("analyze", path, *args[:-2]).stdout.splitlines()[-11]


def test_no_prediction_no_comparison(data, tmp_path):
    result = call("run", data, "-i", "u", "-o", "y", "-f", "fxlms:3,secondary=[1]", "-g", "0.001", "--out", tmp_path)
    assert result.exit_code == 0 and "prediction" not in result.stdout
    assert strict((tmp_path / "report.json").read_text())["agreement"] is None
    assert "agrees" not in (tmp_path / "report.html").read_text()


def test_the_page_explains_its_own_words(data, tmp_path):
    call("run", data, "-i", "u", "-o", "y", "-f", "nlms:3", "--out", tmp_path)
    page = (tmp_path / "report.html").read_text()
    for word in ("EMSE", "MSD", "misadjustment", "time constants", "stable"):
        assert word in page.split("What the words mean")[0]
        assert f"<dt>{word.removesuffix('s')}</dt>" in page
    assert page.index("What is assumed") < page.index("References")


def test_the_page_escapes_names(tmp_path):
    path = tmp_path / "evil.csv"
    path.write_text("<script>a</script>,y\n" + "".join(f"{k % 7},{k % 5}\n" for k in range(50)))
    result = call("run", path, "-i", "<script>a</script>", "-o", "y", "-f", "nlms:2", "--out", tmp_path / "o")
    assert result.exit_code == 0, result.stderr
    assert "<script>a" not in (tmp_path / "o" / "report.html").read_text()


def test_schedule(tmp_path):
    result = call("schedule", "exponential:start=1,rate=.5,every=2000", "--plot", tmp_path / "s.svg", "--out", tmp_path / "o")
    assert result.exit_code == 0 and "0.5" in result.stdout
    assert (tmp_path / "s.svg").exists() and {p.name for p in (tmp_path / "o").iterdir()} == {"report.html", "schedule.png", "schedule.json"}
    assert "Exponential(1.0" in (tmp_path / "o" / "report.html").read_text()
    got = strict(call("schedule", "exponential:start=1,rate=.5,every=2000", "--json", "--steps", "4000").stdout)
    assert got["k"][-1] == 4000 and got["gain"][-1] == 0.25 and gs.Schedule.from_dict(got["spec"])(2000) == 0.5


def test_schedules_compose_and_compare(tmp_path):
    one, other = "0.5 * cosine:1,0,100 + .1 | warmup:10", "cyclic:.1,.5,20"
    result = call("schedule", one, other, "--steps", "100", "--plot", tmp_path / "s.png")
    assert result.exit_code == 0 and (tmp_path / "s.png").stat().st_size > 5000
    lines = result.stdout.splitlines()
    assert lines[0] == "1  (0.5 * Cosine(1.0, 0.0, 100) + Constant(0.1)).warmup(10)" and "gain 2" in lines[2]
    assert lines[-2].split() == ["limit", "0.1", "none"] and lines[-1].split() == ["period", "40"]
    got = strict(call("schedule", one, other, "--json", "--steps", "100").stdout)
    assert [s["limit"] for s in got["schedules"]] == [0.1, None] and [s["period"] for s in got["schedules"]] == [None, 40]
    assert gs.Schedule.from_dict(got["schedules"][0]["spec"])(10) == got["schedules"][0]["gain"][1] == 0.6


@pytest.mark.parametrize("name", ["piecewise-constant", "chebyshev", "cosine-restarts", "function"])
def test_every_kind_of_parameter_is_shown(name):
    assert call("show", name).exit_code == 0
    strict(call("show", name, "--json").stdout)


def test_list_and_show():
    from gainsched import registry

    text = call("list").stdout
    got = strict(call("list", "--json").stdout)
    for family in ("filter", "schedule", "law", "compensator", "model"):
        assert sorted(got[family]) == sorted(registry.names(family))
        assert all(name in text for name in registry.names(family))
    for name in ("nlms", "kwong-johnston", "Cosine", "heavy-ball", "PolyakRuppert", "arx"):
        assert call("show", name).exit_code == 0
    shown = call("show", "nlms").stdout
    assert "eps" in shown and "power of x" in shown and "Bitmead" in shown and "w[" not in shown.split("\n")[0]
    page = strict(call("show", "nlms", "--json").stdout)
    assert page["name"] == "NLMS" and [p["name"] for p in page["parameters"]] == ["model", "eps"]
    assert "w[i] x_{k-i}" in call("list").stdout.replace("\n", " ")


@pytest.mark.parametrize("args", [[], ["run", "--help"], ["-h"], ["--version"]])
def test_help(args):
    result = call(*args)
    assert result.exit_code == (0 if args else 2)
    assert "gainsched" in (result.stdout + result.stderr).lower()


def test_pieces_are_the_whole(data, monkeypatch):
    signals = gs.read(data, input="u", output="y")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(session, "LEAST", 100)
    run = session.adapt(gs.Loop(gs.NLMS(3)), signals.x, signals.d, gs.Record(gain=1, weights=7))
    whole = gs.Loop(gs.NLMS(3)).run(signals.x, signals.d, gs.Record(gain=1, weights=7))
    for name in ("y", "e", "d", "gain", "weights", "weights_at"):
        np.testing.assert_array_equal(getattr(run, name), getattr(whole, name))


def test_ctrl_c_keeps_what_is_done(data, monkeypatch):
    signals = gs.read(data, input="u", output="y")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(session, "LEAST", 100)
    loop = gs.Loop(gs.NLMS(3))
    whole, calls = gs.Loop(gs.NLMS(3)).run(signals.x, signals.d), []
    real = gs.Loop.run

    def run(self, *args):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return real(self, *args)

    monkeypatch.setattr(gs.Loop, "run", run)
    kept = session.adapt(loop, signals.x, signals.d, gs.Record())
    assert kept.status == "interrupted" and kept.n == 400
    np.testing.assert_array_equal(kept.e, whole.e[:400])


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_at_the_console(tmp_path):
    """A long run is interrupted by a real signal: exit code 130, results written."""
    x = np.random.default_rng(0).standard_normal(300_000)
    np.savez(tmp_path / "long.npz", u=x, y=x)
    process = subprocess.Popen(
        [sys.executable, "-m", "gainsched", "run", str(tmp_path / "long.npz"), "-i", "u", "-o", "y", "-f", "rls:1200", "--json",
         "--out", str(tmp_path / "o")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(6)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    if out:                                       # the signal met the run itself, not the reading before it
        got = strict(out)
        assert got["status"] == "interrupted" and 0 < got["n"] < 300_000
        assert (tmp_path / "o" / "report.html").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_progress_at_a_terminal_only(tmp_path):
    import pty

    x = np.random.default_rng(0).standard_normal(20_000)
    np.savez(tmp_path / "long.npz", u=x, y=x)
    hurry = "from gainsched.cli import app, session; session.PATIENCE = 0.0; app.main()"
    command = [sys.executable, "-c", hurry, "run", str(tmp_path / "long.npz"), "-i", "u", "-o", "y", "-f", "rls:30", "--json"]
    main, other = pty.openpty()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=other, env={**os.environ, "TERM": "xterm"})
    os.close(other)
    shown = b""
    while True:
        try:
            part = os.read(main, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    out = process.stdout.read()
    assert process.wait() == 0
    assert b"adapting" in shown and b"samples/s" in shown
    assert strict(out.decode())["n"] == 20_000


def test_module_and_console_script(data):
    command = [sys.executable, "-m", "gainsched", "run", str(data), "-i", "u", "-o", "y", "-f", "nlms:3", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "" and strict(done.stdout)["n"] == 2000
    done = subprocess.run([*command[:4], "none.csv", "-i", "u"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


def test_ctrl_c_in_the_analysis_keeps_the_run(data, monkeypatch, tmp_path):
    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "analyze", stop)
    result = call("run", data, "-i", "u", "-o", "y", "-f", "nlms:3", "--json", "--out", tmp_path / "o")
    assert result.exit_code == 130
    got = strict(result.stdout)
    assert got["status"] == "done" and got["n"] == 2000 and got["verdict"] is None and "interrupted" in got["notes"][-1]
    assert (tmp_path / "o" / "report.html").exists()


def test_more_weights_than_theory_can_hold(data):
    got = strict(call("run", data, "-i", "u", "-o", "y", "-f", "nlms:9999999", "--json").stdout)
    assert got["status"] == "done" and got["verdict"] is None and "no analysis" in got["notes"][0]


def test_the_analysis_stands_before_the_first_sample(data):
    signals = gs.read(data, input="u", output="y")
    got = strict(call("analyze", data, "-i", "u", "-o", "y", "-f", "nlms:3", "-g", "step:1,.5,100", "--json").stdout)
    expected = gs.analyze(gs.Loop(gs.NLMS(3), gs.Step(1, 0.5, 100)), x=signals.x, d=signals.d)
    assert got["report"]["margins"]["gain"] == pytest.approx(expected.margins.gain)
