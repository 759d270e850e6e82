"""A cycle far below the limit that diverges with momentum, one far above it that converges without; and why."""

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs
from gainsched.analysis.modal import Modal

BETA, STEPS = 0.9, 480
slow = np.array([0.01] * 10 + [0.1] * 6)                    # the limit is 3.8
long = gs.Chebyshev(1.0, 10.0, 4)(np.arange(4))             # the limit is .2, the largest step .745


def error(gains, mode, compensator=None):
    """abs(weight error) of a quadratic of this curvature, sample by sample."""
    descent = gs.Descent(lambda w: mode * w, np.array([1.0]), gain=np.resize(gains, STEPS), compensator=compensator,
                         on_divergence="stop")
    return np.abs([1.0, *(float(descent.run(1).w[0]) for _ in range(STEPS))])


fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3))
left.semilogy(error(slow, 1.0, gs.HeavyBall(BETA)) + 1e-30, "C3", lw=0.9,
              label="momentum .9, gains .01 and .1, limit 3.8")
left.semilogy(error(long, 10.0) + 1e-30, "C0", lw=0.9, label="no momentum, gains up to .745, limit .2")
left.set(xlabel="sample", ylabel="weight error", ylim=(1e-30, 1e6))
left.legend(fontsize=7.5)

factors = np.geomspace(0.02, 60.0, 3000)
momentum = gs.HeavyBall(BETA)
cycle = Modal.of(slow, np.full(len(slow), BETA), momentum)
right.semilogx(factors, np.exp(cycle.growth(factors)), "C3", lw=0.9, label="the cycle of .01 and .1")
for gain, style in ((0.01, ":"), (0.1, "--")):
    frozen = Modal.of(np.array([gain]), np.array([BETA]), momentum)
    right.semilogx(factors, np.exp(frozen.growth(factors)), "0.4", lw=0.9, ls=style, label=f"held at {gain:g}")
right.axhline(1.0, color="k", lw=0.6)
safe = gs.certify(slow, modes=(1.0, 1.0), compensator=momentum).scale
right.axvspan(factors[0], safe, color="C2", alpha=0.12, lw=0, label="proven stable")
right.set(xlabel="factor on the gain", ylabel="growth per sample", ylim=(0.9, 1.25), xlim=(factors[0], factors[-1]))
right.legend(fontsize=7.5, loc="upper left")
