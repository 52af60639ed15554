"""A program's name is the same, whatever was computed before it."""

import zlib

import tensorflow as tf

from dimapg_tf.experiment import program_names


def name_of_a_traced_loop(eager_operations):
    """Of the function and of its loop's body, without where the block begins."""
    program_names.begin()
    start = program_names.numbers.last
    for _ in range(eager_operations):
        tf.zeros([2]) + 1.0

    @tf.function(autograph=False)
    def double(x):
        return tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, 2.0 * y), (0, x))[1]

    graph = double.get_concrete_function(tf.TensorSpec([2])).graph
    names = [double.get_concrete_function(tf.TensorSpec([2])).name.decode()]
    names += [f.signature.name for f in graph.as_graph_def().library.function]
    assert all(int(name.rsplit("_", 1)[1]) > start for name in names)
    return sorted(f"{n.rsplit('_', 1)[0]} {int(n.rsplit('_', 1)[1]) - start}" for n in names)


def test_names_do_not_depend_on_eager_operations():
    names = name_of_a_traced_loop(0)
    assert len(names) == 3
    assert name_of_a_traced_loop(7) == names
    assert name_of_a_traced_loop(7) == names


def test_a_block_can_be_named():
    program_names.begin(10**9)
    first = program_names.numbers()
    program_names.begin()
    assert program_names.numbers() - first == program_names.BLOCK


def test_a_key_has_numbers_of_its_own_whatever_came_before():
    program_names.begin()
    outside = program_names.numbers()
    seen = {"a": [], "b": []}
    for key in "abba":
        with program_names.within(f"{key} of this test"):
            seen[key].append(program_names.numbers())
        outside += 1
        assert program_names.numbers() == outside
    for key, (first, second) in seen.items():
        block = program_names.KEYED + zlib.crc32(f"{key} of this test".encode())
        assert (first, second) == (program_names.BLOCK * block + 1, program_names.BLOCK * block + 2)
