"""A wide valley with a narrow pit in its slope, seen through noise: what the figure and the page's numbers share."""

import numpy as np

import gainsched as gs

START, STEPS, PIT, DEPTH, WIDTH, NOISE = -3.5, 400, -2.0, 2.2, 0.3, 1.5


def height(w):
    """The valley's floor lies at 1, the pit at -2 on its way."""
    return 0.5 * (w - 1) ** 2 - DEPTH * np.exp(-((w - PIT) ** 2) / (2 * WIDTH**2))


def slope(w):
    return (w - 1) + DEPTH * (w - PIT) / WIDTH**2 * np.exp(-((w - PIT) ** 2) / (2 * WIDTH**2))


def descent(gain, seed=0):
    """From START, the slope measured with noise that the seed and the step number fix."""
    noise = NOISE * np.random.default_rng(seed).standard_normal(STEPS)
    return gs.Descent(lambda w, k: slope(w) + noise[k], START, gain=gain)


GAINS = {
    "small": 0.02,
    "large": 0.4,
    "decaying": gs.Exponential(0.4, rate=0.5, every=60),
    "restarting": np.tile(gs.Cosine(0.4, 0.004, 100)(np.arange(100)), STEPS // 100),
}
