"""What an iteration in blocks costs: measured, as a model, and simulated for clusters that we have
not got (docs/scaling.md)."""
