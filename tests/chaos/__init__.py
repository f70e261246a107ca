"""Faults that really happen, done to a real site while people use it; `make chaos` prints a table."""
