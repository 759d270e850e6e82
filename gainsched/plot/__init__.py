"""Pictures of runs, reports and schedules: every function takes one and returns matplotlib Axes."""

from gainsched.plot.bode import bode
from gainsched.plot.descent import descent
from gainsched.plot.ensemble import mean_curve
from gainsched.plot.gain import gain, schedule
from gainsched.plot.learning import learning_curve
from gainsched.plot.locus import root_locus
from gainsched.plot.loop import nyquist
from gainsched.plot.overlaid import learning_curves
from gainsched.plot.ranged import range_test
from gainsched.plot.step import step
from gainsched.plot.weights import weights

__all__ = [
    "bode", "descent", "gain", "learning_curve", "learning_curves", "mean_curve", "nyquist", "range_test", "root_locus",
    "schedule", "step", "weights",
]
