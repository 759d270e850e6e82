"""The operating point that theory works at: second-order statistics of regressor, noise and drift."""

from gainsched.excitation.moments import Moments, linear_moments, normalized_moments
from gainsched.excitation.statistics import Excitation

__all__ = ["Excitation", "Moments", "linear_moments", "normalized_moments"]
