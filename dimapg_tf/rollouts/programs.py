"""Programs that are called many times with the same shapes, found once."""

from collections.abc import Callable
from typing import Any


def program_of(function: Callable, *example: Any) -> Callable:
    """What runs `function` on arguments of these shapes, without the search for its trace.

    A `tf.function` looks at the types of all its arguments in every call, which for the small
    networks of a match costs more than the arithmetic. What is not a `tf.function` is returned.
    """
    trace = getattr(function, "get_concrete_function", None)
    return function if trace is None else trace(*example)
