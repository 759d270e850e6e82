"""Descent on any objective: the textbook recursions, exact cuts, clear refusals, and a report that predicts."""

from __future__ import annotations

import json
import pickle
import types

import numpy as np
import pytest

import gainsched as gs
from gainsched import registry
from gainsched.gains import base
from gainsched.param import param

VALLEY = np.array([1.0, 10.0])


def slope(w):
    return VALLEY * w


def height(w):
    return float(0.5 * np.sum(VALLEY * w**2))


def noisy(w, k):
    return VALLEY * w + 0.1 * np.random.default_rng([3, k]).standard_normal(2)


def textbook(gain, steps, w0=(1.0, 1.0), gradient=lambda w, k: slope(w)):
    w = np.array(w0)
    for k in range(steps):
        w = w - gain(k) * gradient(w, k)
    return w


# -- the recursion -----------------------------------------------------------------------------------------------------


def test_correction_is_exactly_minus_the_gradient():
    """A gain that is a power of two rounds once, in the addition alone."""
    for value in (None, height):
        run = gs.Descent(slope, [1.0, 1.0], value, gain=0.125).run(40)
        np.testing.assert_array_equal(run.w, textbook(lambda k: 0.125, 40))


@pytest.mark.parametrize("gain", [0.07, gs.Cosine(0.15, 0.01, 80), np.geomspace(0.1, 0.01, 100), np.array([[0.3], [0.02]])], ids=repr)
def test_gains_of_every_kind(gain):
    at = {float: lambda k: gain, gs.Cosine: lambda k: gain(k)}.get(
        type(gain), lambda k: gain[:, 0] if np.ndim(gain) == 2 else gain[k])
    run = gs.Descent(slope, [1.0, 1.0], gain=gain).run(100)
    np.testing.assert_allclose(run.w, textbook(at, 100), rtol=1e-13)        # fma rounds once where NumPy rounds twice
    np.testing.assert_allclose(run.gain, [np.broadcast_to(at(k), np.shape(run.gain[0])) for k in range(100)], rtol=1e-15)


def test_noise_by_step_is_reproducible():
    run = gs.Descent(noisy, [1.0, 1.0], gain=gs.InverseTime(0.1, 0.01)).run(200)
    np.testing.assert_allclose(run.w, textbook(gs.InverseTime(0.1, 0.01), 200, gradient=noisy), rtol=1e-12)


def test_compensators_are_the_textbook_ones():
    v = w = np.ones(2)
    heavy, last = np.ones(2), np.ones(2)
    for _ in range(60):
        heavy, last = heavy - 0.05 * slope(heavy) + 0.8 * (heavy - last), heavy
        ahead = w - 0.05 * slope(w)                                        # Nesterov: w is the look-ahead point
        w, v = ahead + 0.8 * (ahead - v), ahead
    np.testing.assert_allclose(gs.Descent(slope, [1.0, 1.0], gain=0.05, compensator=gs.HeavyBall(0.8)).run(60).w, heavy, rtol=1e-12)
    np.testing.assert_allclose(gs.Descent(slope, [1.0, 1.0], gain=0.05, compensator=gs.Nesterov(0.8)).run(60).w, w, rtol=1e-12)


def test_laws_see_the_gradient():
    w, power = np.ones(2), np.zeros(2)
    for _ in range(50):
        g = slope(w)
        power = 0.9 * power + 0.1 * g * g
        w = w - 0.01 / (np.sqrt(power) + 1e-4) * g
    run = gs.Descent(slope, [1.0, 1.0], gain=gs.RMSProp(rate=0.01, beta=0.9, eps=1e-4)).run(50)
    np.testing.assert_allclose(run.w, w, rtol=1e-11)
    assert run.gain.shape == (50, 2)


def test_error_of_a_law_is_the_root_of_twice_the_value():
    seen = []

    def look(gain, e, g, u, memory):
        seen.append((e, g, u))
        return 0.05

    run = gs.Descent(slope, [1.0, 1.0], lambda w: height(w) - 3.0, floor=-3.0, gain=gs.PythonLaw(look)).run(20)
    for (e, g, u), value in zip(seen, run.value, strict=True):
        assert e == pytest.approx(np.sqrt(2 * (value + 3.0)), rel=1e-15)
        np.testing.assert_allclose(e * u, g, rtol=1e-14)
    mu, before = 0.01, None
    w = np.ones(2)
    for _ in range(20):
        mu, before = mu if before is None else 0.9 * mu + 1e-3 * before, 2 * height(w)
        w = w - mu * slope(w)
    law = gs.KwongJohnston(alpha=0.9, gamma=1e-3, start=0.01)
    np.testing.assert_allclose(gs.Descent(slope, [1.0, 1.0], height, gain=law).run(20).w, w, rtol=1e-12)


def test_error_is_one_without_a_value():
    seen = []
    gs.Descent(slope, [1.0, 1.0], gain=gs.PythonLaw(lambda gain, e, g, u, m: seen.append((e, g, u)) or 0.1)).run(3)
    assert all(e == 1.0 and np.array_equal(g, u) for e, g, u in seen)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (2, 1, 2)], ids=str)
def test_weights_of_any_shape(shape):
    def gradient(w):
        assert w.shape == shape
        w += 1.0                                                           # a copy: nobody's state is touched
        return w - 1.0

    descent = gs.Descent(gradient, np.ones(shape), gain=0.5)
    run = descent.run(3, record=gs.Record(gain=1, weights=1))
    assert run.w.shape == descent.w.shape == shape
    np.testing.assert_array_equal(run.w, np.full(shape, 0.125))
    assert run.weights.shape == (3, *shape)
    np.testing.assert_array_equal(descent.step(), np.full(shape, 0.0625))
    assert descent.report().curvatures == pytest.approx(np.ones(max(int(np.prod(shape)), 1)))


def test_gradient_is_called_by_what_it_takes():
    def second(w, h=1e-3):
        assert h == 1e-3
        return w

    def named(w, k=None):
        assert k is not None
        return w

    class Called:
        def __call__(self, w, step):
            assert isinstance(step, int)
            return w

    for gradient in (second, named, Called(), np.negative, lambda w, *rest: w):
        assert gs.Descent(gradient, [1.0], gain=0.5).run(2).n == 2
    with pytest.raises(TypeError, match=r"gradient must take \(w\) or \(w, k\)"):
        gs.Descent(lambda w, k, z: w, [1.0], gain=0.5)
    with pytest.raises(TypeError, match="value must be callable"):
        gs.Descent(slope, [1.0], 3.0, gain=0.5)


# -- cuts, copies, ends ------------------------------------------------------------------------------------------------

DRIVES = [gs.Cosine(0.15, 0.01, 80), gs.RMSProp(rate=0.01), gs.Cosine(1, 0.1, 80) * gs.KwongJohnston(high=0.1),
          gs.PythonLaw(lambda gain, e, g, u, memory: memory.__iadd__(1e-3)[0], memory=1)]


@pytest.mark.parametrize("gain", DRIVES, ids=repr)
@pytest.mark.parametrize("compensator", [None, gs.HeavyBall(gs.Cosine(0.5, 0.1, 50)), gs.Nesterov(0.5)], ids=repr)
def test_cuts_change_nothing(gain, compensator):
    def make():
        return gs.Descent(noisy, [1.0, 1.0], height, gain=gain, compensator=compensator)

    record = gs.Record(gain=3, weights=7)
    whole, pieces = make().run(100, record), make()
    runs = [pieces.run(n, record) for n in (1, 0, 40, 7, 52)]
    for name in ("value", "slope", "gain", "weights"):
        np.testing.assert_array_equal(np.concatenate([getattr(run, name) for run in runs]), getattr(whole, name), err_msg=name)
    np.testing.assert_array_equal(pieces.w, whole.w)
    other, jumped = make(), make()
    other.run(41)
    jumped.state = other.state
    np.testing.assert_array_equal(jumped.run(59).w, whole.w)
    jumped.reset()
    np.testing.assert_array_equal(jumped.run(100).w, whole.w)


def test_pickled_descent_goes_on_and_files_are_refused(tmp_path):
    descent = gs.Descent(noisy, [1.0, 1.0], height, gain=gs.RMSProp(rate=0.01), compensator=gs.HeavyBall(0.5))
    descent.run(30)
    again = pickle.loads(pickle.dumps(descent))
    assert again.n == 30
    np.testing.assert_array_equal(again.run(30).w, descent.run(30).w)
    with pytest.raises(TypeError, match="pickle it"):
        descent.save(tmp_path / "x.npz")
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(gs.Descent(lambda w: w, 1.0, gain=0.5))


def test_divergence_is_an_outcome():
    with pytest.raises(gs.DivergedError, match=r"diverged at step \d+, gradient norm") as caught:
        gs.Descent(slope, [1.0, 1.0], gain=0.3).run(1000)
    run = gs.Descent(slope, [1.0, 1.0], gain=0.3, on_divergence="stop").run(1000, gs.Record(gain=1, weights=1))
    assert caught.value.run.stopped_at == run.stopped_at == run.n - 1 == len(run.gain) - 1
    assert str(run.status) == "diverged"
    assert run.slope[-2] <= 1e8 * run.slope[0] < run.slope[-1]
    np.testing.assert_array_equal(run.weights[-1], run.weights[-2])        # the offending update was not made
    pieces = gs.Descent(slope, [1.0, 1.0], gain=0.3, on_divergence="stop")
    while (piece := pieces.run(5)).stopped_at is None:
        pass
    assert piece.stopped_at == run.stopped_at
    for gradient, value in ((lambda w: np.full(2, np.inf), None), (slope, lambda w: np.inf)):
        stopped = gs.Descent(gradient, [1.0, 1.0], value, gain=0.1, on_divergence="stop").run(5)
        assert (stopped.stopped_at, stopped.w.tolist()) == (0, [1.0, 1.0])
    assert gs.Descent(slope, [1.0, 1.0], gain=0.3, limit=10.0, on_divergence="stop").run(99).stopped_at < run.stopped_at


@pytest.mark.parametrize(("answer", "words"), [
    (np.ones(3), ["shape", "step 5", "(3,)", "(2,)"]), (1.0, ["shape", "()"]), (None, ["step 5", "None"]), ("x", ["'x'"]),
    ([[1], [1, 2]], ["step 5"]), (np.array([1.0, np.nan]), ["step 5", "gradient[1]", "nan"]), (np.ones(2) * 1j, ["real"])], ids=repr)
def test_a_gradient_that_is_none_is_refused_by_step(answer, words):
    descent = gs.Descent(lambda w, k: answer if k == 5 else w, [1.0, 1.0], gain=0.5)
    descent.run(2)
    before = descent.state
    with pytest.raises((ValueError, TypeError)) as caught:
        descent.run(10)
    assert all(word in str(caught.value) for word in words), caught.value
    assert descent.state == before


@pytest.mark.parametrize("answer", [np.nan, None, np.ones(2), -1.0, "x"], ids=repr)
def test_a_value_that_is_none_is_refused_by_step(answer):
    descent = gs.Descent(slope, [1.0, 1.0], lambda w, k: answer if k == 3 else 1.0, gain=0.1)
    before = descent.state
    with pytest.raises((ValueError, TypeError), match="the value at step 3"):
        descent.run(10)
    assert descent.state == before


def test_what_the_functions_raise_comes_out():
    def gradient(w, k):
        if k == 4:
            raise KeyError("mine")
        return w

    for descent in (gs.Descent(gradient, [1.0], gain=0.5),
                    gs.Descent(lambda w: w, [1.0], gain=gs.PythonLaw(lambda gain, e, g, u, m: 0.5 if len(g) > 1 else {}["mine"]))):
        before = descent.state
        with pytest.raises(KeyError, match="mine"):
            descent.run(10)
        assert descent.state == before


def test_interruption_keeps_what_was_done():
    def gradient(w, k):
        if k == 7 and not calls:
            calls.append(1)
            raise KeyboardInterrupt
        return slope(w)

    calls = []
    descent = gs.Descent(gradient, [1.0, 1.0], gain=0.1)
    with pytest.raises(gs.Interrupted, match="after 7 steps") as caught:
        descent.run(20)
    assert caught.value.run.n == descent.n == 7
    np.testing.assert_array_equal(descent.run(13).w, gs.Descent(slope, [1.0, 1.0], gain=0.1).run(20).w)


def test_progress_is_told():
    told = []
    gs.Descent(slope, [1.0, 1.0], gain=0.1).run(50, progress=lambda done, steps: told.append((done, steps)))
    assert told[-1] == (50, 50)


def test_a_gradient_may_look_at_its_descent_but_not_move_it():
    descent = gs.Descent(lambda w: descent.w if descent.n < 2 else descent.step(), [1.0], gain=0.5)
    with pytest.raises(RuntimeError, match="may not call it back"):
        descent.run(5)
    assert descent.n == 0
    assert descent.run(2).w == 0.25


@pytest.mark.parametrize(("options", "words"), [
    ({"w0": "x"}, ["w0", "'x'"]), ({"w0": []}, ["w0"]), ({"w0": [np.nan]}, ["w0", "finite"]), ({"w0": 1j}, ["w0", "real"]),
    ({"gradient": None}, ["gradient", "callable"]), ({"gain": None}, ["no default gain", "report"]), ({"gain": -1.0}, ["gain", "-1"]),
    ({"floor": np.inf}, ["floor", "inf"]), ({"limit": 0}, ["limit", "0"]), ({"on_divergence": "x"}, ["on_divergence", "'x'"]),
    ({"compensator": 0.9}, ["compensator", "0.9"]), ({"gain": np.ones((3, 1))}, ["gain", "shape"]),
    ({"gain": gs.KwongJohnston()}, ["KwongJohnston", "must not read the error", "value="]),
    ({"gain": gs.Constant(0.5) * gs.KwongJohnston()}, ["KwongJohnston", "value="])], ids=str)
def test_refused_descents(options, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        gs.Descent(**{"gradient": slope, "w0": [1.0, 1.0], "gain": 0.1, **options})
    assert all(word in str(caught.value) for word in words), caught.value


def test_refused_runs():
    descent = gs.Descent(slope, [1.0, 1.0], gain=np.full(10, 0.1))
    for steps in (-1, 1.5, True, "x"):
        with pytest.raises(ValueError, match="steps must be an integer"):
            descent.run(steps)
    with pytest.raises(TypeError, match="must be a gs.Record"):
        descent.run(1, 3)
    with pytest.raises(ValueError, match="array ends after 10 samples"):
        descent.run(11)
    assert descent.n == 0


def test_law_says_whether_it_reads_the_error():
    """The same corrections at other errors and regressors: a law that gives other gains reads more than corrections."""
    rng = np.random.default_rng(0)
    X, scale = rng.standard_normal((200, 3)), np.exp(rng.standard_normal(200))
    for name in registry.names("law"):
        cls = registry.find("law", name)
        if "gain" not in cls.ports or cls.needs_error:
            continue
        gains = []
        for size in (np.ones(200), scale):
            seen = gs.Descent(lambda w, k: X[k] + w, np.zeros(3), gain=cls())
            seen._oracle._value = lambda w, k, size=size: 0.5 * size[k] ** 2
            gains.append(seen.run(200).gain)
        np.testing.assert_allclose(gains[0], gains[1], rtol=1e-9, err_msg=f"{name} reads the error: needs_error = True")
    assert registry.find("law", "kwongjohnston").needs_error


# -- line search -------------------------------------------------------------------------------------------------------


class Searching(base.Law, abstract=True):
    """A line search as a gain: what Descent reads of it."""

    kind: str = param("armijo", kind="choice", choices=("armijo", "wolfe", "exact"))
    start: float = param(1.0)
    shrink: float = param(0.5)
    c1: float = param(1e-4)
    c2: float = param(0.9)


@pytest.mark.parametrize("kind", ["armijo", "wolfe", "exact"])
def test_line_search_descends(monkeypatch, kind):
    from gainsched import gains

    monkeypatch.setattr(gains, "LineSearch", Searching, raising=False)

    def rosenbrock(w):
        return float((1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2)

    def gradient(w):
        return np.array([-2 * (1 - w[0]) - 400 * w[0] * (w[1] - w[0] ** 2), 200 * (w[1] - w[0] ** 2)])

    search = Searching(kind=kind, saturate=False)
    descent = gs.Descent(gradient, [-1.2, 1.0], rosenbrock, gain=search)
    run = descent.run(200)
    assert (np.diff(run.value) < 0).all()
    assert run.value[-1] < 5.0 < run.value[0]
    pieces = gs.Descent(gradient, [-1.2, 1.0], rosenbrock, gain=search)
    np.testing.assert_array_equal([pieces.run(80).w, pieces.run(120).w][1], run.w)
    assert descent.report().verdict in ("not certified", "unstable")
    with pytest.raises(ValueError, match="Pass value="):
        gs.Descent(gradient, [-1.2, 1.0], gain=search)
    exact = gs.Descent(slope, [1.0, 1.0], height, gain=Searching(kind="exact")).run(1)
    if kind == "exact":                                                    # g'g / g'Hg on a quadratic
        assert exact.gain[0] == pytest.approx(101 / 1001, rel=1e-6)


def test_line_search_at_the_minimum_ends():
    search = types.SimpleNamespace(kind="armijo", start=1.0, shrink=0.5, c1=1e-4, c2=0.9, low=0.0, high=np.inf)
    descent = gs.Descent(slope, [0.0, 0.0], height, gain=0.1)
    from gainsched.descent.search import found

    assert found(search, descent._oracle, np.zeros(2), np.zeros(2), 0.0, 0) == 1.0


# -- report ------------------------------------------------------------------------------------------------------------

COMPENSATORS = [None, gs.HeavyBall(0.7), gs.Nesterov(0.7), gs.GradientEMA(0.7)]


@pytest.mark.parametrize("compensator", COMPENSATORS, ids=repr)
def test_bound_is_that_of_the_books_and_of_the_run(compensator):
    book = {None: 2.0, "HeavyBall": 2 * 1.7, "Nesterov": 2 * 1.7 / 2.4, "GradientEMA": 2 * 1.7 / 0.3}
    rep = gs.Descent(slope, [1.0, 1.0], gain=0.01, compensator=compensator).report()
    bound = book[None if compensator is None else type(compensator).__name__] / 10
    assert rep.bound.value == pytest.approx(bound, rel=1e-9)
    assert rep.margins.gain == pytest.approx(bound / 0.01, rel=1e-8)
    for part, verdict in ((0.98, "stable"), (1.02, "unstable")):
        descent = gs.Descent(slope, [1.0, 1.0], gain=part * bound, compensator=compensator, on_divergence="stop")
        rep = descent.report()
        assert rep.verdict == verdict, rep
        run = descent.run(3000)
        assert (run.stopped_at is None and run.slope[-1] < 1e-6) == (verdict == "stable")
        assert (rep.growth.max() < 1) == (verdict == "stable")


def test_growth_is_what_the_run_does():
    descent = gs.Descent(slope, [1.0, 1.0], gain=0.03)
    rep = descent.report()
    run = descent.run(50, gs.Record(weights=1))
    np.testing.assert_allclose(np.abs(run.weights[-1]), rep.growth**50, rtol=1e-6)
    np.testing.assert_allclose(rep.time_constants, -1 / np.log(rep.growth))
    np.testing.assert_allclose(rep.curvatures, [1, 10], rtol=1e-8)


def test_hessian_given_or_measured_is_one():
    w0 = np.array([0.3, -0.2, 0.5])

    def gradient(w):
        return np.sinh(w) + w.sum()

    H = np.diag(np.cosh(w0)) + 1
    measured, given = (gs.Descent(gradient, w0, gain=0.1).report(h) for h in (None, H))
    np.testing.assert_allclose(measured.curvatures, given.curvatures, rtol=1e-8)
    for wrong, words in ((np.eye(2), "shape"), (np.triu(np.ones((3, 3))), "symmetric"), (np.full((3, 3), np.nan), "finite"), ("x", "hessian")):
        with pytest.raises((ValueError, TypeError), match=words):
            gs.Descent(gradient, w0, gain=0.1).report(wrong)


def test_gains_per_weight_are_modes_of_their_own():
    gains = np.array([[1.0], [0.1]])
    descent = gs.Descent(slope, [1.0, 1.0], gain=gains)
    rep = descent.report()
    np.testing.assert_allclose(rep.curvatures, [1.0, 1.0], rtol=1e-8)
    assert rep.bound.value == pytest.approx(2.0)
    assert rep.verdict == "stable"
    assert gs.Descent(slope, [1.0, 1.0], gain=2.1 * gains).report().verdict == "unstable"
    with pytest.raises(gs.NoTheory, match="per weight"):
        descent.transfer(1.0)


@pytest.mark.parametrize(("gain", "compensator", "verdict"), [
    (gs.Cosine(0.19, 0.01, 50), None, "stable"), (gs.Cosine(0.3, 0.01, 50), None, "not certified"),
    (gs.Cosine(0.1, 0.3, 50), None, "unstable"), (gs.Cosine(0.19, 0.01, 50), gs.HeavyBall(0.5), "not certified"),
    (gs.RMSProp(high=0.1), None, "not certified"), (gs.KwongJohnston(high=0.19), None, "stable"),
    (gs.KwongJohnston(), None, "not certified"), (gs.Constant(0.5) * gs.KwongJohnston(high=0.3), None, "stable"),
    (np.full(50, 0.1), None, "not certified"), (0.2, None, "not certified"), (0.0, None, "not certified")], ids=repr)
def test_verdicts(gain, compensator, verdict):
    assert gs.Descent(slope, [1.0, 1.0], height, gain=gain, compensator=compensator).report().verdict == verdict


def test_saddles_flats_and_lopsided_fields_are_told_apart():
    saddle = gs.Descent(lambda w: w * [1.0, -1.0], [1.0, 1.0], gain=0.1).report()
    assert saddle.verdict == "unstable" and saddle.growth.max() == pytest.approx(1.1)
    flat = gs.Descent(lambda w: w * [1.0, 0.0], [1.0, 1.0], gain=0.1).report()
    assert flat.verdict == "stable" and "1 of 2 directions are flat" in flat.warnings[0]
    assert gs.Descent(lambda w: 0 * w + 1, [1.0, 1.0], gain=0.1).report().verdict == "not certified"
    turning = gs.Descent(lambda w: np.array([w[0] + w[1], w[1] - w[0]]), [1.0, 1.0], gain=0.1).report()
    assert turning.verdict == "not certified" and "asymmetric by 2e+02 %" in turning.warnings[0]
    assert gs.Descent(lambda w: -w, 1.0, gain=gs.KwongJohnston(), value=lambda w: 1.0).report().verdict == "not certified"


def test_report_is_a_table_and_json():
    rep = gs.Descent(lambda w: np.arange(1, 13) * w, np.ones(12), gain=0.3).report()
    assert "4 more down to 1" in str(rep)
    assert str(rep).startswith("unstable: gain 0.3 lies 1.8 times above 0.1667")
    data = json.loads(json.dumps(rep.to_dict(), allow_nan=False))
    assert data["verdict"] == "unstable" and data["margins"]["phase_deg"] is None and len(data["growth"]) == 12
    run = gs.Descent(slope, [1.0, 1.0], height, gain=0.1).run(5, gs.Record(gain=2, weights=2))
    assert json.loads(json.dumps(run.to_dict(), allow_nan=False))["n"] == 5
    assert "5 steps from 0, done" in repr(run)
    assert "2 weights" in repr(gs.Descent(slope, [1.0, 1.0], gain=0.1))


def test_an_average_beside_the_loop_changes_no_verdict_and_one_within_it_has_no_theory():
    def descent(compensator):
        return gs.Descent(lambda w: np.array([1.0, 10.0]) * w, [1.0, 1.0], gain=0.1, compensator=compensator)

    plain, beside = descent(None).report(), descent(gs.PolyakRuppert()).report()
    assert (plain.verdict, plain.bound, plain.margins) == (beside.verdict, beside.bound, beside.margins)
    with pytest.raises(gs.NoTheory, match="ScheduleFree"):
        descent(gs.ScheduleFree()).report()


def test_run_plots():
    pytest.importorskip("matplotlib").use("Agg")
    ax = gs.Descent(slope, [1.0, 1.0], height, gain=0.1).run(50).plot()
    assert (ax.get_ylabel(), ax.get_yscale()) == ("value", "log")
    assert gs.Descent(slope, [1.0, 1.0], gain=0.1).run(50).plot(ax=ax) is ax
