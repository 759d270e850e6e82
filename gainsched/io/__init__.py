"""Recordings from files: one reader per format behind `read`."""

from gainsched.io.signals import Signals, read

__all__ = ["Signals", "read"]
