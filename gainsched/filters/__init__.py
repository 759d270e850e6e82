"""Filters: update rules over a model structure. One line per algorithm."""

from gainsched.filters.apa import APA
from gainsched.filters.base import Filter
from gainsched.filters.block import BlockLMS
from gainsched.filters.delayed import DelayedLMS
from gainsched.filters.fxlms import FxLMS
from gainsched.filters.leaky import LeakyLMS
from gainsched.filters.lmf import LMF
from gainsched.filters.lms import LMS
from gainsched.filters.mit import MITRule
from gainsched.filters.nlms import NLMS
from gainsched.filters.rls import RLS
from gainsched.filters.sign import SignDataLMS, SignErrorLMS, SignSignLMS

__all__ = [
    "APA", "LMF", "LMS", "NLMS", "RLS", "BlockLMS", "DelayedLMS", "Filter", "FxLMS", "LeakyLMS", "MITRule",
    "SignDataLMS", "SignErrorLMS", "SignSignLMS",
]
