"""The matrix products of a policy: which ones an iteration needs, and how fast they are alone."""

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow.python.framework import op_callbacks

from benchmarks.peers.sides.serving import rate, several

KINDS = ("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
LARGE = 5e7  # operations from which on the call of a program is no part of its time
REPEATED = 50  # times within a program where a product is smaller


class Product(NamedTuple):
    """One shape of product: those of both factors as they are stored, and whether turned."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    turn_left: bool
    turn_right: bool

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Rows, inner length, columns."""
        rows, inner = self.left[-2:][:: -1 if self.turn_left else 1]
        return rows, inner, self.right[-2 if self.turn_right else -1]

    @property
    def operations(self) -> int:
        """Floating-point operations: a multiplication and an addition are two."""
        return 2 * math.prod(self.left[:-2]) * math.prod(self.sizes)

    def of_layer(self, layers: list[tuple[int, int]]) -> bool:
        """Whether it is one of a layer's weights, or of their gradients."""
        sizes = Counter(self.sizes)
        return any(not Counter(layer) - sizes for layer in layers)


@contextlib.contextmanager
def counted() -> Iterator[Counter]:
    """All products of this thread within the block, which must not run compiled."""
    found: Counter = Counter()

    def note(kind: Any, inputs, attributes, outputs, op_name=None, graph=None):
        kind = kind.decode() if isinstance(kind, bytes) else kind
        if kind in KINDS:
            named = dict(zip(attributes[::2], attributes[1::2]))
            turned = [
                bool(named.get(f"transpose_{side}") or named.get(f"adj_{other}"))
                for side, other in (("a", "x"), ("b", "y"))
            ]
            found[Product(*(tuple(v.shape.as_list()) for v in inputs), *turned)] += 1

    eagerly = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    op_callbacks.add_op_callback(note)
    try:
        yield found
    finally:
        op_callbacks.remove_op_callback(note)
        tf.config.run_functions_eagerly(eagerly)


def operations_per_second(product: Product, seconds: float) -> float:
    """How fast this product is by itself, compiled: one at a time or two at once."""
    work = _repeated(product)
    work()
    return max(rate(several(work, threads), seconds) for threads in (1, 2))


def _repeated(product: Product) -> Callable[[], int]:
    """One program; returns the operations that it takes."""
    times = 1 if product.operations >= LARGE else REPEATED
    left = tf.random.stateless_uniform(product.left, [1, 2])
    right = tf.random.stateless_uniform(product.right, [3, 4])
    turn_left = math.prod(product.left) < math.prod(product.right)

    def multiply(left, right):
        # Attributes of the operation as it was seen, so that layouts are the same.
        return tf.matmul(left, right, transpose_a=product.turn_left, transpose_b=product.turn_right)

    @tf.function(jit_compile=True, autograph=False)
    def program(left, right):
        if times == 1:
            return multiply(left, right)

        def again(i, left, right, result):
            # The smaller factor depends on the result before, so that nothing is moved out.
            nudge = 1e-30 * tf.reshape(result, [-1])[0]
            left, right = (left + nudge, right) if turn_left else (left, right + nudge)
            return i + 1, left, right, multiply(left, right)

        first = tf.zeros_like(multiply(left, right))
        return tf.while_loop(
            lambda i, *_: i < times, again, (0, left, right, first), maximum_iterations=times
        )[-1]

    def work() -> int:
        program(left, right).numpy()
        return times * product.operations

    return work
