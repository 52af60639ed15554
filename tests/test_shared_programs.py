"""The tests' own sharing of compiled programs: equal functions have one, others never."""

import numpy as np
import pytest
import tensorflow as tf


class Learner:
    """Compiled steps of a state that is a variable, with a loop and a gradient."""

    def __init__(self, start, factor, steps=3):
        self.state = tf.Variable(start)
        self.factor, self.steps = factor, steps
        self.step = tf.function(self._step, jit_compile=True, autograph=False)

    def _step(self, x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.while_loop(
                lambda i, _: i < self.steps,
                lambda i, y: (i + 1, self.factor * tf.tanh(y * self.state)),
                (0, x),
                maximum_iterations=self.steps,
            )[1]
        self.state.assign_add(tape.gradient(value, x))
        return value

    def expected(self, x):
        """What a step adds to the state, and what it returns, by hand."""
        state, gradient = self.state.numpy(), 1.0
        for _ in range(self.steps):
            y = np.tanh(x * state)
            x, gradient = self.factor * y, gradient * self.factor * state * (1.0 - y**2)
        return x, state + gradient

    def name(self):
        """Of the program."""
        return self.step.get_concrete_function(tf.TensorSpec([], tf.float64)).name


def taught(learner):
    """Its program's name after it has been seen to compute what it must."""
    for x in (0.3, -0.8):
        expected = learner.expected(x)
        value = learner.step(tf.constant(x, tf.float64))
        np.testing.assert_allclose((value, learner.state), expected, rtol=1e-12)
    return learner.name()


def test_learners_of_equal_settings_have_one_program_and_states_of_their_own():
    first = Learner(np.float64(0.5), 1.5)
    name = taught(first)
    before = first.state.numpy()
    second = Learner(np.float64(-0.25), 1.5)
    assert taught(second) == name
    assert first.state.numpy() == before
    del first
    assert taught(Learner(np.float64(2.0), 1.5)) == name


@pytest.mark.parametrize("changes", [{"factor": 1.25}, {"steps": 4}])
def test_learners_of_other_settings_have_programs_of_their_own(changes):
    """The settings are constants within the loop, which is a function of its own."""
    names = [taught(Learner(np.float64(0.5), **({"factor": 1.5} | c))) for c in ({}, changes)]
    assert len(set(names)) == 2


def test_operands_in_another_order_are_another_program():
    names = {
        tf.function(function, jit_compile=True, autograph=False)
        .get_concrete_function(tf.TensorSpec([2]), tf.TensorSpec([2]))
        .name
        for function in (lambda x, y: x - y, lambda x, y: y - x, lambda x, y: x - y)
    }
    assert len(names) == 2
