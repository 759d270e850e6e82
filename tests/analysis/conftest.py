"""A generator per test, seeded: nothing here is random by default."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(2026)
