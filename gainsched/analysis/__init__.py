"""What a gain will do: margins, bounds, steady state, learning curves, verdicts."""

from gainsched.analysis.analyze import analyze
from gainsched.analysis.bound import Bound
from gainsched.analysis.certificate import Certificate
from gainsched.analysis.certify import certify
from gainsched.analysis.descent import DescentReport
from gainsched.analysis.fit import fit_percent
from gainsched.analysis.margins import Margins, margins
from gainsched.analysis.report import Report
from gainsched.analysis.switching import certify_switching

__all__ = [
    "Bound", "Certificate", "DescentReport", "Margins", "Report", "analyze", "certify", "certify_switching",
    "fit_percent", "margins",
]
