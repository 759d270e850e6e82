"""Powers block by block: the same however a signal is cut; what is missing does not count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gainsched.analysis.blocks import Blocks


@given(st.integers(1, 40), st.lists(st.integers(0, 100), max_size=8), st.booleans(), st.integers(0, 2**32 - 1))
def test_powers_of_pieces(size, lengths, circular, seed):
    """Against means of the whole signal, a quarter of it missing; complex samples miss where either part does."""
    rng = np.random.default_rng(seed)
    signal = rng.standard_normal(sum(lengths)) + (1j * rng.standard_normal(sum(lengths)) if circular else 0)
    signal[rng.random(len(signal)) < 0.25] = complex(1.0, np.nan) if circular else np.nan
    blocks, at = Blocks(size), 0
    for length in lengths:
        blocks.add(signal[at : at + length])
        at += length
    rows = signal[: len(signal) // size * size].reshape(-1, size)
    expected = [np.mean(np.abs(row[~np.isnan(row)]) ** 2) if not np.isnan(row).all() else np.nan for row in rows]
    np.testing.assert_allclose(blocks.take(), expected, rtol=1e-12)
    assert len(blocks.take()) == 0


def test_infinite_and_strided():
    blocks = Blocks(2)
    blocks.add(np.array([1.0, 9.0, np.inf, 9.0, np.nan, 9.0, 3.0, 9.0])[::2])
    assert blocks.take() == pytest.approx([np.inf, 9.0])
