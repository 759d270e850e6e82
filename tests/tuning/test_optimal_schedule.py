"""Optimal schedules against theory, grids, finite differences and Monte Carlo."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.linalg import toeplitz

import gainsched as gs
from gainsched.tuning.families import families
from gainsched.tuning.optimum import objective
from gainsched.tuning.powers import Powers

T = 2000
WHITE = gs.Excitation(1.0, noise=0.01)
COLORED = gs.Excitation(toeplitz(0.7 ** np.arange(8)), noise=0.01)


def final_db(filter, exc, gain, steps=T):
    port = "forgetting" if isinstance(filter, gs.RLS) else "gain"
    report = gs.analyze(gs.Loop(filter, **{port: gain}), exc)
    return 10 * np.log10(report.learning_curve(steps + 1, kind="msd")[-1])


@pytest.fixture(scope="module")
def end():
    return gs.optimal_schedule(gs.LMS(8), COLORED, T, horizon="end")


def test_white_input_reaches_rls():
    """Within .3 dB of RLS theory, -44.0 dB."""
    schedule = gs.optimal_schedule(gs.LMS(8), WHITE, T)
    rls = final_db(gs.RLS(8), WHITE, 1.0)
    assert rls == pytest.approx(-44.0, abs=0.05)
    assert rls < final_db(gs.LMS(8), WHITE, schedule) < rls + 0.3


def test_white_input_reaches_rls_by_run():
    """On a real delay line: 1500 records; the standard error of their mean MSD is .06 dB."""
    schedule, rng = gs.optimal_schedule(gs.LMS(8), WHITE, T), np.random.default_rng(0)
    w = rng.standard_normal((1500, 8)) / np.sqrt(8)
    X = rng.standard_normal((1500, T))
    D = np.array([np.convolve(x, h)[:T] for x, h in zip(X, w, strict=True)]) + 0.1 * rng.standard_normal((1500, T))
    runs = gs.Loop(gs.LMS(8), gain=schedule).run_many(X, D)
    msd = np.mean([np.sum((run.w - h) ** 2) for run, h in zip(runs, w, strict=True)])
    assert 10 * np.log10(msd) < final_db(gs.RLS(8), WHITE, 1.0) + 0.3


def test_colored_input_needs_the_end(end):
    greedy = gs.optimal_schedule(gs.LMS(8), COLORED, T)
    found = final_db(gs.LMS(8), COLORED, end)
    assert found <= -38.0
    assert final_db(gs.LMS(8), COLORED, greedy) == pytest.approx(-34.7, abs=0.2)       # myopic
    assert found < final_db(gs.LMS(8), COLORED, gs.Exponential(0.08, np.exp(-1 / 300)) + 0.002)
    assert found > final_db(gs.RLS(8), COLORED, 1.0)


def test_greedy_is_the_closed_form():
    """Knots within .1 % of the exact gains; each of them no worse than its neighbors for the next MSD."""
    powers = Powers.of(gs.LMS(8), COLORED, 1.0)
    exact = powers.greedy(T)
    found = gs.optimal_schedule(gs.LMS(8), COLORED, T)
    np.testing.assert_allclose(found(np.arange(T)), exact, rtol=1.001e-3)
    assert len(found.knots) < 150
    for k in (0, 5, 300):
        row = np.repeat(exact[None, : k + 1], 3, axis=0)
        row[1:, k] *= [0.99, 1.01]
        last = powers.curves(row)[:, -1]
        assert last[0] < last[1:].min()
    msd = powers.curves(np.stack([exact, found(np.arange(T))]))[:, -1]
    assert abs(10 * np.log10(msd[1] / msd[0])) < 0.01


def test_greedy_white_formula():
    mu = Powers.of(gs.LMS(8), gs.Excitation(2.0, noise=0.01), 1.0).greedy(1)[0]
    assert mu == pytest.approx(2.0 / (10 * 4 + 8 * 0.01 * 2), rel=1e-12)


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.NLMS(4)])
@pytest.mark.parametrize("horizon", ["greedy", "end"])
def test_gradient_against_finite_differences(filter, horizon):
    exc = gs.Excitation(np.diag([2.0, 1.0, 0.5, 0.2]), noise=0.02, drift=1e-5)
    powers, weights = Powers.of(filter, exc, 1.0), objective(horizon, 30)
    gains = np.random.default_rng(1).uniform(0.01, 0.1, 30)
    value, grad = powers.slope(gains, weights)
    assert value == pytest.approx(powers.values(gains[None], weights)[0], rel=1e-12)
    step = 1e-6 * np.eye(30)
    numeric = (powers.values(gains + step, weights) - powers.values(gains - step, weights)) / 2e-6
    np.testing.assert_allclose(grad, numeric, rtol=1e-6, atol=1e-8)


def test_curves_are_those_of_the_report(end):
    curve = gs.analyze(gs.Loop(gs.LMS(8), gain=end), COLORED).learning_curve(T + 1, kind="msd")
    np.testing.assert_allclose(Powers.of(gs.LMS(8), COLORED, 1.0).curves(end(np.arange(T))[None])[0], curve, rtol=1e-9)


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.NLMS(4)])
@pytest.mark.parametrize(("color", "steps", "drift"), [(0.0, 300, None), (0.9, 300, None), (0.6, 40, 1e-5)])
def test_never_worse_than_grids(filter, color, steps, drift):
    exc = gs.Excitation(toeplitz(color ** np.arange(4)), noise=0.1, drift=drift)
    powers = Powers.of(filter, exc, 1.0)
    k = np.arange(steps)
    starts = np.geomspace(1e-3, 1.0, 25)[:, None] * powers.high
    grid = np.concatenate([starts + 0.0 * k, *(starts / (1 + d * k) for d in np.geomspace(1e-3, 3, 12))])
    found = gs.optimal_schedule(filter, exc, steps, horizon="end")
    last = powers.curves(np.concatenate([found(k)[None], grid]))[:, -1]
    assert last[0] <= last[1:].min() * (1 + 1e-9)
    if color == 0:
        assert powers.curves(gs.optimal_schedule(filter, exc, steps)(k)[None])[0, -1] <= last[1:].min()


@pytest.mark.parametrize("filter", [gs.LMS(8), gs.NLMS(8)])
def test_drift_settles_at_the_tracking_optimum(filter):
    exc = gs.Excitation(1.0, noise=0.01, drift=1e-7)
    schedule, best = gs.optimal_schedule(filter, exc, 6000), gs.tracking(filter, exc)
    assert schedule.limit == pytest.approx(best.mu_opt, rel=5e-3)
    assert gs.analyze(gs.Loop(filter, gain=schedule), exc).emse == pytest.approx(best.emse, rel=1e-4)


def test_forgetting():
    still = gs.optimal_schedule(gs.RLS(8), WHITE, T)
    assert still == gs.Constant(1.0)
    exc = gs.Excitation(1.0, noise=0.01, drift=1e-7)
    schedule = gs.optimal_schedule(gs.RLS(8), exc, 4000)
    assert schedule(0) == 1.0
    assert schedule.limit == pytest.approx(gs.tracking(gs.RLS(8), exc).forgetting_opt, abs=2e-5)
    best = final_db(gs.RLS(8), exc, schedule, 300)
    grid = [final_db(gs.RLS(8), exc, 1.0 - loss, 300) for loss in np.geomspace(1e-4, 0.05, 20)]
    assert best <= min(grid) + 0.01                               # scatter of the sums, neglected: .01 dB
    constant = gs.optimal_schedule(gs.RLS(8), exc, 300, family="constant")
    assert isinstance(constant, gs.Constant)
    assert final_db(gs.RLS(8), exc, constant, 300) <= min(grid) + 1e-6


@pytest.mark.parametrize("family", list(families(1.0, 10)))
def test_families(family):
    """Never worse than nearby members, and never better than the free optimum."""
    steps = 300
    exc = gs.Excitation(toeplitz(0.6 ** np.arange(4)), noise=0.1)
    powers, weights = Powers.of(gs.LMS(4), exc, 1.0), objective("end", steps)
    member = gs.optimal_schedule(gs.LMS(4), exc, steps, horizon="end", family=family)
    assert isinstance(member, getattr(gs, family))
    free = gs.optimal_schedule(gs.LMS(4), exc, steps, horizon="end")
    best, overall = powers.values(np.stack([member.between(0, steps), free.between(0, steps)]), weights)
    assert overall <= best + 1e-9
    scaled = powers.values(np.stack([0.97 * member.between(0, steps), 1.03 * member.between(0, steps)]), weights)
    assert best <= scaled.min() + 1e-9


@pytest.mark.parametrize(("modes", "steps"), [([5.0, 0.1], 300), ([8.0, 0.5], 60)])
def test_families_leave_the_valley_of_the_constants(modes, steps):
    """Noise of ten times the input: no floor but the start's own is best nearby, and .6 dB worse than none."""
    exc = gs.Excitation(np.diag(modes), noise=10.0)
    powers = Powers.of(gs.LMS(2), exc, 1.0)
    member = gs.optimal_schedule(gs.LMS(2), exc, steps, horizon="end", family="exponential")
    grid = [gs.Exponential(start, rate, every=float(steps - 1), floor=share * start).between(0, steps)
            for start in np.geomspace(1e-3, 0.99, 15) * powers.high for rate in np.geomspace(1e-5, 1, 9)
            for share in (1e-6, 0.01, 0.1, 0.3)]
    last = powers.curves(np.stack([member.between(0, steps), *grid]))[:, -1]
    assert last[0] <= last[1:].min()


@pytest.mark.parametrize("family", list(families(1.0, 10)))
def test_families_of_one_sample_and_of_nothing_to_learn(family):
    """One sample asks for the greedy gain, whatever falls after it; weights that are there already, for a schedule."""
    member = gs.optimal_schedule(gs.LMS(8), COLORED, 1, family=family)
    assert member(0) == pytest.approx(gs.optimal_schedule(gs.LMS(8), COLORED, 1)(0), rel=1e-2)     # flat around it
    still = gs.Excitation(COLORED.R, noise=0.0)
    for horizon in ("greedy", "end"):
        assert np.isfinite(gs.optimal_schedule(gs.LMS(8), still, 20, 0.0, horizon, family).between(0, 20)).all()


def test_a_family_by_class_and_along_the_way():
    way = gs.optimal_schedule(gs.LMS(8), WHITE, 500, family=gs.InverseTime)
    end = gs.optimal_schedule(gs.LMS(8), WHITE, 500, family="inverse-time", horizon="end")
    powers, weights = Powers.of(gs.LMS(8), WHITE, 1.0), objective("greedy", 500)
    found = powers.values(np.stack([way.between(0, 500), end.between(0, 500)]), weights)
    assert found[0] <= found[1]


def test_certified_and_inside_the_range(end):
    for exc, schedule in ((COLORED, end), (WHITE, gs.optimal_schedule(gs.LMS(8), WHITE, T))):
        report = gs.analyze(gs.Loop(gs.LMS(8), gain=schedule), exc)
        assert report.verdict == "stable"
        assert 0 < schedule(np.arange(T)).min() <= schedule(np.arange(T)).max() < report.range[1]
        assert gs.certify(schedule, modes=(exc.modes.min(), exc.modes.max())).verdict == "stable"


def test_projection():
    """Error left in the weakest modes alone, no noise: the vertex lies beyond the stable range."""
    exc = gs.Excitation(np.diag([1.0, 1e-3]), noise=0.0, w_opt=[0.0, 1.0])
    schedule = gs.optimal_schedule(gs.LMS(2), exc, 50)
    assert schedule(0) < gs.analyze(gs.Loop(gs.LMS(2), gain=0.1), exc).range[1] <= schedule(0) * 1.001


def test_the_optimum_is_flat(end):
    """The figures on the page: some 45 knots; all gains a tenth off cost less than .07 dB."""
    assert 40 <= len(end.knots) <= 50
    for exc, schedule in ((COLORED, end), (WHITE, gs.optimal_schedule(gs.LMS(8), WHITE, T))):
        best = final_db(gs.LMS(8), exc, schedule)
        off = [final_db(gs.LMS(8), exc, factor * schedule) - best for factor in (0.9, 1.1)]
        assert 0 < min(off) <= max(off) < 0.07


def test_a_plain_schedule(end, tmp_path):
    for schedule in (end, gs.optimal_schedule(gs.LMS(8), WHITE, T), gs.optimal_schedule(gs.LMS(2), WHITE, 1)):
        assert eval(repr(schedule), vars(gs) | {name: getattr(gs, name) for name in gs.__all__}) == schedule
        assert gs.Schedule.from_dict(schedule.to_dict()) == schedule
        assert pickle.loads(pickle.dumps(schedule)) == schedule
    loop = gs.Loop(gs.LMS(8), gain=end)
    loop.save(tmp_path / "s.npz")
    assert gs.Loop.load(tmp_path / "s.npz").gain == end


def test_complex_and_dead_modes():
    exc = gs.Excitation(np.array([[1.0, 0.5j], [-0.5j, 1.0]]), noise=0.01)
    assert gs.optimal_schedule(gs.LMS(2), exc, 100)(99) > 0
    dead = gs.Excitation(np.diag([1.0, 0.0]), noise=0.01)
    assert gs.optimal_schedule(gs.LMS(2), dead, 100, horizon="end")(99) > 0


@pytest.mark.parametrize(("filter", "exc"), [
    (gs.DelayedLMS(4, delay=2), WHITE), (gs.BlockLMS(4, block=4), WHITE), (gs.SignErrorLMS(4), WHITE),
    (gs.LMS(2), gs.Excitation(0.0)), (gs.NLMS(2, eps=0.0), WHITE),
    (gs.RLS(2), gs.Excitation(np.diag([1.0, 0.0]))), (gs.RLS(2), gs.Excitation(1.0, noise=0.0, drift=1e-6))])
def test_no_theory(filter, exc):
    with pytest.raises(gs.NoTheory):
        gs.optimal_schedule(filter, exc, 100)


def test_forgetting_of_other_families_has_no_theory():
    with pytest.raises(gs.NoTheory, match="Constant"):
        gs.optimal_schedule(gs.RLS(8), WHITE, 100, family="cosine")


@pytest.mark.parametrize("n", [1, 2, 8])
def test_weights_that_hardly_walk_are_hardly_forgotten(n):
    """Least squares of all samples is the best linear estimate: from where theory says so on, and not before."""
    exc = gs.Excitation(1.0, noise=0.01, drift=1e-12)
    assert n * (1.0 - gs.optimal_schedule(gs.RLS(n), exc, 4 * n, family="constant").value) < 1e-4
    with pytest.raises(gs.NoTheory, match=f"steps must be >= {4 * n}"):
        gs.optimal_schedule(gs.RLS(n), exc, 4 * n - 1, family="constant")


def test_a_limit_of_ones_own():
    found = gs.optimal_schedule(gs.LMS(8), COLORED, 300, horizon="end", high=0.02)
    assert found(np.arange(300)).max() <= 0.02
    assert gs.optimal_schedule(gs.LMS(8), COLORED, 300, high=0.02)(0) == pytest.approx(0.02)


@pytest.mark.parametrize(("change", "error", "words"), [
    ({"high": -1.0}, ValueError, "high"), ({"filter": gs.RLS(4), "high": 0.1}, ValueError, "high"),
    ({"steps": 0}, ValueError, "steps"), ({"steps": 1.5}, ValueError, "steps"), ({"w_opt_power": -1.0}, ValueError, "w_opt_power"),
    ({"horizon": "last"}, ValueError, "greedy"), ({"family": "spline"}, ValueError, "Cosine"),
    ({"filter": "lms"}, TypeError, "filter"), ({"exc": 1.0}, TypeError, "Excitation")])
def test_refusals(change, error, words):
    with pytest.raises(error, match=words):
        gs.optimal_schedule(**{"filter": gs.LMS(4), "exc": WHITE, "steps": 10, **change})
