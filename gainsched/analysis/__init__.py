"""What a gain will do: margins, bounds, steady state, learning curves, verdicts."""

from gainsched.analysis.analyze import analyze
from gainsched.analysis.approximation import Rate, RobbinsMonro, chung_rate, remaining_start, robbins_monro
from gainsched.analysis.averaging import averaged_covariance
from gainsched.analysis.bound import Bound
from gainsched.analysis.descent import DescentReport
from gainsched.analysis.energy import energy_gain
from gainsched.analysis.fit import fit_percent
from gainsched.analysis.margins import Margins, margins
from gainsched.analysis.report import Report
from gainsched.analysis.tracking import Tracking, kalman_equivalent, kalman_gain, tracking

__all__ = [
    "Bound", "DescentReport", "Margins", "Rate", "Report", "RobbinsMonro", "Tracking", "analyze",
    "averaged_covariance", "chung_rate", "energy_gain", "fit_percent", "kalman_equivalent", "kalman_gain", "margins",
    "remaining_start", "robbins_monro", "tracking",
]
