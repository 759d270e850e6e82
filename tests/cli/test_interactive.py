"""Interactive plots: what they show is what the picture shows; a browser draws them, complains of nothing, asks for nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from typer.testing import CliRunner

import gainsched as gs
from gainsched.cli import document, interactive, page
from gainsched.cli.app import app
from gainsched.plot.figure import extremes

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=10000"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A result of `gainsched run` with all four plots."""
    folder = tmp_path_factory.mktemp("run")
    u, v = np.random.default_rng(0).standard_normal((2, 3000))
    y = np.convolve(u, [1.0, -0.5])[:3000] + 0.1 * v
    np.savetxt(folder / "rig.csv", np.column_stack([u, y]), delimiter=",", header="u,y", comments="")
    result = CliRunner().invoke(app, ["run", str(folder / "rig.csv"), "-i", "u", "-o", "y", "-f", "lms:4", "-g", "0.02", "--out", str(folder)])
    assert result.exit_code == 0, result.stderr
    return folder


def axes(draw=lambda ax: ax.plot([0, 1], [2, 3])):
    ax = Figure().add_subplot()
    draw(ax)
    return ax


def twin(ax):
    pytest.importorskip("bokeh")
    from gainsched.cli.translate import twin

    return twin(ax.figure)


def columns(plot, kind):
    return [r.data_source.data for r in plot.renderers if type(r.glyph).__name__ == kind]


def test_nothing_of_a_long_line_is_lost():
    rng = np.random.default_rng(0)
    for n in (1, 10, 2000, 2001, 52_281, 300_000):
        values = rng.standard_normal(n)
        shown = extremes(values)
        assert len(shown) <= 2000 and shown[0] == 0 and shown[-1] == n - 1 and np.all(np.diff(shown) > 0)
        assert values[shown].max() == values.max() and values[shown].min() == values.min()
    values[1000:1400] = np.nan
    assert np.isnan(values[extremes(values)]).any()               # a gap stays a gap
    assert len(extremes(np.full(5000, np.nan))) <= 2000


def test_a_run_and_its_report():
    loop = gs.Loop(gs.LMS(3), gain=0.02)
    report = gs.analyze(loop, gs.Excitation(1.0, noise=0.01))
    x, v = np.random.default_rng(0).standard_normal((2, 5000))
    run = loop.run(x, np.convolve(x, [1.0, 0.5])[:5000] + 0.1 * v, record=gs.Record(gain=1, weights=1))
    ax = gs.plot.learning_curve(run, report=report)
    plot = twin(ax)
    measured, predicted = columns(plot, "Line")
    np.testing.assert_allclose(measured["y"], ax.lines[0].get_ydata(), rtol=1e-6)
    np.testing.assert_array_equal(measured["x"], ax.lines[0].get_xdata())
    np.testing.assert_allclose(predicted["y"], ax.lines[1].get_ydata(), rtol=1e-6)
    assert len(columns(plot, "Patch")) == 1 and len(columns(plot, "HSpan")) == 1                        # band, noise
    (legend,) = plot.legend
    assert [item.label.value for item in legend.items] == [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend.click_policy == "hide" and len(legend.items[1].renderers) == 2                        # the band goes with its line
    assert (plot.y_range.start, plot.y_range.end) == ax.get_ylim() and plot.yaxis.axis_label == "error power, dB"

    plot = twin(gs.plot.gain(run, report=report))
    assert len(columns(plot, "HStrip")) == 1 and len(columns(plot, "HSpan")) == len(report.bounds)
    plot = twin(gs.plot.weights(run, w_opt=[1.0, 0.5, 0.0]))
    assert len(columns(plot, "Line")) == 3 and len(columns(plot, "HSpan")) == 3
    plot = twin(gs.plot.nyquist(report))
    assert plot.frame_width and plot.frame_height and len(columns(plot, "Patch")) == 1
    assert len(twin(gs.plot.bode(report)[0]).children) == 2


def test_a_legend_keeps_its_order():
    """A picture may list its curves in another order than it draws them in."""
    ax = axes()
    ax.lines[0].set_label("below")
    ax.plot([0, 1], [3, 2], label="on top")
    ax.legend(*(part[::-1] for part in ax.get_legend_handles_labels()))
    assert [item.label.value for item in twin(ax).legend[0].items] == ["on top", "below"]


def test_many_weights_are_one_glyph_of_bounded_size():
    x = np.random.default_rng(0).standard_normal(20_000)
    plot = twin(gs.plot.weights(gs.NLMS(300).run(x, x, record=gs.Record(weights=20))))
    (data,) = columns(plot, "MultiLine")
    assert len(data["xs"]) == 300 and data["name"][7] == "w[7]" and sum(map(len, data["xs"])) <= 60_000
    assert max(ys.nbytes for ys in data["ys"]) <= 4 * 200


def test_other_kinds_of_plots():
    plot = twin(axes(lambda ax: (ax.loglog([1, 10], [1, 100]), ax.scatter([1, 2], [3, 4]), ax.axvline(3.0), ax.axvspan(4, 5))))
    assert type(plot.x_scale).__name__ == type(plot.y_scale).__name__ == "LogScale"
    assert [len(columns(plot, kind)) for kind in ("Line", "Scatter", "VSpan", "VStrip")] == [1, 1, 1, 1]
    plot = twin(axes(lambda ax: ax.barh(["taps", "gain"], [0.2, 0.8])))
    assert len(columns(plot, "Patch")) == 2 and list(plot.yaxis.major_label_overrides.values()) == ["taps", "gain"]
    plot = twin(axes(lambda ax: ax.errorbar([1, 2], [3, 4], yerr=[0.1, 0.2])))
    assert len(columns(plot, "MultiLine")) == 1
    plot = twin(axes(lambda ax: ax.step([0, 1, 2], [1, 2, 3], where="post")))
    assert len(columns(plot, "Step")) == 1


@pytest.mark.parametrize("draw", [
    lambda ax: ax.imshow(np.eye(3)), lambda ax: ax.pcolormesh(np.eye(3)), lambda ax: ax.contourf(np.eye(3)), lambda ax: ax.set_xscale("symlog")])
def test_what_has_no_counterpart_stays_a_picture(draw):
    assert twin(axes(draw)) is None


def test_one_bokeh_for_all_plots_and_formulas_fetch_nothing():
    pytest.importorskip("bokeh")
    pictures = [document.Picture(f"p{i}", axes().figure, "Words.") for i in range(3)]
    text = document.document("T", "l", [page.heading("H"), *pictures])
    assert text.count("BEGIN bokeh.min.js") == 1 and text.count('<div class="plot">') == 3
    assert twin(axes(lambda ax: ax.plot([0, 1], label="$$x$$ and \\[y\\]"))).legend[0].items[0].label.value == "$ $x$ $ and \\ [y\\]"


def test_without_bokeh(monkeypatch, tmp_path):
    monkeypatch.setattr(interactive.importlib.util, "find_spec", lambda name: None)
    picture = document.Picture("a-line", axes().figure, "Words.")
    document.write(tmp_path, "T", "l", [picture])
    text = (tmp_path / "report.html").read_text()
    assert "<script" not in text and "gainsched[report]" in text and 'src="data:image/svg+xml' in text
    assert (tmp_path / "a-line.png").exists()
    assert "gainsched[report]" not in document.document("T", "l", ["<p>no pictures</p>"])


def browse(page, tmp_path, *flags):
    """What the browser prints, and what its console says."""
    if BROWSER is None:
        pytest.skip("no Chromium here")
    done = subprocess.run([BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *flags, page.as_uri()],
                          capture_output=True, text=True, timeout=120)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line and "setting log level" not in line]


MEASURE = """<script>setInterval(() => {
  const sizes = [], walk = node => { if (node.tagName === "CANVAS") sizes.push(node.width * node.height);
    for (const child of [...node.childNodes, ...(node.shadowRoot ? node.shadowRoot.childNodes : [])]) walk(child); };
  walk(document.body);
  document.documentElement.dataset.canvases = sizes.join(" ");
  document.documentElement.dataset.requests = performance.getEntriesByType("resource").length;
}, 200)</script></body>"""


@pytest.mark.slow
def test_a_browser_draws_the_page(folder, tmp_path):
    pytest.importorskip("bokeh")
    copy = tmp_path / "measured.html"
    copy.write_text((folder / "report.html").read_text().replace("</body>", MEASURE))
    dom, said = browse(copy, tmp_path, "--dump-dom", "--window-size=1100,3000")
    assert said == []
    root = re.search(r"<html[^>]*>", dom)[0]
    assert 'class="live"' in root and 'data-plots="4"' in root and 'data-requests="0"' in root, root
    sizes = [int(size) for size in re.search(r'data-canvases="([^"]*)"', root)[1].split()]
    assert sum(size > 100_000 for size in sizes) >= 4, sizes                                    # the others are the legends' samples

    browse(folder / "report.html", tmp_path, f"--screenshot={tmp_path / 'page.png'}", "--window-size=1100,3000")
    seen = imread(tmp_path / "page.png")[..., :3]
    blue = np.abs(seen - np.array([0x1f, 0x5a, 0x92]) / 255).max(axis=2) < 0.1                   # the measured curve
    assert blue.sum() > 1000 and np.ptp(np.nonzero(blue)[1]) > 700, blue.sum()


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "plots", "pictures"), [
    (("analyze", "-f", "nlms:4", "-g", "0.5"), 4, 0),
    (("tune", "-f", "rls:4"), 2, 0),
    (("tune", "-f", "nlms:4", "--family", "exponential", "--trials", "48"), 3, 1),          # shaded contours have no counterpart
    (("compare", "-l", "nlms:4 gain=.5", "-l", "rls:4", "-l", "lms:4 gain=2"), 1, 0),
], ids=lambda given: given[0] if isinstance(given, tuple) else None)
def test_a_browser_draws_the_page_of_every_verb(folder, tmp_path, verb, plots, pictures):
    pytest.importorskip("bokeh")
    if verb[0] == "tune":
        pytest.importorskip("optuna")
    out = tmp_path / "out"
    result = CliRunner().invoke(app, [verb[0], str(folder / "rig.csv"), "-i", "u", "-o", "y", *verb[1:], "--out", str(out)])
    assert result.exit_code == 0, result.stderr
    text = (out / "report.html").read_text()
    assert len(re.findall("<figure", text)) == plots + pictures == len(list(out.glob("*.png")))
    (tmp_path / "measured.html").write_text(text.replace("</body>", MEASURE))
    dom, said = browse(tmp_path / "measured.html", tmp_path, "--dump-dom", "--window-size=1100,3000")
    assert said == []
    root = re.search(r"<html[^>]*>", dom)[0]
    assert 'class="live"' in root and f'data-plots="{plots}"' in root and 'data-requests="0"' in root, root
    sizes = [int(size) for size in re.search(r'data-canvases="([^"]*)"', root)[1].split()]
    assert sum(size > 100_000 for size in sizes) >= plots, sizes


HOVER = """<script>setTimeout(() => {
  const found = kind => { const all = [], walk = node => { if (node.classList && node.classList.contains(kind)) all.push(node);
    for (const child of [...node.childNodes, ...(node.shadowRoot ? node.shadowRoot.childNodes : [])]) walk(child); };
    walk(document.body); return all; };
  const [plot] = found("bk-events"), box = plot.getBoundingClientRect(), where = {clientX: box.left + box.width / 2, clientY: box.top + 150};
  for (const type of ["pointerenter", "pointermove"])
    plot.dispatchEvent(new PointerEvent(type, {...where, bubbles: true, composed: true, pointerType: "mouse", pointerId: 1, isPrimary: true}));
  setTimeout(() => { document.documentElement.dataset.tips = found("bk-Tooltip").map(tip => [...tip.shadowRoot.children].filter(
    node => !["STYLE", "LINK"].includes(node.tagName)).map(node => node.textContent).join(" ")).join("|"); }, 1000);
}, 2000)</script></body>"""


@pytest.mark.slow
def test_the_pointer_is_told_sample_and_value(folder, tmp_path):
    pytest.importorskip("bokeh")
    copy = tmp_path / "hovered.html"
    copy.write_text((folder / "report.html").read_text().replace("</body>", HOVER))
    dom, said = browse(copy, tmp_path, "--dump-dom", "--window-size=1100,3000")
    assert said == []
    measured, predicted = re.search(r'data-tips="([^"]*)"', dom)[1].split("|")
    name, sample, power = re.search(r"(measured).*sample k:\s*(\d+)\s*error power, dB:\s*(\S+)", measured).groups()
    assert 1000 < int(sample) < 2000 and float(power) == pytest.approx(-20, abs=5) and "predicted" in predicted


@pytest.mark.slow
def test_paper_shows_the_picture(folder, tmp_path):
    """A canvas reaches the PDF as an image, the picture as lines."""
    pytest.importorskip("bokeh")
    text = (folder / "report.html").read_text()
    images = []
    for name, html in (("right", text), ("wrong", text.replace(".live .plot { display: none; } .live .plot + img { display: block; }\n", ""))):
        (tmp_path / f"{name}.html").write_text(html)
        browse(tmp_path / f"{name}.html", tmp_path, f"--print-to-pdf={tmp_path / name}.pdf")
        images.append((tmp_path / f"{name}.pdf").read_bytes().count(b"/Subtype /Image"))
    assert images[0] == 0 < images[1], images


@pytest.mark.slow
def test_the_page_refuses_to_load_anything(folder, tmp_path):
    text = (folder / "report.html").read_text().replace("<h1>", '<img src="https://example.invalid/x.png"><h1>')
    (tmp_path / "outside.html").write_text(text)
    _, said = browse(tmp_path / "outside.html", tmp_path, "--dump-dom")
    assert said and "Content Security Policy" in said[0]


@pytest.mark.slow
def test_a_phone_and_a_page_without_bokeh_show_pictures(folder, tmp_path, monkeypatch):
    dom, said = browse(folder / "report.html", tmp_path, "--dump-dom", "--window-size=500,900")
    assert said == [] and 'class="live"' not in dom[:200]
    monkeypatch.setitem(sys.modules, "bokeh", None)
    monkeypatch.setattr(interactive, "available", lambda: False)
    document.write(tmp_path, "T", "l", [document.Picture("p", axes().figure, "Words.")])
    assert browse(tmp_path / "report.html", tmp_path, "--dump-dom")[1] == []
