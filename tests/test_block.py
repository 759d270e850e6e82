"""Block LMS: what it equals, where its blocks begin, and how its gain compares with others' conventions."""

from __future__ import annotations

import numpy as np
import pytest

import gainsched as gs


def signals(T=3000, seed=0):
    x = np.random.default_rng(seed).standard_normal(T)
    return x, np.convolve(x, [0.8, -0.4, 0.2])[:T] + 0.1 * np.random.default_rng(seed + 1).standard_normal(T)


def test_a_block_of_one_is_lms():
    x, d = signals()
    one, lms = gs.BlockLMS(5, block=1).run(x, d, gain=0.02), gs.LMS(5).run(x, d, gain=0.02)
    assert np.allclose(one.e, lms.e, rtol=0, atol=1e-13)
    assert np.allclose(one.w, lms.w, rtol=0, atol=1e-14)


def test_the_weights_move_once_per_block_by_its_gradient():
    x, d = signals(130)
    run = gs.BlockLMS(3, block=10).run(x, d, gain=0.2, record=gs.Record(weights=1))
    moved = np.flatnonzero(np.diff(run.weights, axis=0, prepend=0.0).any(axis=1))
    assert moved.tolist() == list(range(9, 130, 10))
    U = gs.FIR(3).regressors(x)
    before, rows = run.weights[28], slice(20, 30)
    gradient = U[rows].T @ (d[rows] - U[rows] @ before) / 10
    assert np.allclose(run.weights[29], before + 0.2 * gradient, rtol=1e-13)


@pytest.mark.parametrize("cuts", [[7], [10], [3, 9, 10, 11, 25], list(range(1, 100))])
def test_blocks_do_not_see_how_the_record_is_cut(cuts):
    x, d = signals(200)
    whole, loop = (gs.Loop(gs.BlockLMS(3, block=10), gain=0.2) for _ in range(2))
    run = whole.run(x, d)
    e = np.concatenate([part.e for part in loop.stream(zip(np.split(x, cuts), np.split(d, cuts), strict=True))])
    assert np.array_equal(e, run.e) and np.array_equal(loop.w, whole.w)


def test_swap_and_save_within_a_block(tmp_path):
    x, d = signals(400)
    whole = gs.Loop(gs.BlockLMS(3, block=16), gain=0.2)
    whole.run(x, d)
    loop = gs.Loop(gs.BlockLMS(3, block=16), gain=0.2)
    loop.run(x[:105], d[:105])
    loop.swap(gain=gs.Constant(0.2))
    loop.save(tmp_path / "loop.npz")
    loop = gs.Loop.load(tmp_path / "loop.npz")
    loop.run(x[105:], d[105:])
    assert np.array_equal(loop.w, whole.w)


def test_a_gap_costs_its_block_and_no_other():
    x, d = signals(100)
    d[34] = np.nan
    run = gs.BlockLMS(3, block=10).run(x, d, gain=0.2, nonfinite="skip", record=gs.Record(weights=1))
    moved = np.flatnonzero(np.diff(run.weights, axis=0, prepend=0.0).any(axis=1))
    assert moved.tolist() == [9, 19, 29, 49, 59, 69, 79, 89, 99]
    U = gs.FIR(3).regressors(x)
    before, rows = run.weights[48], slice(40, 50)
    assert np.allclose(run.weights[49], before + 0.2 * U[rows].T @ (d[rows] - U[rows] @ before) / 10, rtol=1e-13)


def test_a_schedule_is_read_at_the_block_s_end():
    x, d = signals(200)
    gain = np.zeros(200)
    gain[9::10] = 0.2
    some, all_ = (gs.BlockLMS(3, block=10).run(x, d, gain=g) for g in (gain, 0.2))
    assert np.array_equal(some.w, all_.w)
