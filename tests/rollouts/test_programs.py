"""Programs found once: the same results, and no trace more."""

import numpy as np
import tensorflow as tf

from dimapg_tf.rollouts.programs import program_of


def test_a_program_gives_what_its_function_gives_without_another_trace():
    traces = []

    @tf.function
    def scaled(factor: float, values: dict, nothing: None):
        traces.append(factor)
        return {name: factor * value for name, value in values.items()}, nothing

    program = program_of(scaled, 3.0, {"a": tf.zeros(2)}, None)
    for number in (1.0, 2.0):
        result, nothing = program(3.0, {"a": np.full(2, number, np.float32)}, None)
        np.testing.assert_array_equal(result["a"], [3 * number] * 2)
        assert nothing is None
    scaled(3.0, {"a": tf.ones(2)}, None)
    assert traces == [3.0]


def test_a_plain_function_is_its_own_program():
    assert program_of(sorted, [2, 1]) is sorted
