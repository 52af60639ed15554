"""Seconds of an iteration in blocks, in closed form, and what limits them.

Assumptions:

1. Workers are alike, one block at a time each, and none is lost.
2. All blocks of an iteration take the same time. The coordinator has one queue, and who is free
   takes the next block.
3. A worker that gets a block first computes τ^θ, once in an iteration, all at the same time. The
   chief works on τ^θ itself meanwhile, on a core of its own.
4. A round of `again` (a product of the conjugate gradient, a trial of the line search) asks each
   worker once. It lasts as long as the worker that holds most. Where the trust region is that of
   τ^θ alone, a product is the chief's own and asks nobody.
5. Each call costs the chief the same time and the bytes of its messages, one call after another:
   one process of Python, one connection to the network. Of the calls for blocks only one for each
   block of a worker delays the end, unless there are so many that the chief is never free.
6. The chief's own work follows from the settings alone, but for adding up the blocks' parts.

`simulation` does without 1, 2 and the second half of 5.
"""

import math
from typing import NamedTuple


class Block(NamedTuple):
    """Seconds of a worker for one key: roll_out, of τ^θ or of the worlds of Eq. 8, adaptation
    included; gradient; value: one trial of the line search; product: one of conjugate gradient."""

    roll_out: float
    gradient: float
    value: float = 0.0
    product: float = 0.0


class Load(NamedTuple):
    """An iteration.

    blocks: their number; block, shared: each of them, and τ^θ; values, products: rounds of the
    trust region, 0 with reinforce; theta: bytes of all θ; chief: its own seconds, and add: those
    for the part of one block; again_bytes: of a key in a call of `again`, which names all keys;
    returned: what a block gives back for a gradient and for a product, in bytes.
    """

    blocks: int
    block: Block
    shared: Block
    values: int = 0
    products: int = 0
    theta: float = 0.0
    chief: float = 0.0
    add: float = 0.0
    again_bytes: float = 0.0
    returned: tuple[float, float] = (0.0, 0.0)


class Wires(NamedTuple):
    """call: seconds of the chief for one call; second_per_byte: of the chief and its connection,
    for what goes out and what comes back; latency: one way, in seconds."""

    call: float = 0.0
    second_per_byte: float = 0.0
    latency: float = 0.0


class Seconds(NamedTuple):
    """gradient: the first round; trust_region: all others; chief: its own; they add up."""

    gradient: float
    trust_region: float
    chief: float

    @property
    def total(self) -> float:
        """Of the iteration."""
        return sum(self)


def call_seconds(load: Load, wires: Wires, method: str) -> float:
    """Of the chief for one call of "gradient", "value" or "product"; of `again` without what the
    keys give back, which `answer_seconds` has."""
    sent = load.theta
    returned = load.returned[0] if method == "gradient" else 0.0
    if method != "gradient":
        sent += load.theta + load.again_bytes * load.blocks
    return wires.call + wires.second_per_byte * (sent + returned)


def seconds(load: Load, wires: Wires, workers: int) -> Seconds:
    """Of an iteration, see the assumptions above."""
    shared, block = load.shared, load.block
    most = math.ceil(load.blocks / workers)  # blocks of one worker
    call = call_seconds(load, wires, "gradient")
    each = block.roll_out + block.gradient + call + 2 * wires.latency
    gradient = max(
        shared.roll_out + most * each,
        load.blocks * call,
        shared.roll_out + shared.gradient,
    )
    trust_region = 0.0
    for method, rounds in (("value", load.values), ("product", load.products)):
        asked = _asked(load, wires, method, workers, most * getattr(block, method))
        trust_region += rounds * max(asked, getattr(shared, method))
    return Seconds(gradient, trust_region, load.chief + load.add * load.blocks)


def _asked(load: Load, wires: Wires, method: str, workers: int, work: float) -> float:
    """Seconds of a round of `again` in which the busiest worker works for so long."""
    if not work:
        return 0.0
    answers = 0.0
    if method == "product":
        answers = wires.second_per_byte * load.returned[1] * load.blocks
    return work + workers * call_seconds(load, wires, method) + answers + 2 * wires.latency


def alone(load: Load) -> float:
    """Seconds of one process that does all the work itself."""
    parts = [(load.block, load.blocks), (load.shared, 1)]
    work = sum(
        times * (b.roll_out + b.gradient + load.values * b.value + load.products * b.product)
        for b, times in parts
    )
    return work + load.chief + load.add * load.blocks


def limit(load: Load, wires: Wires) -> float:
    """The least seconds of an iteration, whatever the number of workers: as in Amdahl's law, what
    cannot be shared out.

    A block is not split, τ^θ comes before it, and every call goes through the chief.
    """
    shared, block = load.shared, load.block
    longest = shared.roll_out + max(shared.gradient, block.roll_out + block.gradient)
    total = max(longest, load.blocks * call_seconds(load, wires, "gradient"))
    total += load.chief + load.add * load.blocks
    total += load.values * max(shared.value, block.value)
    return total + load.products * max(shared.product, block.product)


def best_workers(load: Load, wires: Wires) -> float:
    """The number of workers at which the trust region's calls cost as much as its work, and more
    than so many make an iteration longer: B / W + C W is least at √(B / C); infinite without C."""
    block = load.block
    shared_out = load.blocks * (
        block.roll_out + block.gradient + load.values * block.value + load.products * block.product
    )
    calls = sum(
        rounds * call_seconds(load, wires, method)
        for method, rounds in (("value", load.values), ("product", load.products))
        if getattr(block, method)
    )
    return math.sqrt(shared_out / calls) if calls else math.inf
