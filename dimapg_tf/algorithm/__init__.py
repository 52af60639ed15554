"""Section 4 of the paper, one equation a file; `dimapg` is Algorithm 1."""
