"""The mean of the iterates w_{k+1} of samples k >= start that updated; before the first of them, w itself.

With a finite memory M the mean of the first M iterates, and from then on average <- average + (w - average) / M.

B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30,
1992, eq. (3).
"""

from __future__ import annotations

import numpy as np


def make(compensator):
    """(state, step) of one specification."""
    def state(w):
        return {"kept": [], "average": w}

    def step(state, w, Delta, mu, beta, k):
        after = w + Delta
        if k < compensator.start:
            state["average"] = after
        elif len(state["kept"]) < compensator.memory:
            state["kept"].append(after)
            state["average"] = np.sum(state["kept"], axis=0) / len(state["kept"])
        else:
            state["average"] = state["average"] + (after - state["average"]) / compensator.memory
        return after

    return state, step
