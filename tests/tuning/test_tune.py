"""tune: reaches the best of a fine grid, is never worse than the default, gives the same answer whoever works."""

from __future__ import annotations

import importlib.resources
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

import gainsched as gs
from gainsched.tuning import search
from gainsched.tuning.objective import Segment, evaluate

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def record():
    """A drifting plant in noise: the best gain lies inside the range."""
    rng = np.random.default_rng(3)
    x, v = rng.standard_normal((2, 3000))
    w = np.cumsum(0.03 * rng.standard_normal((3000, 4)), axis=0) + [1.0, -0.5, 0.2, 0.1]
    u = np.column_stack([np.concatenate([np.zeros(i), x[:3000 - i]]) for i in range(4)])
    return x, np.sum(u * w, axis=1) + 0.3 * v


def rows(tuning):
    return [{k: v for k, v in row.items() if v == v} for row in tuning.rows]


def grid_best(filter, x, d, port, coordinates, nonfinite="raise"):
    end, begin = round(len(x) * 0.85), round(len(x) * 0.55)
    segment, best = Segment(x[:end], d[:end], begin), np.inf
    for z in coordinates:
        loop = gs.Loop(filter, **{port: float(z)}, on_divergence="stop", nonfinite=nonfinite)
        score = evaluate(loop, segment, best)
        best = min(best, score.error) if score.status == "done" else best
    return best


@pytest.mark.parametrize("filter", [gs.NLMS(4), gs.LMS(4), gs.RLS(4)], ids=lambda f: type(f).__name__)
def test_one_parameter_reaches_a_fine_grid(record, filter):
    x, d = record
    tuning = gs.tune(filter, x, d)
    port = "forgetting" if isinstance(filter, gs.RLS) else "gain"
    fine = 1 - 1 / np.geomspace(2, 2e4, 200) if port == "forgetting" else np.geomspace(1e-3, 2 if isinstance(filter, gs.NLMS) else 0.3, 200)
    assert tuning.best["error"] <= 1.02 * grid_best(filter, x, d, port, fine)
    assert len(tuning.trials) <= 100 and tuning.status == "done"
    if tuning.baseline["default"] is not None:
        assert tuning.best["error"] <= tuning.baseline["default"]["error"]


def test_same_answer_for_one_and_two_workers_and_again(record):
    pytest.importorskip("joblib")
    first, second, third = (gs.tune(gs.NLMS(4), *record, workers=n) for n in (1, 2, 1))
    assert rows(first) == rows(second) == rows(third)
    assert first.tail == second.tail and first.gain == third.gain


def test_sampled_families_with_one_and_two_workers(record):
    pytest.importorskip("optuna")
    job = {"family": ["exponential", gs.KwongJohnston], "trials": 56, "taps": (2, 4), "seed": 5}
    one, two = (gs.tune(gs.NLMS(8), *record, workers=n, **job) for n in (1, 2))
    assert rows(one) == rows(two)
    assert len(one.rows) <= 56
    assert one.best["error"] <= min(base["error"] for base in one.baseline.values())
    assert sum(one.importance.values()) == pytest.approx(1.0)


@pytest.mark.slow
def test_dask_gives_the_same_answer(record):
    pytest.importorskip("distributed")
    assert rows(gs.tune(gs.NLMS(4), *record, workers="dask", trials=24)) == rows(gs.tune(gs.NLMS(4), *record, workers=1, trials=24))


@pytest.mark.parametrize("family", ["exponential", "cosine", "inverse-time", "kwong-johnston", "idbd", "adam", "one-cycle", "relay"])
def test_families(record, family):
    pytest.importorskip("optuna")
    tuning = gs.tune(gs.NLMS(4), *record, family=family, trials=40)
    tried = [row for row in tuning.rows if row["phase"] == "sample"]
    assert tried and any(row["status"] == "done" for row in tried)
    assert tuning.best["error"] <= tuning.baseline["constant"]["error"]
    assert all(row["params"]["floor"] <= row["params"]["start"] for row in tried if "floor" in row["params"])


def test_every_family_has_a_space(record):
    """From the declarations alone: each family's start builds, and stands within its ranges."""
    import dataclasses

    from gainsched import registry
    from gainsched.tuning.scale import sizes
    from gainsched.tuning.space import dimensions, family_class

    found = dataclasses.replace(sizes(gs.NLMS(4), *record), error=0.1, weight=1.0)
    closed = {"Constant", "Function", "PiecewiseConstant", "PiecewiseLinear", "PiecewiseCosine", "Warmup"}
    for kind in ("schedule", "law"):
        for name in registry.names(kind):
            cls = registry.find(kind, name)
            if name in closed or not cls.__module__.startswith("gainsched"):
                continue
            port = "gain" if kind == "schedule" else cls.ports[0]
            made = dimensions(family_class(name, port), port, found, 100.0 if port == "forgetting" else 0.1)
            for d in made:
                assert d.kind == "choice" or d.low <= d.start <= d.high, (name, d)
            gs.Loop(gs.RLS(4) if port == "forgetting" else gs.NLMS(4), **{port: cls(**{d.name: d.value(d.start) for d in made})})


def cut_after(monkeypatch, batches):
    """Ctrl-C in the batch after so many."""
    from gainsched.tuning.trials import Bench

    plain, calls = Bench.run, []

    def cut(self, *args):
        calls.append(1)
        if len(calls) > batches:
            raise KeyboardInterrupt
        return plain(self, *args)

    monkeypatch.setattr(Bench, "run", cut)


def test_a_storage_that_cannot_be_one_is_refused(record, tmp_path):
    pytest.importorskip("optuna")
    (tmp_path / "text.db").write_text("no database at all, but a text that is long enough to be looked at" * 20)
    for storage in (tmp_path / "nowhere" / "s.db", tmp_path / "text.db", "nosuch://a/b"):
        with pytest.raises(ValueError, match=r"tune: storage must be a sqlite file.*got '"):
            gs.tune(gs.NLMS(4), *record, storage=storage, trials=16)


@pytest.mark.slow
def test_storage_goes_on_as_if_uninterrupted(record, tmp_path, monkeypatch):
    pytest.importorskip("optuna")
    job = {"family": "exponential", "workers": 1, "trials": 33}
    whole = gs.tune(gs.NLMS(4), *record, **job)
    with monkeypatch.context() as patch:
        cut_after(patch, 4)                                  # the default, two batches of constants, one of samples
        assert gs.tune(gs.NLMS(4), *record, storage=tmp_path / "s.db", **job).status == "interrupted"
    resumed = gs.tune(gs.NLMS(4), *record, storage=tmp_path / "s.db", **job)
    assert rows(resumed) == rows(whole)
    with pytest.raises(ValueError, match="another search"):
        gs.tune(gs.NLMS(4), record[0], record[1] + 1, storage=tmp_path / "s.db", **job)


@pytest.mark.slow
def test_more_families_than_a_batch_go_on_as_if_uninterrupted(record, tmp_path, monkeypatch):
    """Each begins where it is the best constant, whichever batch was cut: of ten, two are in the second."""
    pytest.importorskip("optuna")
    x, d = (s[:600] for s in record)
    families = ["exponential", "cosine", "inverse-time", "polynomial", "tanh", "idbd", "adam", "smd", "relay", "harris"]
    job = {"family": families, "workers": 1, "trials": 60}
    whole = gs.tune(gs.NLMS(4), x, d, **job)
    assert [row["family"].lower() for row in whole.rows if row["phase"] == "sample"][:10] == [
        name.replace("-", "") for name in families]
    for batches in (5, 6):                                   # the default, three batches of constants, and one more
        with monkeypatch.context() as patch:
            cut_after(patch, batches - 1)
            assert gs.tune(gs.NLMS(4), x, d, storage=tmp_path / "s.db", **job).status == "interrupted"
    assert rows(gs.tune(gs.NLMS(4), x, d, storage=tmp_path / "s.db", **job)) == rows(whole)


def test_a_storage_belongs_to_its_first_weights(record, tmp_path):
    """To every one of them: of arrays above 1000 numbers a repr shows six."""
    pytest.importorskip("optuna")
    x, d = (s[:600] for s in record)
    w0, other = np.zeros((2, 1001))
    other[500] = 1e-9
    job = {"trials": 2, "workers": 1, "storage": tmp_path / "s.db"}
    first = gs.tune(gs.NLMS(1001), x, d, w0=w0, **job)
    assert rows(gs.tune(gs.NLMS(1001), x, d, w0=w0.tolist(), **job)) == rows(first)
    with pytest.raises(ValueError, match="another search"):
        gs.tune(gs.NLMS(1001), x, d, w0=other, **job)


def test_interruption_keeps_the_best_so_far(record, monkeypatch):
    cut_after(monkeypatch, 3)
    tuning = gs.tune(gs.NLMS(4), *record)
    assert tuning.status == "interrupted" and tuning.gain > 0 and len(tuning.rows) == 17


def test_progress_is_told_where_asked(record, capsys):
    gs.tune(gs.NLMS(4), *record, trials=16)
    assert not capsys.readouterr().err
    gs.tune(gs.NLMS(4), *record, trials=16, progress=True)
    told = capsys.readouterr()
    assert "tuning" in told.err and not told.out


def test_margin_is_met_and_the_front_is_one(record):
    free = gs.tune(gs.NLMS(4), *record, objectives=("error", "margin"))
    front = free.pareto
    assert front["error"].is_monotonic_increasing and front["margin_db"].is_monotonic_increasing and len(front) > 3
    wanted = front["margin_db"].iloc[0] + 3.0
    held = gs.tune(gs.NLMS(4), *record, margin_db=wanted)
    assert held.best["margin_db"] >= wanted - 0.1
    assert held.best["error"] >= free.best["error"]


def test_robust_targets_ignore_outliers(record):
    x, d = record[0], record[1].copy()
    d[::97] += 100.0
    for robust in ("mad", "huber"):
        tuning = gs.tune(gs.NLMS(4), x, d, robust=robust)
        assert tuning.target == robust and tuning.best["error"] < 10


def test_the_tail_warns(record):
    """Validation part drifts fast, the tail stands still in noise: a fast gain does not suit it."""
    rng = np.random.default_rng(0)
    x, v = rng.standard_normal((2, 4000))
    w = np.where(np.arange(4000) < 3400, np.sin(np.arange(4000) / 2), 0.0)
    tuning = gs.tune(gs.NLMS(1), x, w * x + 0.5 * v * (np.arange(4000) >= 3400))
    assert tuning.gain > 0.5 and any("held-out tail" in text for text in tuning.warnings)


def test_a_choice_that_diverges_on_the_tail_is_said(record):
    """A burst that LMF does not bear; and a tail without a sound sample says nothing."""
    x, d = record[0], record[1].copy()
    d[2800:2810] += 100.0
    found = gs.tune(gs.LMF(4), x, d, trials=40)
    assert found.tail == np.inf and "on the held-out tail the choice diverges" in found.warnings
    d[2550:] = np.nan
    assert np.isnan(gs.tune(gs.NLMS(4), x, d, trials=16, nonfinite="skip").tail)


def test_files_pickles_and_print(record, tmp_path):
    tuning = gs.tune(gs.NLMS(4), *record)
    tuning.save(tmp_path / "t.json")
    loaded = gs.Tuning.load(tmp_path / "t.json", *record)
    assert loaded.gain == tuning.gain and rows(loaded) == rows(tuning)
    assert loaded.report.verdict == tuning.report.verdict == "stable"
    assert str(loaded).splitlines()[:4] == str(tuning).splitlines()[:4]
    assert rows(pickle.loads(pickle.dumps(tuning))) == rows(tuning)
    assert "default" in str(tuning) and "Tuning: gain" in repr(tuning)


@pytest.mark.parametrize("w0", [[1.0, -0.5, 0.2, 0.1], [1.0, -0.5j, 0.2, 0.1]], ids=["real", "complex"])
def test_a_loaded_loop_starts_where_the_saved_one_does(record, tmp_path, w0):
    x, d = record
    tuning = gs.tune(gs.NLMS(4), x, d, trials=16, w0=w0, limit=1e5)
    tuning.save(tmp_path / "t.json")
    loaded = gs.Tuning.load(tmp_path / "t.json")
    saved, again = tuning.loop.__getstate__(), loaded.loop.__getstate__()
    assert again["limit"] == saved["limit"] == 1e5 and np.array_equal(again["w0"], w0)
    assert np.array_equal(loaded.loop.run(x, d).e, tuning.loop.run(x, d).e)


@pytest.mark.parametrize(("arguments", "said"), [
    ({"family": "nonsense"}, "nonsense"), ({"family": "function"}, "parameters with a range"),
    ({"family": gs.Fortescue}, "forgetting"), ({"validation": 1.2}, "validation"), ({"trials": 0}, "trials"),
    ({"ports": ("forgetting",)}, "ports"), ({"robust": "mean"}, "robust"), ({"workers": 0}, "workers"),
    ({"objectives": ("margin",)}, "objectives"), ({"margin_db": -1}, "margin_db"), ({"orders": [(2, 2)]}, "orders"),
])
def test_refusals_name_the_argument(record, arguments, said):
    with pytest.raises((ValueError, TypeError), match=said):
        gs.tune(gs.NLMS(4), *record, **arguments)


def test_gaps_and_short_records(record):
    x, d = record[0].copy(), record[1]
    x[100] = np.nan
    with pytest.raises(ValueError, match="100"):
        gs.tune(gs.NLMS(4), x, d)
    assert gs.tune(gs.NLMS(4), x, d, nonfinite="skip").status == "done"
    with pytest.raises(ValueError, match="samples"):
        gs.tune(gs.NLMS(4), x[200:260], d[200:260])


def test_absent_extra_is_refused(record, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "gainsched\[tune\]"'):
        gs.tune(gs.NLMS(4), *record, family="exponential")
    assert search.tune(gs.NLMS(4), *record, trials=16).status == "done"


@pytest.mark.parametrize("filter", [
    gs.SignErrorLMS(4), gs.SignDataLMS(4), gs.SignSignLMS(4), gs.LMF(4), gs.APA(4), gs.LeakyLMS(4), gs.DelayedLMS(4),
    gs.BlockLMS(4), gs.FxLMS(4, secondary=[0.0, 1.0, 0.5])], ids=lambda f: type(f).__name__)
def test_every_filter_has_a_range(filter):
    """Best gains lie inside what is searched, whether theory has a bound or not."""
    rng = np.random.default_rng(0)
    x, v = rng.standard_normal((2, 2000))
    tuning = gs.tune(filter, x, np.convolve(x, [0.0, 1.0, 0.2])[:2000] + 0.2 * v)
    assert tuning.status == "done" and not any("edge" in text for text in tuning.warnings)


@pytest.mark.parametrize("filter", [gs.SignErrorLMS(4), gs.SignDataLMS(4), gs.SignSignLMS(4), gs.LMF(4), gs.LMS(4)],
                         ids=lambda f: type(f).__name__)
def test_units_of_the_record_do_not_matter(filter):
    """Powers of two: the same search to the last bits, in the gain's own unit."""
    rng = np.random.default_rng(0)
    x, v = rng.standard_normal((2, 2000))
    d = np.convolve(x, [1.0, 0.5, -0.3])[:2000] + 0.2 * v
    one = gs.tune(filter, x, d, trials=40)
    for sx, sd in ((2.0**-10, 2.0**10), (2.0**10, 1.0), (1.0, 2.0**-20)):
        other = gs.tune(filter, sx * x, sd * d, trials=40)
        assert other.best["error"] == pytest.approx(sd * one.best["error"], rel=1e-3)


def test_complex_records_several_filters_and_two_ports(record):
    x, d = record
    assert gs.tune(gs.NLMS(4), x * (1 + 1j), d * (1 - 1j)).gain > 0
    mixed = gs.tune([gs.NLMS(4), gs.RLS(4), gs.LMS(4)], x, d, trials=48)
    assert {row["filter"] for row in mixed.rows} == {"NLMS(FIR(4))", "RLS(FIR(4))", "LMS(FIR(4))"}
    pytest.importorskip("optuna")
    both = gs.tune(gs.RLS(4), x, d, ports=("gain", "forgetting"), trials=48)
    assert set(both.gain) == {"gain", "forgetting"}
    assert both.best["error"] <= both.baseline["default"]["error"]


@pytest.mark.parametrize("kind", ["slice", "contour", "parallel", "learning", "pareto"])
def test_plots_are_drawn(record, kind):
    import matplotlib as mpl

    mpl.use("Agg")
    pytest.importorskip("optuna")
    tuning = gs.tune(gs.NLMS(4), *record, family="exponential", trials=40, objectives=("error", "margin"))
    ax = tuning.plot(kind)
    assert ax.get_xlabel() and (ax.lines or ax.collections)


# -- real recordings -------------------------------------------------------------------------------------------


def standardized(x, d):
    half = len(d) // 2
    return tuple((s - s[:half].mean()) / s[:half].std() for s in (x, d))


def jobs():
    yield "glucose", gs.NLMS(gs.FIR(1, channels=2)), None
    for name, columns, model in [("dryer.dat", ("0", "1"), gs.ARX(2, 2, 3)), ("heating_system.dat", ("1", "2"), gs.ARX(2, 2, 1)),
                                 ("sinal4_multiseno_malha_fechada.csv", ("Controle_u", "Saida_y"), gs.ARX(4, 4, 1)),
                                 ("randomStepSequence.mat", ("u", "y"), gs.ARX(4, 4, 1))]:
        yield name, gs.NLMS(model, eps=1e-3), columns
        yield name, gs.RLS(model, delta=1e3), columns
    yield "pyaec_x.wav", gs.NLMS(256, eps=1e-3), None
    yield "xmas.wav", gs.NLMS(256, eps=1e-3), None


def signals(name, columns):
    if name == "glucose":
        pytest.importorskip("bokeh_sampledata")
        path = importlib.resources.files("bokeh_sampledata") / "_data" / "CGM.csv.gz"
        found = gs.read(str(path), input="isig,1", output="glucose")
        return found.x / [20, 1], found.d
    if not (SHARED / name).exists():
        pytest.skip(f"{name} is not at hand")
    if name == "pyaec_x.wav":
        return gs.read(SHARED / name, "0").x, gs.read(SHARED / "pyaec_d.wav", "0").x
    if name == "xmas.wav":
        speech, room = (np.asarray(gs.read(SHARED / n, "0").x).reshape(-1) for n in (name, "rir_clap.wav"))
        return speech, np.convolve(speech, room)[:len(speech)]
    found = gs.read(SHARED / name, *columns)
    return standardized(found.x, found.d)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "filter", "columns"), list(jobs()), ids=lambda v: v if isinstance(v, str) else type(v).__name__)
def test_recordings(name, filter, columns):
    """With defaults: never worse than the default gain, within 2 % of a 2000-point grid, the same answer again."""
    x, d = signals(name, columns)
    tuning = gs.tune(filter, x, d, nonfinite="skip")
    assert len(tuning.rows) <= 100
    assert tuning.best["error"] <= tuning.baseline["default"]["error"]
    port = tuning.ports[0]
    samples = round(len(x) * 0.85)
    grid = np.geomspace(2.0 / samples, 2.0, 2000) if port == "gain" else 1 - 1 / np.geomspace(2, 10 * samples, 2000)
    assert tuning.best["error"] <= 1.02 * grid_best(filter, x, d, port, grid, "skip")
    if name == "dryer.dat":
        assert rows(gs.tune(filter, x, d, nonfinite="skip")) == rows(tuning)
