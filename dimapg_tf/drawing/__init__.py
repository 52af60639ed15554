"""Pictures of what was recorded. Knows no environments, no policies, no run directories."""
