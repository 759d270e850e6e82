"""Ensembles: the same trials however they are cut, means that a plain loop gives, and theory within their confidence."""

from __future__ import annotations

import pickle
import sys
import warnings
from dataclasses import dataclass

import numpy as np
import pytest

import gainsched as gs
from gainsched.strict import strict

INDEPENDENT = gs.scenarios.Identification(4, samples=2000, snr_db=20, color=0.7, regressors="independent")
SHORT = gs.scenarios.Identification(3, samples=300, snr_db=20, color=0.5)


def same(a, b):
    """Two ensembles to the last bit."""
    assert a.curves.keys() == b.curves.keys()
    for kind in a.curves:
        assert np.array_equal(a.curves[kind], b.curves[kind], equal_nan=True)
        assert np.array_equal(a.trial_steady[kind], b.trial_steady[kind], equal_nan=True)
        assert np.array_equal(a.mean(kind), b.mean(kind), equal_nan=True)
    assert np.array_equal(a.stopped_at, b.stopped_at)


def test_mean_is_that_of_a_plain_loop():
    trials, T = 6, SHORT.samples
    errors, excess, distance = [], [], []
    for i in range(trials):
        trial = SHORT.trial(i, seed=3)
        w, u = np.zeros(3), np.zeros(3)
        e, away = np.empty(T), np.empty(T)
        for k in range(T):
            u = np.concatenate([trial.x[k:k + 1], u[:-1]])
            e[k] = trial.d[k] - w @ u
            w = w + 0.05 * e[k] * u
            away[k] = np.sum((trial.weights - w) ** 2)
        errors.append(e**2)
        excess.append((e - trial.noise) ** 2)
        distance.append(away)
    found = gs.monte_carlo(gs.Loop(gs.LMS(3), gain=0.05), SHORT, trials=trials, seed=3)
    assert found.every == 1 and np.array_equal(found.at["mse"], np.arange(T))
    for kind, rows in (("mse", errors), ("emse", excess), ("msd", distance)):
        np.testing.assert_allclose(found.mean(kind), np.mean(rows, axis=0), rtol=1e-9)     # rounding of 300 updates
        quarter = np.mean([row[T * 3 // 4 - (kind == "msd"):] for row in rows])            # msd[k] is after sample k + 1
        assert found.steady_state(kind).value == pytest.approx(quarter, rel=1e-9)


@pytest.mark.parametrize("filter", [gs.LMS(gs.FIR(taps=1, channels=4)), gs.NLMS(gs.FIR(taps=1, channels=4))])
def test_band_covers_the_predicted_excess(filter):
    """Independent regressors: theory is exact, so that a 99.9 % interval misses one seed in a thousand."""
    loop = gs.Loop(filter, gain=0.05)
    found = gs.monte_carlo(loop, INDEPENDENT, trials=150)
    report = gs.analyze(loop, INDEPENDENT.excitation(4))
    assert found.steady_state(level=0.999).covers(report.emse), (found.steady, report.emse)
    assert found.steady_state("msd", level=0.999).covers(report.msd)
    assert found.agrees(report)
    assert not found.agrees(gs.analyze(gs.Loop(filter, gain=0.1), INDEPENDENT.excitation(4)))


def test_intervals_hold_the_expectation_at_their_level():
    """150 repeats, in which .95 shows within .05 (three standard errors); bands of single samples are optimistic."""
    scenario = gs.scenarios.Identification(3, samples=200, snr_db=10, color=0.5, regressors="independent")
    loop = gs.Loop(gs.LMS(gs.FIR(taps=1, channels=3)), gain=0.05)
    predicted = gs.analyze(loop, scenario.excitation(3)).learning_curve(200) - scenario.noise_power
    held, inside = [], []
    for seed in range(150):
        found = gs.monte_carlo(loop, scenario, trials=40, seed=seed)
        low, high = found.band("emse")
        inside.append(np.mean((low <= predicted) & (predicted <= high)))
        held.append(found.steady.covers(predicted[150:].mean()))
    assert np.mean(held) == pytest.approx(0.95, abs=0.055)
    assert np.mean(inside) == pytest.approx(0.86, abs=0.02)


def test_tracking_optimum():
    """The gain of least EMSE that theory names is one: twice and half of it are worse, and its EMSE is the predicted."""
    scenario = gs.scenarios.Tracking(4, drift=1e-4, noise=0.01, samples=3000, regressors="independent")
    filter = gs.LMS(gs.FIR(taps=1, channels=4))
    best = gs.tracking(filter, scenario.excitation(4))
    steady = [gs.monte_carlo(gs.Loop(filter, gain=factor * best.mu_opt), scenario, trials=60).steady_state(level=0.999)
              for factor in (0.4, 1.0, 1.9)]
    assert steady[1].covers(best.emse)
    assert steady[1].high < min(steady[0].low, steady[2].low)


@pytest.mark.parametrize("batch", [1, 2, 5, 12])
def test_any_batch_gives_the_same_bits(batch):
    loop = gs.Loop(gs.NLMS(3))
    same(gs.monte_carlo(loop, SHORT, trials=12), gs.monte_carlo(loop, SHORT, trials=12, batch=batch))


def test_two_processes_give_the_same_bits():
    loop = gs.Loop(gs.RLS(3), forgetting=0.99)
    same(gs.monte_carlo(loop, SHORT, trials=12), gs.monte_carlo(loop, SHORT, trials=12, workers=2))


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bits():
    """The cluster of one's own, or one made for the work; neither says a word when it ends."""
    distributed = pytest.importorskip("distributed")
    loop = gs.Loop(gs.NLMS(3))
    alone = gs.monte_carlo(loop, SHORT, trials=12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same(alone, gs.monte_carlo(loop, SHORT, trials=12, workers="dask"))
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster, \
                distributed.Client(cluster) as client:
            same(alone, gs.monte_carlo(loop, SHORT, trials=12, workers="dask"))
            assert client.status == "running"


@pytest.mark.parametrize(("workers", "module", "extra"), [(2, "joblib", "tune"), ("dask", "distributed", "cluster")])
def test_an_absent_extra_is_refused_with_the_line_to_type(workers, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf'pip install "gainsched\[{extra}\]"'):
        gs.monte_carlo(gs.Loop(gs.NLMS(3)), SHORT, trials=4, workers=workers)


def test_a_seed_decides_everything():
    loop = gs.Loop(gs.NLMS(3))
    one, again, other = (gs.monte_carlo(loop, SHORT, trials=4, seed=seed) for seed in (1, 1, 2))
    same(one, again)
    assert not np.array_equal(one.mean(), other.mean())
    more = gs.monte_carlo(loop, SHORT, trials=9, seed=1)
    assert np.array_equal(more.curves["mse"][:4], one.curves["mse"])
    assert loop.n == 0 and not loop.w.any()


def test_a_loop_that_has_run_goes_on_from_there():
    loop = gs.Loop(gs.LMS(3), gain=gs.InverseTime(0.1, 0.01))
    trial = SHORT.trial(100)
    loop.run(trial.x[:77], trial.d[:77])
    found = gs.monte_carlo(loop, SHORT, trials=3)
    twin = pickle.loads(pickle.dumps(loop))
    run = twin.run(SHORT.trial(0).x, SHORT.trial(0).d)
    assert np.array_equal(found.curves["mse"][0], run.e**2)
    assert loop.n == 77


def test_interruption_keeps_the_trials_so_far(monkeypatch, capsys):
    """Ctrl-C in the third batch leaves two, as if no more had been asked for; in the first there is nothing to keep."""
    from gainsched.tuning import montecarlo

    loop, plain = gs.Loop(gs.NLMS(3)), montecarlo.run_trials

    def cut_at(first):
        def cut(*given):
            if given[-1].start >= first:
                raise KeyboardInterrupt
            return plain(*given)
        return cut

    monkeypatch.setattr(montecarlo, "run_trials", cut_at(8))
    found = gs.monte_carlo(loop, SHORT, trials=12, batch=4, progress=True)
    assert found.status == "interrupted" and "interrupted" in repr(found)
    assert "trials" in capsys.readouterr().err
    monkeypatch.setattr(montecarlo, "run_trials", cut_at(0))
    with pytest.raises(KeyboardInterrupt):
        gs.monte_carlo(loop, SHORT, trials=12, batch=4)
    assert not capsys.readouterr().err
    monkeypatch.undo()
    same(found, gs.monte_carlo(loop, SHORT, trials=8))


def test_divergence_is_counted_and_left_out():
    scenario = gs.scenarios.Identification(3, samples=400)
    loop = gs.Loop(gs.LMS(3), gain=0.65)
    found = gs.monte_carlo(loop, scenario, trials=30)
    assert 0 < found.diverged < 30                                          # beyond the mean-square bound, 2/5, not in every trial
    runs = [pickle.loads(pickle.dumps(gs.Loop(gs.LMS(3), gain=0.65, on_divergence="stop"))).run(t.x, t.d)
            for t in map(scenario.trial, range(30))]
    assert [run.stopped_at for run in runs] == [None if k < 0 else k for k in found.stopped_at.tolist()]
    assert np.isfinite(found.mean()).all() and found.steady.trials == 30 - found.diverged
    assert np.array_equal(np.isnan(found.trial_steady["mse"]), found.stopped_at >= 0)
    all_of_them = gs.monte_carlo(gs.Loop(gs.LMS(3), gain=5.0), scenario, trials=3)
    assert all_of_them.diverged == 3 and np.isnan(all_of_them.steady.value) and "3 diverged" in str(all_of_them)
    strict(all_of_them.to_dict())


def test_result_prints_plots_and_pickles():
    found = gs.monte_carlo(gs.Loop(gs.NLMS(3)), SHORT, trials=5)
    assert str(found).splitlines()[0] == "Ensemble of NLMS(FIR(3)), 5 trials of Identification, 0 diverged"
    assert "steady EMSE" in str(found)
    ax = found.plot(report=gs.analyze(found.loop, SHORT.excitation(3)))
    assert len(ax.lines) == 2 and len(ax.collections) == 1
    for kind in found.curves:
        measured, predicted = (line.get_ydata() for line in found.plot(kind, report=gs.analyze(
            found.loop, SHORT.excitation(3))).lines)
        assert abs(np.mean(measured[-50:]) - np.mean(predicted[-50:])) < 4             # dB, means of five trials
    same(pickle.loads(pickle.dumps(found)), found)
    assert strict(found.to_dict()) == found.to_dict()
    low, high = found.band("mse", level=0.9)
    assert (low <= found.mean("mse")).all() and (found.mean("mse") <= high).all()


@pytest.mark.parametrize(("arguments", "words"), [
    ({"trials": 1}, "trials must be an integer >= 2, got 1"),
    ({"seed": -1}, "seed must be an integer >= 0, got -1"),
    ({"batch": 0}, "batch must be an integer >= 1, got 0"),
    ({"workers": 0}, "workers must be an integer >= 1"),
    ({"workers": "spark"}, "workers must be an integer >= 1"),
    ({"loop": gs.Loop(gs.NLMS(gs.FIR(4, channels=2)))}, "channels of the filter must be 1"),
    ({"scenario": 3}, "must be a Scenario"),
    ({"loop": gs.NLMS(3)}, "must be a Loop"),
])
def test_refusals_name_what_and_why(arguments, words):
    given = {"loop": gs.Loop(gs.NLMS(3)), "scenario": SHORT, "trials": 3, **arguments}
    with pytest.raises((ValueError, TypeError), match=words):
        gs.monte_carlo(**given)
    found = gs.monte_carlo(gs.Loop(gs.NLMS(3)), SHORT, trials=2)
    with pytest.raises(ValueError, match="kind must be one of"):
        found.mean("power")
    with pytest.raises(ValueError, match="windows must be an integer >= 1, got 2.5"):
        found.against(gs.analyze(found.loop, SHORT.excitation(3)), windows=2.5)


@pytest.mark.parametrize("scenario", [gs.scenarios.Equalizing(snr_db=20), gs.scenarios.Equalizing(snr_db=20, symbols="qam16")],
                         ids=["bpsk", "qam16"])
def test_equalizer_s_error_is_near_its_prediction(scenario):
    """Neither Gaussian nor independent: within 3 %, where 60 trials show 1 % (real) and 1 % (complex)."""
    loop = gs.Loop(gs.NLMS(11), gain=0.1)
    found = gs.monte_carlo(loop, scenario, trials=60)
    report = gs.analyze(loop, scenario.excitation(11))
    assert found.kind == "mse"
    assert found.steady.value == pytest.approx(report.noise + report.emse, rel=0.03)


def test_taps_that_a_filter_lacks_are_part_of_its_excess():
    scenario = gs.scenarios.Identification([1.0, 0.5, 0.4], samples=4000, snr_db=30)
    loop = gs.Loop(gs.LMS(2), gain=0.01)
    found = gs.monte_carlo(loop, scenario, trials=60)
    assert "msd" not in found.curves
    assert found.steady.value == pytest.approx(0.16, rel=0.05)                  # the third tap's echo of white input
    assert found.agrees(gs.analyze(loop, scenario.excitation(2)))


def test_a_scenario_of_one_s_own():
    found = gs.monte_carlo(gs.Loop(gs.NLMS(2)), Copy(), trials=4)
    assert found.kind == "mse" and found.steady.value < 1e-9


@dataclass(frozen=True)
class Copy(gs.scenarios.Scenario):
    """The output is the input."""

    samples: int = 500

    def draw(self, rng):
        x = rng.standard_normal(self.samples)
        return gs.scenarios.Trial(x, x)
