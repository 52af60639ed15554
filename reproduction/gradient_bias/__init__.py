"""Exact arithmetic on teams so small that every trajectory can be enumerated."""
