"""A3C-Kitchensink: asynchronous advantage actor-critic over the joint spaces (App. C.1)."""
