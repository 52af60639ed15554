"""Numbers that fall to a half, again and again."""


def faded(value: float, half_life: int, iteration: int) -> float:
    """The value after so many iterations; half_life 0: it stays."""
    return value * 0.5 ** (iteration / half_life) if half_life else value
