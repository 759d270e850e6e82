"""What every test leaves behind: nothing."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    """Pyplot warns of more than twenty open figures, in whichever test opens the next one."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
