"""What a gain will do: margins, bounds, steady state, learning curves, verdicts."""

from gainsched.analysis.agreement import Agreement
from gainsched.analysis.analyze import analyze
from gainsched.analysis.approximation import Rate, RobbinsMonro, chung_rate, remaining_start, robbins_monro
from gainsched.analysis.averaging import averaged_covariance
from gainsched.analysis.bound import Bound
from gainsched.analysis.certificate import Certificate
from gainsched.analysis.certify import certify
from gainsched.analysis.circle import CircleCriterion, Spr, circle_criterion, is_spr
from gainsched.analysis.delayline import DelayLine, SteadyState
from gainsched.analysis.descent import DescentReport
from gainsched.analysis.describing import LimitCycle, limit_cycles
from gainsched.analysis.empirical import Measured
from gainsched.analysis.energy import energy_gain
from gainsched.analysis.event import Event
from gainsched.analysis.fit import fit_percent
from gainsched.analysis.iqc import convergence_rate
from gainsched.analysis.margins import Margins, margins
from gainsched.analysis.monitor import Monitor
from gainsched.analysis.rangetest import RangeTest, range_test
from gainsched.analysis.report import Report
from gainsched.analysis.switching import certify_switching
from gainsched.analysis.tracking import Tracking, kalman_equivalent, kalman_gain, tracking
from gainsched.analysis.worstcase import WorstCase, worst_case

__all__ = [
    "Agreement", "Bound", "Certificate", "CircleCriterion", "DelayLine", "DescentReport", "Event", "LimitCycle",
    "Margins", "Measured", "Monitor", "RangeTest", "Rate", "Report", "RobbinsMonro", "Spr", "SteadyState",
    "Tracking", "WorstCase", "analyze", "averaged_covariance", "certify", "certify_switching", "chung_rate",
    "circle_criterion", "convergence_rate", "energy_gain", "fit_percent", "is_spr", "kalman_equivalent",
    "kalman_gain", "limit_cycles", "margins", "range_test", "remaining_start", "robbins_monro", "tracking",
    "worst_case",
]
