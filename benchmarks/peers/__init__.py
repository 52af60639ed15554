"""DiMA-PG beside its peers, all measured in one run; see `benchmarks/peers/__main__.py`."""
