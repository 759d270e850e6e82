"""What a gain will do: margins, bounds, steady state, learning curves, verdicts."""

from gainsched.analysis.analyze import analyze
from gainsched.analysis.bound import Bound
from gainsched.analysis.certificate import Certificate
from gainsched.analysis.certify import certify
from gainsched.analysis.circle import CircleCriterion, Spr, circle_criterion, is_spr
from gainsched.analysis.descent import DescentReport
from gainsched.analysis.describing import LimitCycle, limit_cycles
from gainsched.analysis.fit import fit_percent
from gainsched.analysis.iqc import convergence_rate
from gainsched.analysis.margins import Margins, margins
from gainsched.analysis.report import Report
from gainsched.analysis.switching import certify_switching

__all__ = [
    "Bound", "Certificate", "CircleCriterion", "DescentReport", "LimitCycle", "Margins", "Report", "Spr", "analyze",
    "certify", "certify_switching", "circle_criterion", "convergence_rate", "fit_percent", "is_spr", "limit_cycles",
    "margins",
]
