"""Rollouts: how episodes of any environment are played and recorded."""
