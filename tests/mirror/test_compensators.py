"""Compensators against their mirrors: filters of every kind, beta as a schedule, bursts, gaps, complex signals."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

import gainsched as gs
from gainsched import registry

from .compensated import run as mirrored
from .test_agreement import LIMIT, SHORT, TIMES, distance, record

BETAS = [gs.Constant(0.9), gs.Cosine(0.95, 0.3, 1000), gs.Constant(0.8).warmup(500)]
COMPENSATORS = [registry.find("compensator", name)(beta) for name in registry.names("compensator")
                for beta in BETAS if "beta" in registry.find("compensator", name).ports]
COMPENSATORS += [gs.PolyakRuppert(), gs.PolyakRuppert(start=700), gs.PolyakRuppert(start=200, memory=50.0)]
FILTERS = [gs.LMS(6), gs.NLMS(gs.FIR(3, channels=2)), gs.LeakyLMS(5, leak=0.05), gs.RLS(4), gs.NLMS(gs.ARX(2, 1, 1))]


def of(compensator):
    """(state, step) of the second writing."""
    module = import_module(f"{__package__}.{type(compensator).__name__.lower()}")
    return module.make(compensator) if hasattr(module, "make") else (module.state, module.step)


def agree(compensator, filter, x, d, gain, forgetting, **options):
    """The run, the average included, agrees with the mirror to rounding."""
    ports = {} if forgetting is None else {"forgetting": forgetting}
    flat = gain.T if gain.ndim == 2 else gain
    betas = compensator.beta(np.arange(len(d))) if compensator.ports else np.zeros(len(d))
    loop = gs.Loop(filter, gain=gain, compensator=compensator, **ports, **options)
    run = loop.run(x, d)
    state, step = of(compensator)

    def mirror(x, d, gain, betas, forgetting):
        y, e, w, memory = mirrored(step, state, filter, x, d, gain, betas, forgetting)
        return y, e, w, np.reshape(memory["average"], w.shape) if compensator.averages else w

    arrays = (x, d, flat, betas, forgetting)
    theirs, ours = (run.y, run.e, run.w, loop.average), mirror(*arrays)
    apart = max(distance(a, b) for a, b in zip(theirs, ours, strict=True))
    if apart <= LIMIT:
        return
    if filter.takes_complex and np.asarray(x).dtype.kind == "c":
        raise AssertionError(apart)
    exact = mirror(*(a if a is None else a.astype(np.longdouble) for a in arrays))
    conditioning = max(distance(a, b) for a, b in zip(ours, exact, strict=True))
    assert apart <= LIMIT + TIMES * conditioning, (apart, conditioning)


@pytest.mark.parametrize("burst", [False, True], ids=["plain", "burst"])
@pytest.mark.parametrize("filter", FILTERS, ids=repr)
@pytest.mark.parametrize("compensator", COMPENSATORS, ids=repr)
def test_every_compensator(compensator, filter, burst):
    x, d, gain, forgetting = record(filter, SHORT, burst, gaps=False)
    agree(compensator, filter, x, d, 0.3 * gain, forgetting)


@pytest.mark.parametrize("compensator", COMPENSATORS, ids=repr)
def test_missing_cells_rest(compensator):
    x, d, gain, _ = record(gs.LMS(6), SHORT, burst=False, gaps=True)
    agree(compensator, gs.LMS(6), x, d, 0.3 * gain, None, nonfinite="skip")


@pytest.mark.parametrize("compensator", COMPENSATORS, ids=repr)
def test_one_gain_per_weight(compensator):
    x, d, gain, _ = record(gs.LeakyLMS(5, leak=0.05), SHORT, burst=False, gaps=False)
    agree(compensator, gs.LeakyLMS(5, leak=0.05), x, d, np.geomspace(0.3, 0.1, 5)[:, None] * gain, None)


@pytest.mark.parametrize("filter", [gs.LMS(5), gs.NLMS(gs.FIR(2, channels=2))], ids=repr)
@pytest.mark.parametrize("compensator", COMPENSATORS, ids=repr)
def test_complex_signals(compensator, filter):
    x, d, gain, _ = record(filter, SHORT, burst=False, gaps=False)
    rotation = np.exp(1j * np.arange(SHORT) ** 2 / 50.0)
    agree(compensator, filter, (x.T * rotation).T, d * rotation * (1 + 2j), 0.3 * gain, None)


def test_every_registered_compensator_has_a_mirror():
    assert {type(c).__name__ for c in COMPENSATORS} == set(registry.names("compensator"))
