"""Gradient descent on any objective, in the loop of the adaptive filters: the same gains, compensators and laws."""

from gainsched.descent.descent import Descent
from gainsched.descent.trace import DescentRun

__all__ = ["Descent", "DescentRun"]
