"""What all laws with one gain per weight share on LMS: the limits, and the saturation of the sample's step."""

from __future__ import annotations

import numpy as np


def bounded(law, wanted, before):
    """Within [low, high], then within rate_limit of the gains before."""
    wanted = np.clip(wanted, law.low, law.high)
    return np.clip(wanted, before - law.rate_limit, before + law.rate_limit)


def saturated(law, mu, direction, u, e):
    """(gains, what is left of them): the step sum_i mu_i direction_i u_i may take 2 |e| off the error, no more."""
    step = np.abs(np.sum(mu * direction * u))
    if not law.saturate or step <= 2.0 * np.abs(e):
        return mu, 1.0
    cut = 2.0 * np.abs(e) / step
    return mu * cut, cut


def stepped(law, grow, direction, u, e):
    """grow(1), or grow(f) where saturation would leave only the part f of gains grown by the whole step."""
    _, part = saturated(law, np.clip(grow(1.0), law.low, law.high), direction, u, e)
    return grow(part)
