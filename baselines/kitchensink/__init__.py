"""What A3C-Kitchensink and TRPO-Kitchensink share (App. C.1)."""
