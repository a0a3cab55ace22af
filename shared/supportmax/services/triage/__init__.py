"""Triage in numbers: the examples in memory, the local fit, the regression head, and how good they are together."""
