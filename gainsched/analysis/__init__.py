"""What a gain will do: margins, bounds, steady state, learning curves, verdicts."""

from gainsched.analysis.analyze import analyze
from gainsched.analysis.bound import Bound
from gainsched.analysis.descent import DescentReport
from gainsched.analysis.empirical import Measured
from gainsched.analysis.fit import fit_percent
from gainsched.analysis.margins import Margins, margins
from gainsched.analysis.monitor import Event, Monitor
from gainsched.analysis.rangetest import RangeTest, range_test
from gainsched.analysis.report import Report

__all__ = ["Bound", "DescentReport", "Event", "Margins", "Measured", "Monitor", "RangeTest", "Report",
           "analyze", "fit_percent", "margins", "range_test"]
