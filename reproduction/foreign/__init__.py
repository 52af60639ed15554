"""DiMA-PG in six environments that others wrote, beside random play."""
