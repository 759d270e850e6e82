"""What every scalar law shares on LMS: clip to [low, high], then the rate limit, then mu |u|^2 <= 2; what is left is
the gain in force, from which the next one is computed (anti-windup)."""

from __future__ import annotations

import numpy as np


def limited(law, wanted, before):
    """The gain a law wants, within [low, high] and within rate_limit of the one before."""
    return np.clip(np.clip(wanted, law.low, law.high), before - law.rate_limit, before + law.rate_limit)


def saturated(law, mu, power):
    """A step may not carry the error past its negative."""
    return 2.0 / power if law.saturate and mu * power > 2.0 else mu
