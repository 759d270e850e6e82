"""Pictures of runs, reports and schedules: every function takes one and returns matplotlib Axes."""

from gainsched.plot.descent import descent
from gainsched.plot.gain import gain, schedule
from gainsched.plot.learning import learning_curve
from gainsched.plot.loop import nyquist
from gainsched.plot.ranged import range_test
from gainsched.plot.weights import weights

__all__ = ["descent", "gain", "learning_curve", "nyquist", "range_test", "schedule", "weights"]
