"""Survival with many agents on MAgent2 (paper 5.1, 5.4, App. C.3)."""
