"""One contender a file, each run in a process of its own; peers by a Python that has them."""
