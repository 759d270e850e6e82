"""Jobs with known answers: the README's identification, RLS over very long and very quiet records, a soak."""

from __future__ import annotations

import numpy as np
import pytest

import gainsched as gs


@pytest.mark.parametrize(("filter", "ports", "level"), [
    (gs.NLMS(32), {"gain": 0.5}, -44.6),
    (gs.LMS(32), {"gain": 0.01}, -47.2),
    (gs.RLS(32), {"forgetting": 0.999}, -58.0),
], ids=lambda v: repr(v) if isinstance(v, gs.Filter) else None)
def test_misalignment_of_the_readme_job(filter, ports, level):
    """32 taps, white input, -40 dB noise, mean over 200 seeded runs of 5000 samples, within 0.4 dB."""
    rng = np.random.default_rng(2026)
    X = rng.standard_normal((200, 5000))
    H = rng.standard_normal((200, 32))
    D = np.stack([np.convolve(x, h)[:5000] for x, h in zip(X, H, strict=True)])
    D += 0.01 * D.std(axis=1, keepdims=True) * rng.standard_normal(D.shape)
    runs = gs.Loop(filter, **ports).run_many(X, D)
    left = [np.sum((run.w - h) ** 2) / np.sum(h**2) for run, h in zip(runs, H, strict=True)]
    assert 10 * np.log10(np.mean(left)) == pytest.approx(level, abs=0.4)


def colored(rng, samples):
    """AR(1) .9 of unit power, without a per-sample loop."""
    from scipy.signal import lfilter
    return lfilter([np.sqrt(1 - 0.81)], [1, -0.9], rng.standard_normal(samples))


@pytest.mark.parametrize("forgetting", [0.99, 0.95])
def test_rls_stays_at_the_noise_floor_for_a_million_samples(forgetting):
    """The full-matrix textbook update diverges after 37/(1 - forgetting) samples; the upper triangle does not."""
    rng = np.random.default_rng(0)
    x, h = colored(rng, 1_000_000), np.array([0.5, -0.4, 0.3, 0.2, -0.1, 0.05, 0.02, 0.01])
    noise = 1e-3
    d = np.convolve(x, h)[: len(x)] + noise * rng.standard_normal(len(x))
    loop = gs.Loop(gs.RLS(8), forgetting=forgetting)
    run = loop.run(x, d)
    floor = noise**2 * (1 + 8 * (1 - forgetting) / (1 + forgetting))
    assert np.isfinite(run.e).all()
    assert 10 * np.log10(np.mean(run.e[-500_000:] ** 2) / floor) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("forgetting", [0.99, 0.95])
@pytest.mark.parametrize("scale", [0.0, 1e-6])
def test_rls_survives_lost_excitation(forgetting, scale):
    """1e5 samples of silence, or of input at 1e-6, and the weights are where they belong afterwards."""
    rng = np.random.default_rng(1)
    x, h = colored(rng, 20_000), np.array([0.5, -0.4, 0.3, 0.2])
    d = np.convolve(x, h)[: len(x)] + 1e-3 * rng.standard_normal(len(x))
    quiet = scale * rng.standard_normal(100_000)
    loop = gs.Loop(gs.RLS(4), forgetting=forgetting)
    loop.run(x, d)
    loop.run(quiet, np.convolve(quiet, h)[: len(quiet)] + 1e-3 * rng.standard_normal(len(quiet)))
    assert np.linalg.norm(loop.w) < 2 * np.linalg.norm(h)
    back = loop.run(x, d)
    assert np.isfinite(back.e).all()
    assert np.abs(back.w - h).max() < 0.01


@pytest.mark.parametrize("frequency", [0.02, 0.3, 1.5])
@pytest.mark.parametrize("forgetting", [0.999, 0.99, 0.9])
def test_rls_survives_a_sine_that_leaves_directions_unexcited(forgetting, frequency):
    """Six of eight directions wait at the windup guard's bound, where rounding is 1e-5: P must not lose its sign."""
    rng = np.random.default_rng(4)
    x, h = colored(rng, 10_000), (-0.8) ** np.arange(8)
    x = np.concatenate([x, np.sin(frequency * np.arange(200_000)), x])
    d = np.convolve(x, h)[: len(x)] + 1e-3 * rng.standard_normal(len(x))
    loop = gs.Loop(gs.RLS(8), forgetting=forgetting)
    run = loop.run(x, d)
    upper = np.triu(loop.state["filter_P"])
    assert np.linalg.eigvalsh(upper + np.triu(upper, 1).T)[0] > 0
    assert np.abs(run.w - h).max() < 0.01


def test_soak_of_ten_million_samples_is_finite_and_bitwise_equal_in_random_chunks():
    rng = np.random.default_rng(3)
    total, piece = 10_000_000, 1_000_000
    whole = gs.Loop(gs.NLMS(16), gain=gs.Exponential(0.5, 0.5, 1_000_000, 0.01))
    cut = gs.Loop(gs.NLMS(16), gain=gs.Exponential(0.5, 0.5, 1_000_000, 0.01))
    h = rng.standard_normal(16)
    for _ in range(total // piece):
        x = rng.standard_normal(piece)
        d = np.convolve(x, h)[:piece] + 0.01 * rng.standard_normal(piece)
        a = whole.run(x, d)
        at = np.sort(rng.integers(0, piece, 200))
        b = [cut.run(u, v).e for u, v in zip(np.split(x, at), np.split(d, at), strict=True)]
        assert np.isfinite(a.e).all()
        assert np.array_equal(np.concatenate(b), a.e)
    assert np.array_equal(whole.w, cut.w) and whole.n == total
