"""TRPO-Kitchensink: trust region policy optimisation over the joint spaces (App. C.1)."""
