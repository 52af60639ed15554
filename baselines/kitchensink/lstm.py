"""An LSTM over time and its derivatives in both directions, written out.

Differentiated by TensorFlow's tape, a loop over time adds a whole [T, B, 4 H] of zeros but for one
step, and a whole [H, 4 H], in every step. Written out, a step of the way back is one matrix product
[B, 4 H] x [4 H, H], and the weights' gradient is one product over all steps afterwards.

Shapes: gates [T, B, 4 H] in the order input, candidate, forget, output, before their
nonlinearities; from_memory [H, 4 H], the weights of the output of the step before.
"""

from typing import NamedTuple

import tensorflow as tf


class Memory(NamedTuple):
    """What the LSTM carries from step to step: cell and output [B, H]."""

    cell: tf.Tensor
    output: tf.Tensor


class Path(NamedTuple):
    """What the LSTM went through.

    gates [T, B, 4 H], with the memory's part; cells and outputs [T, B, H]; before: Memory.
    """

    gates: tf.Tensor
    cells: tf.Tensor
    outputs: tf.Tensor
    before: Memory


class Slopes(NamedTuple):
    """The derivatives of every step; a dot stands for a change, a product is element by element.

    cell_t' = keep_t cell_{t-1}' + the sum of gates_t' by_gate_t of input, candidate and forget
    output_t' = by_cell_t cell_t' + gates_t' by_gate_t of the output

    keep, by_cell [T, B, H]; by_gate [T, B, 4 H].
    """

    keep: tf.Tensor
    by_cell: tf.Tensor
    by_gate: tf.Tensor


def step(gates: tf.Tensor, memory: Memory) -> Memory:
    """One step, from its gates [B, 4 H]."""
    write, candidate, keep, show = tf.split(gates, 4, axis=-1)
    cell = tf.sigmoid(keep) * memory.cell + tf.sigmoid(write) * tf.tanh(candidate)
    return Memory(cell, tf.sigmoid(show) * tf.tanh(cell))


def run(from_inputs: tf.Tensor, from_memory: tf.Tensor, before: Memory) -> Path:
    """All steps, from the inputs' part of the gates [T, B, 4 H]."""
    steps = from_inputs.shape[0]
    hidden = before.cell.shape

    def body(t, memory, path):
        gates = from_inputs[t] + tf.matmul(memory.output, from_memory)
        memory = step(gates, memory)
        return t + 1, memory, [b.write(t, v) for b, v in zip(path, (gates, *memory))]

    path = [_buffer(from_inputs, shape) for shape in (from_inputs.shape[1:], hidden, hidden)]
    *_, path = tf.while_loop(
        lambda t, *_: t < steps, body, (0, before, path), maximum_iterations=steps
    )
    return Path(*(b.stack() for b in path), before)


def slopes_of(path: Path) -> Slopes:
    """The derivatives along the way."""
    write, candidate, keep, show = tf.split(path.gates, 4, axis=-1)
    write, keep, show = tf.sigmoid(write), tf.sigmoid(keep), tf.sigmoid(show)
    candidate, seen = tf.tanh(candidate), tf.tanh(path.cells)
    by_gate = (
        candidate * write * (1.0 - write),
        write * (1.0 - candidate * candidate),
        _earlier(path.before.cell, path.cells) * keep * (1.0 - keep),
        seen * show * (1.0 - show),
    )
    return Slopes(keep, show * (1.0 - seen * seen), tf.concat(by_gate, axis=-1))


def forward(
    slopes: Slopes,
    path: Path,
    from_memory: tf.Tensor,
    from_inputs_dot: tf.Tensor,
    from_memory_dot: tf.Tensor,
) -> tf.Tensor:
    """The change of the outputs [T, B, H] with the inputs' part of the gates and the weights.

    The memory before the first step does not change.
    """
    steps = slopes.keep.shape[0]
    earlier = _earlier(path.before.output, path.outputs)
    gates_dot = from_inputs_dot + _all_steps(earlier, from_memory_dot)

    def body(t, cell_dot, output_dot, buffer):
        gates = gates_dot[t] + tf.matmul(output_dot, from_memory)
        *to_cell, to_output = tf.split(slopes.by_gate[t] * gates, 4, axis=-1)
        cell_dot = slopes.keep[t] * cell_dot + tf.add_n(to_cell)
        output_dot = slopes.by_cell[t] * cell_dot + to_output
        return t + 1, cell_dot, output_dot, buffer.write(t, output_dot)

    blank = tf.zeros_like(path.before.cell)
    buffer = _buffer(blank, blank.shape, steps)
    *_, buffer = tf.while_loop(
        lambda t, *_: t < steps, body, (0, blank, blank, buffer), maximum_iterations=steps
    )
    return buffer.stack()


def backward(
    slopes: Slopes, from_memory: tf.Tensor, outputs_bar: tf.Tensor, cell_bar: tf.Tensor
) -> tuple[tf.Tensor, Memory]:
    """The transpose of `forward`.

    Args:
      outputs_bar [T, B, H], cell_bar [B, H]: gradients by the outputs and by the last cell.

    Returns:
      Gradients by the gates [T, B, 4 H] and by the memory before the first step.
    """
    steps = slopes.keep.shape[0]

    def body(t, cell_bar, from_later, buffer):
        output_bar = outputs_bar[t] + from_later
        cell_bar = cell_bar + slopes.by_cell[t] * output_bar
        gates_bar = slopes.by_gate[t] * tf.concat([cell_bar] * 3 + [output_bar], axis=-1)
        from_later = tf.matmul(gates_bar, from_memory, transpose_b=True)
        return t - 1, slopes.keep[t] * cell_bar, from_later, buffer.write(t, gates_bar)

    buffer = _buffer(cell_bar, slopes.by_gate.shape[1:], steps)
    _, cell_bar, output_bar, buffer = tf.while_loop(
        lambda t, *_: t >= 0,
        body,
        (steps - 1, cell_bar, tf.zeros_like(cell_bar), buffer),
        maximum_iterations=steps,
    )
    return buffer.stack(), Memory(cell_bar, output_bar)


@tf.custom_gradient
def unroll(
    from_inputs: tf.Tensor, from_memory: tf.Tensor, cell: tf.Tensor, output: tf.Tensor
) -> tuple:
    """`run`, returning (outputs [T, B, H], the last cell [B, H]), with `backward` for the tape."""
    path = run(from_inputs, from_memory, Memory(cell, output))

    def gradient(outputs_bar, cell_bar):
        gates_bar, before_bar = backward(slopes_of(path), from_memory, outputs_bar, cell_bar)
        return gates_bar, weights_bar(path, gates_bar), *before_bar

    return (path.outputs, path.cells[-1]), gradient


def weights_bar(path: Path, gates_bar: tf.Tensor) -> tf.Tensor:
    """The gradient of the memory's weights [H, 4 H], of that by the gates [T, B, 4 H]."""
    earlier = _earlier(path.before.output, path.outputs)
    return tf.matmul(_rows(earlier), _rows(gates_bar), transpose_a=True)


def _earlier(before: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
    """The values of the step before."""
    return tf.concat([before[None], values[:-1]], axis=0)


def _rows(values: tf.Tensor) -> tf.Tensor:
    return tf.reshape(values, [-1, values.shape[-1]])


def _all_steps(values: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """[T, B, H] x [H, D] -> [T, B, D], as one matrix product."""
    return tf.reshape(tf.matmul(_rows(values), weights), [*values.shape[:-1], -1])


def _buffer(like: tf.Tensor, shape: tf.TensorShape, steps: int | None = None) -> tf.TensorArray:
    return tf.TensorArray(like.dtype, steps or like.shape[0], element_shape=shape)
