"""A run forms the next output in the pass that moves the weights; a step forms it when the sample comes."""

import numpy as np
import pytest

import gainsched as gs

T = 60
LOOPS = {
    "gain per weight": lambda n: gs.Loop(gs.LMS(n), np.linspace(0.01, 0.02, n)[:, None]),
    "gain per weight and sample": lambda n: gs.Loop(gs.NLMS(n), np.linspace(0.1, 0.5, n * T).reshape(n, T)),
    "leakage per weight": lambda n: gs.Loop(gs.LeakyLMS(n, leak=0.1), np.linspace(0.01, 0.02, n)[:, None]),
    "heavy ball": lambda n: gs.Loop(gs.LMS(n), 0.002, compensator=gs.HeavyBall(0.9)),
    "heavy ball, leaky": lambda n: gs.Loop(gs.LeakyLMS(n, leak=0.1), 0.002, compensator=gs.HeavyBall(0.9)),
    "Nesterov per weight": lambda n: gs.Loop(gs.NLMS(n), np.linspace(0.01, 0.02, n)[:, None],
                                             compensator=gs.Nesterov(0.9)),
    "delayed": lambda n: gs.Loop(gs.DelayedLMS(n, delay=3), 0.005),
    "signs of the data": lambda n: gs.Loop(gs.SignDataLMS(n), 0.005),
    "block": lambda n: gs.Loop(gs.BlockLMS(n, block=4), 0.02),
    "least squares": lambda n: gs.Loop(gs.RLS(n)),
    "Adam": lambda n: gs.Loop(gs.LMS(n), gs.Adam()),
}


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 19, 37])
@pytest.mark.parametrize("name", LOOPS)
def test_a_run_is_its_steps(name, n):
    rng = np.random.default_rng(n)
    x, d = rng.standard_normal((2, T))
    whole, single = LOOPS[name](n), LOOPS[name](n)
    run = whole.run(x, d)
    y = np.array([single.step(float(a), float(b)) for a, b in zip(x, d, strict=True)])
    assert np.array_equal(run.y, y)
    assert np.array_equal(whole.w, single.w)


def test_weights_of_a_delayed_loop_after_a_stop_are_those_before_it():
    x, d = np.random.default_rng(0).standard_normal((2, T))
    d[40] = 1e140
    loop, plain = (gs.Loop(gs.DelayedLMS(4, delay=2), 0.01, on_divergence="stop") for _ in range(2))
    run = loop.run(x, d)
    plain.run(x[:run.stopped_at], d[:run.stopped_at])
    assert np.array_equal(loop.w, plain.w)
