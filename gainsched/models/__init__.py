"""Model structures: what the weights of a filter multiply."""

from gainsched.models.arx import ARX
from gainsched.models.base import Structure
from gainsched.models.fir import FIR

__all__ = ["ARX", "FIR", "Structure"]
