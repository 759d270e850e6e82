"""H-infinity energy gain of LMS against closed forms and against the singular values of the map itself."""

from __future__ import annotations

import numpy as np
import pytest

import gainsched as gs


def map_of(u, mu):
    """(prediction errors) from (w~_0/sqrt(mu), noise), column by column."""
    T, n = u.shape
    W = np.hstack([np.sqrt(mu) * np.eye(n), np.zeros((n, T))])
    rows = []
    for k in range(T):
        rows.append(u[k] @ W)
        noise = np.zeros(n + T)
        noise[n + k] = 1.0
        W = W - mu * np.outer(u[k], rows[-1] + noise)
    return np.array(rows)


@pytest.mark.parametrize(("mu", "expected"), [(0.5, 1.0), (0.99, 1.0), (1.2, 1.5), (1.5, 3.0)])
def test_constant_regressor(mu, expected):
    """max(1, mu/(2 - mu)), reached as the record grows: 3000 samples leave 1e-4."""
    assert max(1.0, mu / (2 - mu)) == pytest.approx(expected)
    assert gs.energy_gain(np.ones(3000), mu) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("times", [0.5, 0.99, 2.0, 4.0])
def test_random_record(times, rng):
    u = rng.standard_normal((200, 3))
    limit = 1 / np.max(np.sum(u**2, axis=1))
    gain = gs.energy_gain(u, times * limit)
    assert gain == pytest.approx(np.linalg.norm(map_of(u, times * limit), 2), rel=1e-8)
    assert (gain <= 1) == (times < 1)


def test_small_records_and_refusals():
    assert gs.energy_gain(np.zeros(5), 0.1) == 0.0
    assert gs.energy_gain([2.0], 0.25) == pytest.approx(1.0)                        # |u sqrt(mu)|
    for bad in (np.zeros((0, 2)), [np.nan], np.zeros((2, 2, 2))):
        with pytest.raises(ValueError, match="regressors"):
            gs.energy_gain(bad, 0.1)
    for bad in (0.0, -1.0, np.inf, True, "1"):
        with pytest.raises(ValueError, match="gain"):
            gs.energy_gain([1.0], bad)
