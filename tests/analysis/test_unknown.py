"""Unknown means unknown: every filter with every law and compensator has numbers, or the words "no theory for" and none.

Also with several channels, past outputs in the regressor, complex signals and drifting weights; and nothing raises.
"""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

import gainsched as gs
from gainsched import registry

N = 4
COLORED = 0.7 ** np.abs(np.subtract.outer(np.arange(N), np.arange(N)))
EXCITATIONS = {"white": gs.Excitation(1.0, noise=0.1), "colored": gs.Excitation(COLORED, noise=0.1),
               "drift": gs.Excitation(COLORED, noise=0.1, drift=1e-6), "binary": gs.Excitation(1.0, noise=0.1, kurtosis=-2.0),
               "circular": gs.Excitation(np.eye(N).astype(complex), noise=0.1)}
MODELS = {"FIR": gs.FIR(N), "channels": gs.FIR(2, channels=2), "ARX": gs.ARX(na=2, nb=2)}
FILTERS = registry.names("filter")


def compensators():
    yield None
    for name in registry.names("compensator"):
        kind = registry.find("compensator", name)
        yield kind(0.9) if "beta" in kind.ports else kind()


def laws():
    return [registry.find("law", name) for name in registry.names("law")]


def loops(filter, law=None, compensator=None):
    """The loops of a filter with a law in each of its ports (or a number), and a compensator: those that are not refused."""
    for port in filter.ports:
        drive = {"gain": 0.01, "forgetting": 0.99}[port] if law is None else law()
        try:
            yield gs.Loop(filter, compensator=compensator, **{port: drive})
        except (TypeError, ValueError):
            continue


def check(loop, exc, seen):
    """The promise, for one loop and one operating point; what it was goes into `seen`."""
    rep = gs.analyze(loop, exc)
    text = str(rep)
    json.dumps(rep.to_dict(), allow_nan=False)
    assert rep.verdict in ("stable", "unstable", "not certified")
    assert rep.verdict != "unstable" or rep.growth > 1
    assert all(value is None or value >= 0 for value in (rep.emse, rep.msd, rep.misadjustment))
    try:
        curve = rep.learning_curve(20, "msd")
    except gs.NoTheory as error:
        curve, said = None, str(error)
    assert "no theory for" in said if curve is None else np.all((curve >= 0) | np.isnan(curve))
    if curve is None and rep.emse is None:
        assert "no theory for" in text, text
        assert rep.msd is rep.misadjustment is None
    if rep.sentence.startswith("no theory for"):
        assert (rep.verdict, rep.range, rep.margins, rep.time_constants, rep.bounds) == ("not certified", None, None, None, {})
        assert curve is rep.emse is rep.msd is None
    seen.append("numbers" if curve is not None or rep.emse is not None else "words")


def filters(model):
    for name in FILTERS:
        kind = registry.find("filter", name)
        try:
            yield dataclasses.replace(kind.specimen(), model=model)
        except (TypeError, ValueError):                             # FIR only
            continue


def points(model):
    return [exc for name, exc in EXCITATIONS.items() if not (name == "circular" and isinstance(model, gs.ARX))]


@pytest.mark.parametrize("model", MODELS)
def test_every_filter_with_every_compensator(model):
    seen = []
    for filter in filters(MODELS[model]):
        for compensator in compensators():
            for loop in loops(filter, None, compensator):
                for exc in points(MODELS[model]):
                    check(loop, exc, seen)
    assert min(seen.count("numbers"), seen.count("words")) > 50


@pytest.mark.parametrize("law", laws(), ids=lambda law: law.__name__)
def test_every_filter_with_every_law(law):
    seen = []
    for filter in filters(MODELS["FIR"]):
        for loop in loops(filter, law):
            for exc in (EXCITATIONS["white"], EXCITATIONS["drift"]):
                check(loop, exc, seen)
    assert seen


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("law", laws(), ids=lambda law: law.__name__)
def test_every_filter_with_every_law_and_compensator(law, model):
    seen = []
    for filter in filters(MODELS[model]):
        for compensator in compensators():
            for loop in loops(filter, law, compensator):
                for exc in points(MODELS[model]):
                    check(loop, exc, seen)
    assert seen


def test_a_gain_other_than_one_of_least_squares_has_no_theory():
    rep = gs.analyze(gs.Loop(gs.RLS(4), gain=0.5, forgetting=0.99), EXCITATIONS["white"])
    assert (rep.verdict, rep.range, rep.bounds, rep.emse, rep.time_constants) == ("not certified", None, {}, None, None)
    assert "no theory for RLS with a gain other than 1: this loop's gain is 0.5" in rep.sentence
    assert math.isclose(rep.margins.gain, 2 / (0.5 * 0.01), rel_tol=1e-9)             # of the settled mean, as loop.transfer


@pytest.mark.parametrize(("filter", "exc", "words"), [
    (gs.APA(N), "drift", "no theory for APA with drifting weights"), (gs.LMF(N), "drift", "no theory for LMF with drifting weights"),
    (gs.LMF(N), "circular", "no theory for LMF with complex signals"),
    (gs.BlockLMS(N), "drift", "no theory for BlockLMS with drifting weights"),
    (gs.SignErrorLMS(N), "circular", "no theory for SignErrorLMS with a regressor that is complex"),
    (gs.SignErrorLMS(N), "binary", "no theory for SignErrorLMS with a regressor that is not Gaussian (excess kurtosis -2)")],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__)
def test_what_is_missing_is_named(filter, exc, words):
    rep = gs.analyze(gs.Loop(filter, gain=1e-4), EXCITATIONS[exc])
    assert rep.emse is None
    assert words in str(rep)


def test_momentum_around_a_delay_is_named_whole():
    rep = gs.analyze(gs.Loop(gs.DelayedLMS(N, delay=2), gain=0.001, compensator=gs.HeavyBall(0.5)), EXCITATIONS["white"])
    assert "no theory for the mean square of DelayedLMS with HeavyBall" in str(rep)
    with pytest.raises(gs.NoTheory, match="no theory for DelayedLMS with HeavyBall"):
        rep.learning_curve(10)
