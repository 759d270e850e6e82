"""Theory tests."""
